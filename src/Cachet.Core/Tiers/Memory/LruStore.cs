using BitFaster.Caching.Lru;

namespace Cachet;

/// <summary>Entries of which those used least recently go first.</summary>
internal struct LruStore<TKey, TValue>(int capacity, Removals<TKey, TValue> removals) : IMemoryStore<TKey, TValue>
    where TKey : notnull
{
    private volatile Lru _entries = new(capacity, removals);

    public readonly BitFaster.Caching.ICache<TKey, CacheEntry<TValue>> Entries => _entries;

    public readonly CacheEntry<TValue>? Find(TKey key) => _entries.TryGet(key, out CacheEntry<TValue>? entry) ? entry : null;

    public BitFaster.Caching.ICache<TKey, CacheEntry<TValue>> Swap() => Interlocked.Exchange(ref _entries, new(capacity, removals));

    private sealed class Lru(int capacity, Removals<TKey, TValue> removals)
        : ConcurrentLruCore<TKey, CacheEntry<TValue>, LruItem<TKey, CacheEntry<TValue>>, LruPolicy<TKey, CacheEntry<TValue>>, LruRemovals<TKey, TValue>>(
            Environment.ProcessorCount, new FavorWarmPartition(capacity), EqualityComparer<TKey>.Default, default, new(removals));
}
