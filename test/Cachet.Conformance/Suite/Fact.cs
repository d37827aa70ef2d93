using System.Reflection;

namespace CachetTests;

/// <summary>A fact of an abstract fixture.</summary>
internal sealed record Fact(string Name, FactAttribute Attribute, Type Fixture)
{
    public string Says => Attribute.Says;

    /// <summary>The facts of a fixture, those of the one that it derives from first, in the order of the source.</summary>
    public static IReadOnlyList<Fact> Of(Type fixture) =>
    [
        .. from type in Line(fixture).Reverse()
           from method in type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
           orderby method.MetadataToken
           let attribute = method.GetCustomAttribute<FactAttribute>()
           where attribute is not null
           select new Fact(method.Name, attribute, type),
    ];

    private static IEnumerable<Type> Line(Type? fixture)
    {
        for (; fixture is not null && fixture != typeof(object); fixture = fixture.BaseType) yield return fixture;
    }
}
