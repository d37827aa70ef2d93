using System.Collections.Concurrent;
using Cachet;

namespace CachetTests;

/// <summary>Memory tiers without a cache around them.</summary>
internal static class MemoryTiers
{
    public static MemoryTier<TKey, TValue, LruStore<TKey, TValue>> Lru<TKey, TValue>(
        int capacity, params Action<TKey, TValue, EvictionReason>[] listeners)
        where TKey : notnull
    {
        var removals = new Removals<TKey, TValue>(listeners);
        return new(new(capacity, removals), removals);
    }

    public static MemoryTier<TKey, TValue, LfuStore<TKey, TValue>> Lfu<TKey, TValue>(
        int capacity, WorkQueue work, params Action<TKey, TValue, EvictionReason>[] listeners)
        where TKey : notnull
    {
        var removals = new Removals<TKey, TValue>(listeners);
        return new(new(capacity, removals, work.Enqueue), removals);
    }

    public static ICacheTier<TKey, TValue> Of<TKey, TValue>(
        EvictionPolicy policy, int capacity, WorkQueue work, params Action<TKey, TValue, EvictionReason>[] listeners)
        where TKey : notnull =>
        policy == EvictionPolicy.Lru ? Lru(capacity, listeners) : Lfu(capacity, work, listeners);

    public static void DropExpired<TKey, TValue>(this ICacheTier<TKey, TValue> tier, TKey key, CacheEntry<TValue> entry)
        where TKey : notnull =>
        ((IExpiringTier<TKey, TValue>)tier).DropExpired(key, entry);
}

/// <summary>Background work that is done when the test says so.</summary>
internal sealed class WorkQueue
{
    private readonly ConcurrentQueue<IThreadPoolWorkItem> _waiting = new();

    public int Waiting => _waiting.Count;

    public void Enqueue(IThreadPoolWorkItem work) => _waiting.Enqueue(work);

    /// <summary>Does what waits, and what that makes wait.</summary>
    public void DoAll()
    {
        while (_waiting.TryDequeue(out IThreadPoolWorkItem? work)) work.Execute();
    }
}
