using Cachet;

namespace CachetTests.Model;

internal enum Verb
{
    Get,
    Contains,
    Count,
    Insert,
    InsertEntry,
    Invalidate,
    Clear,
    GetOrInsert,
    GetOrInsertEntry,
    Advance,
    AdvanceToBoundary,
    SetBack,
}

/// <summary>How a loader of a step ends.</summary>
internal enum Loading
{
    Gives,
    GivesNothing,
    Fails,
}

/// <summary>What goes wrong in a tier's calls during a step.</summary>
internal enum Mishap
{
    FailsBefore,

    /// <summary>The tier does what it was asked, and fails all the same.</summary>
    FailsAfter,

    /// <summary>The tier rejects what it is asked to insert.</summary>
    Rejects,
}

/// <summary>A tier's calls of one kind go wrong.</summary>
internal sealed record Fault(int Tier, CacheOperation Call, Mishap Mishap)
{
    public string Message => $"l{Tier + 1} {TelemetryNames.Of(Call)}";

    public override string ToString() => $"{Message} {Mishap}";
}

/// <summary>What an entry says of itself: a time to live in seconds, −1 for infinite, and when it was cached, in seconds from now.</summary>
internal sealed record Shape(int? TimeToLive, int? CachedAt);

/// <summary>One step of a sequence: an operation under some faults, or a change of the clock.</summary>
/// <param name="Verb">What is done.</param>
/// <param name="Key">To which key.</param>
/// <param name="Shape">Of the entry that is inserted or loaded, where the verb speaks of entries.</param>
/// <param name="Loading">How the loader ends.</param>
/// <param name="Amount">Of time: ticks to advance, or which boundary to advance to, or seconds to set back.</param>
/// <param name="Off">Ticks off the boundary.</param>
/// <param name="Faults">What goes wrong meanwhile.</param>
internal sealed record Step(Verb Verb, int Key, Shape Shape, Loading Loading, long Amount, int Off, Fault[] Faults)
{
    public override string ToString() => Verb switch
    {
        Verb.Clear or Verb.Count => $"{Verb}",
        Verb.Advance => $"{Verb} {TimeSpan.FromTicks(Amount)}",
        Verb.AdvanceToBoundary => $"{Verb} {Amount}{Off:+0;-0;+0}",
        Verb.SetBack => $"{Verb} {Amount} s",
        Verb.InsertEntry => $"{Verb} {Key} {Shape}",
        Verb.GetOrInsert => $"{Verb} {Key} {Loading}",
        Verb.GetOrInsertEntry => $"{Verb} {Key} {Loading} {Shape}",
        _ => $"{Verb} {Key}",
    } + (Faults.Length == 0 ? "" : $" [{string.Join<Fault>(", ", Faults)}]");
}
