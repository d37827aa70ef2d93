using System.Reflection;

namespace CachetTests;

/// <summary>An implementation of an interface: the fixture that runs the interface's suite on it.</summary>
internal sealed class Implementation(Type fixture)
{
    public Type Fixture => fixture;

    public string Name => Attribute.Name;

    /// <summary>The package that it comes in.</summary>
    public string Package => Attribute.Of.Assembly.GetName().Name!;

    /// <summary>The package's version.</summary>
    public string Version => Attribute.Of.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public bool IsCachets => Package.StartsWith("Cachet.", StringComparison.Ordinal);

    /// <summary>What it does not have, and how it is told, by the name of the fact.</summary>
    public IReadOnlyList<DeclaredAttribute> Declared { get; } = [.. DeclaredBy(fixture)];

    private ImplementationAttribute Attribute => fixture.GetCustomAttribute<ImplementationAttribute>()!;

    /// <summary>All implementations that a suite is run on, by name.</summary>
    /// <param name="suite">The abstract fixture.</param>
    public static IReadOnlyList<Implementation> On(Type suite) =>
    [
        .. suite.Assembly.GetTypes()
            .Where(t => !t.IsAbstract && t.IsSubclassOf(suite))
            .Select(static t => new Implementation(t))
            .OrderBy(static i => i.Name, StringComparer.Ordinal),
    ];

    /// <summary>What a fact of its fixture comes to with it.</summary>
    public Standing Of(string fact) =>
        Declared.FirstOrDefault(d => d.Fact == fact) is { } declared ? new(declared.Verdict, declared.Why) : Standing.Passes;

    private static IEnumerable<DeclaredAttribute> DeclaredBy(Type fixture)
    {
        IEnumerable<DeclaredAttribute> own = fixture.GetCustomAttributes<DeclaredAttribute>(inherit: true);
        return fixture.GetCustomAttribute<DeclaredAsAttribute>() is { } other ? DeclaredBy(other.Fixture).Concat(own) : own;
    }
}
