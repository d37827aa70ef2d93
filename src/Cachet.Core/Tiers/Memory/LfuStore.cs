using BitFaster.Caching;
using BitFaster.Caching.Lfu;

namespace Cachet;

/// <summary>Entries of which those used least often go first.</summary>
/// <param name="capacity">How many there may be; more for a moment, until the bookkeeping has caught up.</param>
/// <param name="removals">Is told what leaves.</param>
/// <param name="queue">Where the bookkeeping waits to be run; left out, the thread pool.</param>
internal struct LfuStore<TKey, TValue>(int capacity, Removals<TKey, TValue> removals, Action<IThreadPoolWorkItem>? queue = null)
    : IMemoryStore<TKey, TValue>
    where TKey : notnull
{
    private volatile ConcurrentLfu<TKey, CacheEntry<TValue>> _entries = Empty(capacity, removals, queue);

    public readonly BitFaster.Caching.ICache<TKey, CacheEntry<TValue>> Entries => _entries;

    public readonly CacheEntry<TValue>? Find(TKey key) => _entries.TryGet(key, out CacheEntry<TValue>? entry) ? entry : null;

    public BitFaster.Caching.ICache<TKey, CacheEntry<TValue>> Swap() => Interlocked.Exchange(ref _entries, Empty(capacity, removals, queue));

    private static ConcurrentLfu<TKey, CacheEntry<TValue>> Empty(
        int capacity, Removals<TKey, TValue> removals, Action<IThreadPoolWorkItem>? queue)
    {
        var entries = new ConcurrentLfu<TKey, CacheEntry<TValue>>(
            Environment.ProcessorCount, capacity, new LfuMaintenance(removals.TellNoted, queue), EqualityComparer<TKey>.Default);
        ICacheEvents<TKey, CacheEntry<TValue>> events = entries.Events.Value!;
        events.ItemRemoved += (_, e) =>
        {
            if (e.Reason == ItemRemovedReason.Evicted) removals.Note(e.Key, e.Value!, EvictionReason.Capacity);
        };
        if (removals.IsHeard) events.ItemUpdated += (_, e) => removals.Note(e.Key, e.OldValue!, EvictionReason.Replaced);
        return entries;
    }
}
