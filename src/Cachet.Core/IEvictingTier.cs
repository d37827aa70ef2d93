namespace Cachet;

/// <summary>What a tier offers beside <see cref="ICacheTier{TKey, TValue}"/> if it drops entries of its own accord, to make room or because they
/// expired.</summary>
/// <remarks>Each report becomes an event of the cache (<see cref="CacheOperation.Evict"/>) for its handlers and instrumentations. One that is made
/// in the midst of a call on the tier, on the calling thread, carries that operation's request id; any other carries 0. A tier that evicts on threads of
/// its own should do so without the execution context of its callers.</remarks>
public interface IEvictingTier
{
    /// <summary>Names a listener of the evictions to come. A cache calls this once, when it is built, and ignores reports once it is disposed.</summary>
    /// <param name="listener">To be called once per entry, after it is gone and outside of any lock, with
    /// <see cref="EvictionReason.Capacity"/> or <see cref="EvictionReason.Expired"/>; it ignores every other reason. Does not throw.</param>
    void ReportEvictionsTo(Action<EvictionReason> listener);
}
