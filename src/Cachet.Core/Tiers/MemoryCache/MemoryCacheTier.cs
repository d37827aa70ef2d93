using Microsoft.Extensions.Caching.Memory;
using MemoryCacheReason = Microsoft.Extensions.Caching.Memory.EvictionReason;

namespace Cachet;

/// <summary>A tier over an <see cref="IMemoryCache"/> that belongs to the application, who may keep entries of its own there.</summary>
/// <remarks>Lifetimes are Cachet's: what it hands over is when the memory cache may clean up, a little later. Evictions are told by the memory cache on
/// the thread pool, in the execution context of whoever came by: they are passed on without it.</remarks>
internal sealed class MemoryCacheTier<TKey, TValue>(IMemoryCache cache, MemoryCacheTierOptions<TKey, TValue> options, TimeProvider time)
    : ICacheTier<TKey, TValue>, ISynchronousTier<TKey, TValue>, IEvictingTier, IExpiringTier<TKey, TValue>, IDisposable
    where TKey : notnull
{
    /// <summary>What lives longer is not told when to go.</summary>
    private const long LongestLife = 36_500 * TimeSpan.TicksPerDay;

    private readonly KeyLocks<TKey> _locks = new();
    private volatile MemoryCacheEra _era = new();
    private Action<EvictionReason>? _listener;
    private Lifetimes<TValue>? _lifetimes;

    public long? Count => _era.Entries;

    public CacheEntry<TValue>? Find(TKey key) => cache.TryGetValue(KeyOf(key), out object? entry) ? entry as CacheEntry<TValue> : null;

    public ValueTask<CacheEntry<TValue>?> GetAsync(TKey key, CancellationToken cancellationToken) => new(Find(key));

    public ValueTask<InsertOutcome> InsertAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken)
    {
        long size = options.SizeOf?.Invoke(key, entry.Value) ?? options.Size;
        lock (_locks.Of(key)) Store(KeyOf(key), entry, size);
        return new(InsertOutcome.Accepted);
    }

    public ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken)
    {
        lock (_locks.Of(key)) cache.Remove(KeyOf(key));
        return default;
    }

    public ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _era, new()).Dispose();
        return default;
    }

    public ValueTask<long?> CountAsync(CancellationToken cancellationToken) => new(Count);

    public void ReportEvictionsTo(Action<EvictionReason> listener) => _listener += listener;

    public void JudgeBy(Lifetimes<TValue> lifetimes) => _lifetimes = lifetimes;

    public void DropExpired(TKey key, CacheEntry<TValue> entry)
    {
        lock (_locks.Of(key))
        {
            if (!ReferenceEquals(Find(key), entry)) return;
            cache.Remove(KeyOf(key));
        }

        if (entry.TryLeave()) _listener?.Invoke(EvictionReason.Expired);
    }

    /// <summary>Drops the tier's entries; the memory cache is not Cachet's to dispose of.</summary>
    public void Dispose() => _era.Dispose();

    private MemoryCacheKey<TKey> KeyOf(TKey key) => new(this, key);

    private void Store(MemoryCacheKey<TKey> key, CacheEntry<TValue> entry, long size)
    {
        MemoryCacheEra era = _era;
        long left = entry.Life.IsSet ? entry.Life.Left(time.GetUtcNow().UtcTicks) : long.MaxValue;
        using ICacheEntry stored = cache.CreateEntry(key);
        stored.Size = size;
        if (left < LongestLife) stored.AbsoluteExpirationRelativeToNow = new TimeSpan(left + TimeSpan.TicksPerMillisecond);
        stored.AddExpirationToken(era.End);
        stored.RegisterPostEvictionCallback(Removed, new Stored(this, era));
        era.Enter();
        stored.Value = entry; // Last: an entry that has one is stored, whatever is thrown before it is complete.
    }

    private static void Removed(object key, object? value, MemoryCacheReason reason, object? state)
    {
        var stored = (Stored)state!;
        stored.Era.Leave();
        if (reason is not (MemoryCacheReason.Capacity or MemoryCacheReason.Expired) || value is not CacheEntry<TValue> entry) return;
        bool expired = reason == MemoryCacheReason.Expired || stored.Tier._lifetimes?.IsFresh(entry) == false;
        if (!entry.TryLeave()) return;
        ThreadPool.UnsafeQueueUserWorkItem(
            static e => e.Tier._listener?.Invoke(e.Reason),
            (stored.Tier, Reason: expired ? EvictionReason.Expired : EvictionReason.Capacity),
            preferLocal: false);
    }

    private sealed record Stored(MemoryCacheTier<TKey, TValue> Tier, MemoryCacheEra Era);
}
