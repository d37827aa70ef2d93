namespace CachetTests;

/// <summary>What a fixture says of a fact that does not simply hold there.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public abstract class DeclaredAttribute(string fact, string why) : Attribute
{
    /// <summary>The fact's method.</summary>
    public string Fact => fact;

    /// <summary>What happens instead, or why the fact was left out.</summary>
    public string Why => why;

    internal abstract Verdict Verdict { get; }
}

/// <summary>The implementation does otherwise. The fact is run, and must fail.</summary>
public sealed class DeviatesAttribute(string fact, string why) : DeclaredAttribute(fact, why)
{
    internal override Verdict Verdict => Verdict.Deviates;
}

/// <summary>The implementation has nothing that the fact is about. It is not run.</summary>
public sealed class NotApplicableAttribute(string fact, string why) : DeclaredAttribute(fact, why)
{
    internal override Verdict Verdict => Verdict.NotApplicable;
}

/// <summary>The fact cannot be tried on the implementation. It is not run.</summary>
public sealed class NotRunAttribute(string fact, string why) : DeclaredAttribute(fact, why)
{
    internal override Verdict Verdict => Verdict.NotRun;
}

/// <summary>The implementation declares all that another fixture does, of the facts that both have.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class DeclaredAsAttribute(Type fixture) : Attribute
{
    /// <summary>The other fixture.</summary>
    public Type Fixture => fixture;
}
