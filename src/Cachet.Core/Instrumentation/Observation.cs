namespace Cachet;

/// <summary>One operation that somebody records, on the stack of the call. The default records nothing.</summary>
/// <remarks>Logs and handlers come before the instrumentation's end, while its span is current.</remarks>
internal readonly struct Observation(
    CacheObserver observer,
    CacheInstrumentation? instrumentation,
    CacheScope scope,
    long requestId,
    long started,
    CacheOperation operation,
    string? keyText,
    bool inBackground)
{
    public const long NotTimed = long.MinValue;

    private readonly CacheObserver? _observer = observer;
    private readonly CacheScope _scope = scope;

    public bool IsNone => _observer is null;

    /// <summary>When the operation began, in ticks of the cache's clock, or <see cref="NotTimed"/>.</summary>
    public long Started => IsNone ? NotTimed : started;

    public CacheOperation Operation => operation;

    public long RequestId => requestId;

    /// <summary>What followers link to as long as no load runs; <see langword="null"/> if nothing is recorded that they could.</summary>
    public FlightLeader? Leader => LeaderOf(in _scope);

    public long Now() => Started == NotTimed ? NotTimed : _observer!.Timestamp();

    /// <summary>Keeps the operation for the part that runs asynchronously; <see langword="null"/> if nobody records it.</summary>
    public HeldObservation? Hold() => IsNone ? null : new HeldObservation(this);

    /// <summary>Gives the caller its own execution context back; the operation goes on elsewhere.</summary>
    public void Leave() => _scope.Leave();

    public CacheScope BeginTier<TKey>(TierDescriptor tier, CacheOperation tierOperation, in TKey key, long at) =>
        instrumentation is null || _scope.State is null
            ? default
            : instrumentation.BeginTier(tier, tierOperation, in key, in _scope, Since(started, at));

    public void EndTier(in CacheScope tierScope, TierDescriptor tier, CacheOperation tierOperation, in TierCall call, long from, long to)
    {
        if (IsNone) return;
        var tierEvent = new CacheTierEvent
        {
            RequestId = requestId,
            CacheName = _observer!.Cache.Name,
            TierName = tier.Name,
            Operation = tierOperation,
            Outcome = call.Outcome,
            Fallback = tier.Fallback,
            DurationNanoseconds = Since(from, to),
            EntrySize = call.Size,
            Exception = call.Error,
        };
        if (tierScope.IsFlowSuppressed) TellReentered(in tierScope, tier, in tierEvent);
        else Tell(in tierScope, tier, in tierEvent);
    }

    public CacheScope BeginLoad<TKey>(in TKey key, long at) =>
        instrumentation is null ? default : instrumentation.BeginLoad(_observer!.Cache, in key, in _scope, Since(started, at));

    public void EndLoad(in CacheScope loadScope, CacheOutcome outcome, long from, long to, Exception? error)
    {
        if (instrumentation is null && _observer?.Log is null) return;
        using IDisposable? reentered = Reenter(in loadScope);
        var loadEvent = new CacheLoadEvent
        {
            RequestId = requestId,
            CacheName = _observer!.Cache.Name,
            Operation = operation,
            Outcome = outcome,
            DurationNanoseconds = Since(from, to),
            Exception = error,
        };
        _observer.Log?.OnLoad(in loadEvent, keyText);
        instrumentation?.EndLoad(in loadScope, _observer.Cache, in loadEvent);
    }

    public void Complete(CacheOutcome outcome, TierDescriptor? servedBy, long at, bool coalesced, FlightLeader? followed, Exception? error)
    {
        if (IsNone) return;
        var operationEvent = new CacheOperationEvent
        {
            RequestId = requestId,
            CacheName = _observer!.Cache.Name,
            Operation = operation,
            Outcome = outcome,
            TierName = servedBy?.Name,
            DurationNanoseconds = Since(started, at),
            Coalesced = coalesced,
            Exception = error,
        };
        if (_scope.IsFlowSuppressed) TellReentered(servedBy, followed, in operationEvent);
        else Tell(servedBy, followed, in operationEvent);
    }

    /// <summary>What followers link to once a load runs.</summary>
    public FlightLeader? LeaderOf(in CacheScope scope) =>
        instrumentation is null || scope.State is null ? null : new(instrumentation, scope.State);

    private void Tell(in CacheScope tierScope, TierDescriptor tier, in CacheTierEvent tierEvent)
    {
        _observer!.Log?.OnTierEvent(in tierEvent, keyText);
        _observer.Handler?.OnTierEvent(in tierEvent);
        instrumentation?.EndTier(in tierScope, tier, in tierEvent);
    }

    private void Tell(TierDescriptor? servedBy, FlightLeader? followed, in CacheOperationEvent operationEvent)
    {
        _observer!.Log?.OnOperationComplete(in operationEvent, keyText);
        _observer.Handler?.OnOperationComplete(in operationEvent);
        if (instrumentation is null) return;
        if (inBackground) instrumentation.EndRefresh(in _scope, _observer.Cache, servedBy, in operationEvent);
        else instrumentation.EndOperation(in _scope, _observer.Cache, servedBy, FlightLeader.LinkFor(instrumentation, followed), in operationEvent);
    }

    private void TellReentered(in CacheScope tierScope, TierDescriptor tier, in CacheTierEvent tierEvent)
    {
        using IDisposable? reentered = Reenter(in tierScope);
        Tell(in tierScope, tier, in tierEvent);
    }

    private void TellReentered(TierDescriptor? servedBy, FlightLeader? followed, in CacheOperationEvent operationEvent)
    {
        using IDisposable? reentered = Reenter(in _scope);
        Tell(servedBy, followed, in operationEvent);
    }

    private IDisposable? Reenter(in CacheScope scope) => scope.IsFlowSuppressed ? instrumentation?.Reenter(in scope) : null;

    private long? Since(long from, long to) => from == NotTimed || to == NotTimed ? null : _observer!.Nanoseconds(to - from);
}

/// <summary>What a tier call came to: the part of its event that the tier decides.</summary>
internal readonly record struct TierCall(CacheOutcome Outcome, Exception? Error = null, long? Size = null);
