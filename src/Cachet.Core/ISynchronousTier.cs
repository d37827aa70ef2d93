namespace Cachet;

/// <summary>What a tier offers beside <see cref="ICacheTier{TKey, TValue}"/> if it can answer without waiting, as memory can.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <remarks>The cache asks such a tier on the caller's own thread and before any coalescing: a hit in a synchronous primary tier completes the
/// call without a lock, a state machine or an allocation. Members must not block. Writes go through <see cref="ICacheTier{TKey, TValue}"/>.</remarks>
public interface ISynchronousTier<TKey, TValue>
    where TKey : notnull
{
    /// <summary>How many entries the tier holds, about; <see langword="null"/> where it cannot tell.</summary>
    long? Count { get; }

    /// <summary>Finds the entry of a key, fresh or not.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The entry, or <see langword="null"/>.</returns>
    CacheEntry<TValue>? Find(TKey key);

    /// <summary>As <see cref="Find"/>, telling a payload that was refused from none. The cache asks this where somebody records the call.</summary>
    /// <param name="key">The key.</param>
    /// <returns>What was found; what <see cref="Find"/> gives, unless the tier says otherwise.</returns>
    TierReadResult<TValue> Read(TKey key) => new() { Entry = Find(key) };
}
