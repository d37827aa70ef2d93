namespace Cachet;

/// <summary>Entries in the process's memory, bounded. Its hits hand out the stored objects themselves.</summary>
/// <remarks>Which entries have expired is for its cache to say: it drops those that it is told of, and the others go when room is needed.</remarks>
internal sealed class MemoryTier<TKey, TValue, TStore>(TStore store, Removals<TKey, TValue> removals)
    : ICacheTier<TKey, TValue>, ISynchronousTier<TKey, TValue>, IEvictingTier, IExpiringTier<TKey, TValue>
    where TKey : notnull
    where TStore : struct, IMemoryStore<TKey, TValue>
{
    private readonly KeyLocks<TKey> _locks = new();
#pragma warning disable IDE0044 // A struct that changes itself: of a readonly one, a copy would.
    private TStore _store = store;
#pragma warning restore IDE0044

    public long? Count => _store.Entries.Count;

    public CacheEntry<TValue>? Find(TKey key) => _store.Find(key);

    public ValueTask<CacheEntry<TValue>?> GetAsync(TKey key, CancellationToken cancellationToken) => new(Find(key));

    public ValueTask<InsertOutcome> InsertAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken)
    {
        lock (_locks.Of(key))
        {
            BitFaster.Caching.ICache<TKey, CacheEntry<TValue>> entries = _store.Entries;
            entries.AddOrUpdate(key, entry);

            // A clear came in between and may not have seen this one: it goes too.
            if (removals.IsHeard && !ReferenceEquals(entries, _store.Entries)) Note(entries, key);
        }

        removals.TellNoted();
        return new(InsertOutcome.Accepted);
    }

    public ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken)
    {
        lock (_locks.Of(key)) Note(_store.Entries, key);
        removals.TellNoted();
        return default;
    }

    public ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        // The library's own Clear spares entries that are read meanwhile. An insert into the old one overlaps the clear: it may be lost.
        BitFaster.Caching.ICache<TKey, CacheEntry<TValue>> old = _store.Swap();
        if (!removals.IsHeard) return default;
        foreach (TKey key in old.Keys)
        {
            lock (_locks.Of(key)) Note(old, key);
            removals.TellNoted();
        }

        return default;
    }

    public ValueTask<long?> CountAsync(CancellationToken cancellationToken) => new(Count);

    public void ReportEvictionsTo(Action<EvictionReason> listener) => removals.ReportTo(listener);

    public void JudgeBy(Lifetimes<TValue> lifetimes) => removals.JudgeBy(lifetimes);

    public void DropExpired(TKey key, CacheEntry<TValue> entry)
    {
        bool dropped;
        lock (_locks.Of(key))
        {
            // That very one: another may be equal to it.
            BitFaster.Caching.ICache<TKey, CacheEntry<TValue>> entries = _store.Entries;
            dropped = entries.TryGet(key, out CacheEntry<TValue>? there) && ReferenceEquals(there, entry) && entries.TryRemove(key);
        }

        if (dropped) removals.Tell(key, entry, EvictionReason.Expired);
        removals.TellNoted();
    }

    private void Note(BitFaster.Caching.ICache<TKey, CacheEntry<TValue>> entries, TKey key)
    {
        if (entries.TryRemove(key, out CacheEntry<TValue>? removed) && removed is not null) removals.Note(key, removed, EvictionReason.Explicit);
    }
}
