using BitFaster.Caching.Lru;

namespace Cachet;

/// <summary>Entries in the process's memory, bounded, those used least recently going first. Its hits hand out the stored objects themselves.</summary>
/// <remarks>Lifetimes are not its business: an expired entry stays until it is replaced, invalidated or pushed out.</remarks>
internal sealed class MemoryTier<TKey, TValue>(int capacity) : ICacheTier<TKey, TValue>, ISynchronousTier<TKey, TValue>
    where TKey : notnull
{
    private readonly FastConcurrentLru<TKey, CacheEntry<TValue>> _entries =
        new(Environment.ProcessorCount, capacity, EqualityComparer<TKey>.Default);

    public long? Count => _entries.Count;

    public CacheEntry<TValue>? Find(TKey key) => _entries.TryGet(key, out CacheEntry<TValue>? entry) ? entry : null;

    public InsertOutcome Insert(TKey key, CacheEntry<TValue> entry)
    {
        _entries.AddOrUpdate(key, entry);
        return InsertOutcome.Accepted;
    }

    public void Invalidate(TKey key) => _entries.TryRemove(key);

    public void Clear() => _entries.Clear();

    public ValueTask<CacheEntry<TValue>?> GetAsync(TKey key, CancellationToken cancellationToken) => new(Find(key));

    public ValueTask<InsertOutcome> InsertAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken) =>
        new(Insert(key, entry));

    public ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken)
    {
        Invalidate(key);
        return default;
    }

    public ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        Clear();
        return default;
    }

    public ValueTask<long?> CountAsync(CancellationToken cancellationToken) => new(Count);
}
