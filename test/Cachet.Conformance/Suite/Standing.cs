namespace CachetTests;

/// <summary>What a fact comes to with an implementation.</summary>
internal enum Verdict
{
    Passes,
    Deviates,
    NotApplicable,
    NotRun,
}

/// <summary>A verdict and, for all but the first, what is to be said of it.</summary>
internal sealed record Standing(Verdict Verdict, string Why)
{
    public static Standing Passes { get; } = new(Verdict.Passes, "");

    public bool IsRun => Verdict is Verdict.Passes or Verdict.Deviates;
}
