namespace Cachet;

/// <summary>What a lookup, or a lookup and load, came to.</summary>
/// <param name="Entry">The entry, or <see langword="null"/>.</param>
/// <param name="Outcome">The operation's outcome, if it ends here.</param>
/// <param name="ServedBy">The tier that held the entry.</param>
/// <param name="Failure">Every tier that was asked failed: the first one's exception. A get throws it, a get_or_insert loads.</param>
internal readonly record struct Found<TValue>(
    CacheEntry<TValue>? Entry, CacheOutcome Outcome, TierDescriptor? ServedBy = null, Exception? Failure = null)
{
    public static Found<TValue> Nothing => new(null, CacheOutcome.Miss);
}
