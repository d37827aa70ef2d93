namespace Cachet;

/// <summary>What a lookup, or a lookup and load, came to.</summary>
/// <param name="Entry">The entry, or <see langword="null"/>.</param>
/// <param name="Outcome">The operation's outcome, if it ends here.</param>
/// <param name="ServedBy">The tier that held the entry.</param>
/// <param name="Failure">Every tier that was asked failed: the first one's exception. A get throws it, a get_or_insert loads.</param>
internal readonly record struct Found<TValue>(
    CacheEntry<TValue>? Entry, CacheOutcome Outcome, TierDescriptor? ServedBy = null, Exception? Failure = null)
{
    /// <summary>The position of the tier that held the entry.</summary>
    public int Tier { get; init; }

    public static Found<TValue> Nothing => new(null, CacheOutcome.Miss);
}

/// <summary>A fresh entry that is to be renewed, and the position of the tier that served it.</summary>
internal readonly record struct StaleHit<TValue>(CacheEntry<TValue> Entry, int Tier);
