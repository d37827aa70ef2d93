using System.Diagnostics;

namespace Cachet;

/// <summary>Who watches one cache: its handlers, its log, the instrumentation given to it alone, and what is attached to the process.</summary>
internal sealed class CacheObserver
{
    private readonly ICacheEventHandler? _handler;
    private readonly CacheInstrumentation? _own;
    private readonly TimeProvider _time;
    private readonly bool _system;
    private readonly double _nanosecondsPerTick;
    private Combination? _combined;

    public CacheObserver(CacheDescriptor cache, ICacheEventHandler? handler, CacheLog? log, CacheInstrumentation? own, TimeProvider time)
    {
        Cache = cache;
        _handler = handler;
        Log = log;
        _own = own;
        _time = time;
        _system = ReferenceEquals(time, TimeProvider.System);
        _nanosecondsPerTick = 1e9 / time.TimestampFrequency;
    }

    public CacheDescriptor Cache { get; }

    public ICacheEventHandler? Handler => _handler;

    public CacheLog? Log { get; }

    /// <summary>Whether the cache has watchers of its own. If not, only <see cref="CacheInstrumentation.Attached"/> is to be asked.</summary>
    public bool IsWatched => Log is not null || IsWatchedByOthers;

    /// <summary>The log, where the cache has no watchers of its own besides it: then it can be asked whether hits need watching at all.</summary>
    public CacheLog? OnlyWatcher => IsWatchedByOthers ? null : Log;

    /// <summary>Begins an operation; the default if nobody records it.</summary>
    public Observation Begin<TKey>(CacheOperation operation, in TKey key)
    {
        CacheInstrumentation? instrumentation = Instrumentation();
        CacheScope scope = instrumentation is { IsEnabled: true } ? instrumentation.BeginOperation(Cache, operation, in key) : default;
        return Begun(instrumentation, in scope, operation, in key, inBackground: false);
    }

    /// <summary>Begins a background refresh; the default if nobody records it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="trigger">What the operation that triggered it began with.</param>
    public Observation BeginRefresh<TKey>(in TKey key, FlightLeader? trigger)
    {
        CacheInstrumentation? instrumentation = Instrumentation();
        CacheScope scope = instrumentation is { IsEnabled: true }
            ? instrumentation.BeginRefresh(Cache, in key, FlightLeader.LinkFor(instrumentation, trigger))
            : default;
        return Begun(instrumentation, in scope, CacheOperation.Refresh, in key, inBackground: true);
    }

    private Observation Begun<TKey>(
        CacheInstrumentation? instrumentation, in CacheScope scope, CacheOperation operation, in TKey key, bool inBackground)
    {
        if (scope.IsNone) instrumentation = null;
        bool logs = Log is { IsListening: true };
        bool hears = _handler is not null || logs;
        if (instrumentation is null && !hears) return default;
        string? keyText = logs && operation != CacheOperation.Clear ? Log!.TextOf(in key) : null;
        long requestId = hears || scope.WantsRequestId ? RequestIds.Next() : 0;
        long started = hears || scope.WantsDuration ? Timestamp() : Observation.NotTimed;
        return new(this, instrumentation, scope, requestId, started, operation, keyText, inBackground);
    }

    /// <summary>A tier evicted an entry, on whatever thread: tells all who listen. Nothing was timed.</summary>
    public void Evicted(TierDescriptor tier, EvictionReason reason)
    {
        CacheInstrumentation? instrumentation = Instrumentation();
        if (instrumentation is { IsEnabled: false }) instrumentation = null;
        if (instrumentation is null && _handler is null && Log is not { IsListening: true }) return;
        var tierEvent = new CacheTierEvent
        {
            RequestId = RequestIds.Current,
            CacheName = Cache.Name,
            TierName = tier.Name,
            Operation = CacheOperation.Evict,
            Outcome = CacheOutcome.Evicted,
            Fallback = tier.Fallback,
            EvictionReason = reason,
        };
        Log?.OnTierEvent(in tierEvent, null);
        _handler?.OnTierEvent(in tierEvent);
        instrumentation?.OnEviction(tier, in tierEvent);
    }

    /// <summary>The cache's clock. The system's is read without going through its provider.</summary>
    public long Timestamp() => _system ? Stopwatch.GetTimestamp() : _time.GetTimestamp();

    public long Nanoseconds(long ticks) => (long)(ticks * _nanosecondsPerTick);

    private bool IsWatchedByOthers => _handler is not null || _own is not null;

    private CacheInstrumentation? Instrumentation()
    {
        CacheInstrumentation? attached = CacheInstrumentation.Attached;
        CacheInstrumentation? all = _own is null ? attached : attached is null ? _own : Both(_own, attached);
        return all is CompositeInstrumentation composite ? composite.Narrowed() : all;
    }

    private CacheInstrumentation Both(CacheInstrumentation own, CacheInstrumentation attached)
    {
        Combination? combined = _combined;
        if (!ReferenceEquals(combined?.Attached, attached)) _combined = combined = new(attached, CompositeInstrumentation.Of([own, attached])!);
        return combined.Both;
    }

    /// <summary>The cache's own instrumentation and what was attached to the process, as one: made once per attachment.</summary>
    private sealed record Combination(CacheInstrumentation Attached, CacheInstrumentation Both);
}
