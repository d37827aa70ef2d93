using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;

namespace Cachet;

/// <summary>What can be set for a cache that is shown as an <see cref="IDistributedCache"/>.</summary>
public sealed class CachetDistributedCacheOptions
{
    private readonly List<Action<CacheBuilder<string, FacePayload>>> _watchers = [];

    /// <summary>The store that several processes may share, tier <c>l2</c>. Cachet never disposes of it. Left out: the
    /// <see cref="IDistributedCache"/> that was registered in the container before; where there is none, entries live in this process's memory
    /// alone, bounded by <see cref="LocalCapacity"/>.</summary>
    public IDistributedCache? Store { get; set; }

    /// <summary>For how long, at most, an entry is answered from this process's memory, tier <c>l1</c>, before the store is asked again: for so long what
    /// another process writes or removes may go unseen. Entries with a sliding expiration are never answered from it. Zero: no memory in front of the
    /// store. Without a store it says nothing. Default: 1 minute.</summary>
    public TimeSpan LocalTimeToLive { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many entries this process's memory holds at most; those go that are used least recently. Default: 10,000.</summary>
    public int LocalCapacity { get; set; } = 10_000;

    /// <summary>What comes before every key in the store. Left out: the cache's name and a <c>:</c>.</summary>
    public string? KeyPrefix { get; set; }

    /// <summary>The clock for lifetimes and durations. Left out: the container's <see cref="TimeProvider"/>, if there is one, else the system's.
    /// The store has its own.</summary>
    public TimeProvider? Clock { get; set; }

    /// <summary>Adds a handler of the cache's events.</summary>
    /// <param name="handler">The handler.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentNullException">There is no handler.</exception>
    public CachetDistributedCacheOptions EventHandler(ICacheEventHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add(b => b.EventHandler(handler));
    }

    /// <summary>Writes the cache's log events, as
    /// <see cref="CacheBuilder{TKey, TValue}.EnableLogs(ILoggerFactory, Action{CacheLogOptions})"/> does.</summary>
    /// <param name="loggerFactory">Makes the logger. Cachet never disposes of it.</param>
    /// <param name="configure">Sets severities, and how much of exceptions and keys is written.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentNullException">There is no factory.</exception>
    public CachetDistributedCacheOptions EnableLogs(ILoggerFactory loggerFactory, Action<CacheLogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(loggerFactory);
        return Add(b => b.EnableLogs(loggerFactory, configure));
    }

    /// <summary>As <see cref="EnableLogs(ILoggerFactory, Action{CacheLogOptions})"/>, with the <see cref="ILoggerFactory"/> of the container that builds
    /// the cache.</summary>
    /// <param name="configure">Sets severities, and how much of exceptions and keys is written.</param>
    /// <returns>These options.</returns>
    public CachetDistributedCacheOptions EnableLogs(Action<CacheLogOptions>? configure = null) => Add(b => b.EnableLogs(configure));

    internal void Validate(string cache)
    {
        if (LocalTimeToLive < TimeSpan.Zero && LocalTimeToLive != Timeout.InfiniteTimeSpan)
        {
            throw Invalid(
                cache,
                nameof(LocalTimeToLive),
                LocalTimeToLive,
                "give a positive time, zero for no memory, or Timeout.InfiniteTimeSpan for as long as the store has the entry");
        }

        if (LocalCapacity < MemoryTierOptions<string, FacePayload>.LeastCapacity)
        {
            throw Invalid(cache, nameof(LocalCapacity), LocalCapacity, $"give {MemoryTierOptions<string, FacePayload>.LeastCapacity} entries or more");
        }

        if (KeyPrefix is { Length: 0 }) throw Invalid(cache, nameof(KeyPrefix), "''", "give text, or leave it null for the cache's name");
    }

    internal void AddWatchersTo(CacheBuilder<string, FacePayload> builder)
    {
        foreach (Action<CacheBuilder<string, FacePayload>> add in _watchers) add(builder);
    }

    private static ArgumentOutOfRangeException Invalid(string cache, string option, object value, string fix) =>
        new(option, value, $"The option {option} of distributed cache '{cache}' cannot be {value}: {fix}.");

    private CachetDistributedCacheOptions Add(Action<CacheBuilder<string, FacePayload>> watcher)
    {
        _watchers.Add(watcher);
        return this;
    }
}
