using System.Diagnostics;

namespace Cachet;

/// <summary>One call on a decorated cache that somebody records: an operation or, of a cache that is a tier, a call on it.</summary>
/// <remarks>The caller gets back its activity, and nothing else of its context is touched: whatever the decorated cache did to that, on purpose or not,
/// is seen as it is without the decorator.</remarks>
internal readonly struct DecoratedCall
{
    private readonly Decoration _decoration;
    private readonly CacheOperation _operation;
    private readonly TimeProvider _time;
    private readonly CacheScope _scope;
    private readonly long? _started;
    private readonly HybridOperation? _of;
    private readonly CancellationToken _cancellationToken;

    /// <summary>Holds a call that has begun.</summary>
    /// <param name="decoration">Of which cache.</param>
    /// <param name="operation">What it was asked to do.</param>
    /// <param name="time">The clock.</param>
    /// <param name="scope">What the begin returned.</param>
    /// <param name="before">What was current before the begin.</param>
    /// <param name="of">The operation that it is, of a HybridCache.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public DecoratedCall(
        Decoration decoration,
        CacheOperation operation,
        TimeProvider time,
        in CacheScope scope,
        Activity? before,
        HybridOperation? of,
        CancellationToken cancellationToken)
    {
        _decoration = decoration;
        _operation = operation;
        _time = time;
        _scope = ByActivity(in scope, before);
        _cancellationToken = cancellationToken;
        _started = scope.WantsDuration ? time.GetTimestamp() : null;
        _of = of;
    }

    /// <summary>What the begin returned, with the caller's way back.</summary>
    public CacheScope Scope => _scope;

    /// <summary>A scope whose way back is the caller's activity, and no more of its context.</summary>
    public static CacheScope ByActivity(in CacheScope scope, Activity? before) =>
        scope.State is null ? scope : CacheScope.Entered(scope.State, null, WayBackTo(before), scope.WantsDuration);

    /// <summary>How long ago the call began, in nanoseconds; <see langword="null"/> where nobody wants to know.</summary>
    public long? Elapsed() => _started is { } started ? (long)((_time.GetTimestamp() - started) * (1e9 / _time.TimestampFrequency)) : null;

    /// <summary>Gives the caller its own activity back; the call goes on elsewhere, or unseen.</summary>
    public void Leave() => _scope.Leave();

    public void Complete(in Answer answer) => End(answer.Outcome, answer.Size, null);

    public void Fail(Exception error)
    {
        bool cancelled = error is OperationCanceledException && _cancellationToken.IsCancellationRequested;
        End(cancelled ? CacheOutcome.Cancelled : CacheOutcome.Error, null, error);
    }

    private void End(CacheOutcome outcome, long? size, Exception? error)
    {
        long? nanoseconds = Elapsed();
        _of?.Ended();

        // The end may come in a context of somebody else: after an await where the flow was suppressed, or after a cache that left an activity current.
        using IDisposable? reentered = CachetInstrumentation.Instance.Reenter(in _scope);
        if (_decoration.Tier is { } tier)
        {
            CachetInstrumentation.Instance.EndTier(in _scope, tier, new CacheTierEvent
            {
                CacheName = _decoration.Cache.Name,
                TierName = tier.Name,
                Operation = _operation,
                Outcome = outcome,
                Fallback = tier.Fallback,
                DurationNanoseconds = nanoseconds,
                EntrySize = size,
                Exception = error,
            });
            return;
        }

        CachetInstrumentation.Instance.EndOperation(in _scope, _decoration.Cache, servedBy: null, followed: null, new CacheOperationEvent
        {
            CacheName = _decoration.Cache.Name,
            Operation = _operation,
            Outcome = outcome,
            DurationNanoseconds = nanoseconds,
            Exception = error,
        });
    }

    // A method of its own: its closure is only made where it is needed.
    private static Action WayBackTo(Activity? before) => () => Activity.Current = before;
}

/// <summary>What a call that succeeded came to.</summary>
internal readonly record struct Answer(CacheOutcome Outcome, long? Size = null);
