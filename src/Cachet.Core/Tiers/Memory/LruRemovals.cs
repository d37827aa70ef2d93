using BitFaster.Caching;
using BitFaster.Caching.Lru;

namespace Cachet;

/// <summary>Notes what leaves an LRU cache, and counts nothing: a hit pays nothing for it.</summary>
internal readonly struct LruRemovals<TKey, TValue>(Removals<TKey, TValue> removals) : ITelemetryPolicy<TKey, CacheEntry<TValue>>
    where TKey : notnull
{
    event EventHandler<ItemRemovedEventArgs<TKey, CacheEntry<TValue>>> ICacheEvents<TKey, CacheEntry<TValue>>.ItemRemoved
    {
        add => throw new NotSupportedException();
        remove => throw new NotSupportedException();
    }

    double ICacheMetrics.HitRatio => 0;

    long ICacheMetrics.Total => 0;

    long ICacheMetrics.Hits => 0;

    long ICacheMetrics.Misses => 0;

    long ICacheMetrics.Evicted => 0;

    public void OnItemRemoved(TKey key, CacheEntry<TValue> value, ItemRemovedReason reason)
    {
        if (reason == ItemRemovedReason.Evicted) removals.Note(key, value, EvictionReason.Capacity);
    }

    public void OnItemUpdated(TKey key, CacheEntry<TValue> oldValue, CacheEntry<TValue> newValue) =>
        removals.Note(key, oldValue, EvictionReason.Replaced);

    public void IncrementHit()
    {
    }

    public void IncrementMiss()
    {
    }

    public void SetEventSource(object source)
    {
    }
}
