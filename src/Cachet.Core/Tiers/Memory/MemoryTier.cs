using BitFaster.Caching.Lru;

namespace Cachet;

/// <summary>Entries in the process's memory, bounded, those used least recently going first. Its hits hand out the stored objects themselves.</summary>
/// <remarks>Lifetimes are not its business: an expired entry stays until it is replaced, invalidated or pushed out.</remarks>
internal sealed class MemoryTier<TKey, TValue>(int capacity) : ICacheTier<TKey, TValue>, ISynchronousTier<TKey, TValue>
    where TKey : notnull
{
    private volatile FastConcurrentLru<TKey, CacheEntry<TValue>> _entries = Empty(capacity);

    public long? Count => _entries.Count;

    public CacheEntry<TValue>? Find(TKey key) => _entries.TryGet(key, out CacheEntry<TValue>? entry) ? entry : null;

    public ValueTask<CacheEntry<TValue>?> GetAsync(TKey key, CancellationToken cancellationToken) => new(Find(key));

    public ValueTask<InsertOutcome> InsertAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken)
    {
        _entries.AddOrUpdate(key, entry);
        return new(InsertOutcome.Accepted);
    }

    public ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken)
    {
        _entries.TryRemove(key);
        return default;
    }

    public ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        // The library's own Clear spares entries that are read meanwhile. An insert into the old one overlaps the clear: it may be lost.
        _entries = Empty(capacity);
        return default;
    }

    public ValueTask<long?> CountAsync(CancellationToken cancellationToken) => new(Count);

    private static FastConcurrentLru<TKey, CacheEntry<TValue>> Empty(int capacity) =>
        new(Environment.ProcessorCount, capacity, EqualityComparer<TKey>.Default);
}
