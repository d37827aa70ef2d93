using System.Reflection;

namespace CachetTests;

/// <summary>An implementation of an interface: the fixture that runs the interface's suite on it.</summary>
internal sealed class Implementation(Type fixture)
{
    private readonly IReadOnlyList<DeclaredAttribute> _declared = [.. fixture.GetCustomAttributes<DeclaredAttribute>(inherit: true)];

    public Type Fixture => fixture;

    public string Name => fixture.GetCustomAttribute<ImplementationAttribute>()!.Name;

    /// <summary>What it does not have, and how it is told, by the name of the fact.</summary>
    public IReadOnlyList<DeclaredAttribute> Declared => _declared;

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
    public Standing Of(string fact) => _declared.FirstOrDefault(d => d.Fact == fact) is { } declared ? new(declared.Verdict, declared.Why) : Standing.Passes;
}
