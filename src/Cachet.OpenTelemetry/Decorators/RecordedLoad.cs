using System.Diagnostics;

namespace Cachet;

/// <summary>One run of a factory that was given to a decorated HybridCache.</summary>
internal readonly struct RecordedLoad
{
    private readonly HybridOperation _operation;
    private readonly CacheScope _scope;
    private readonly long? _began;
    private readonly CancellationToken _cancellationToken;

    public RecordedLoad(HybridOperation operation, CancellationToken cancellationToken)
    {
        _operation = operation;
        _cancellationToken = cancellationToken;
        _began = operation.Recorded.Elapsed();
        Activity? before = Activity.Current;
        CacheScope scope = CachetInstrumentation.Instance.BeginLoad(
            operation.Decoration.Cache, operation.Key, operation.Recorded.Scope, _began);
        _scope = DecoratedCall.ByActivity(in scope, before);
    }

    public void Leave() => _scope.Leave();

    public void Complete() => End(CacheOutcome.Loaded, null);

    public void Fail(Exception error)
    {
        bool cancelled = error is OperationCanceledException && _cancellationToken.IsCancellationRequested;
        End(cancelled ? CacheOutcome.Cancelled : CacheOutcome.Error, error);
    }

    private void End(CacheOutcome outcome, Exception? error)
    {
        _operation.Decoration.LoadEnds();
        using IDisposable? reentered = CachetInstrumentation.Instance.Reenter(in _scope);
        CachetInstrumentation.Instance.EndLoad(in _scope, _operation.Decoration.Cache, new CacheLoadEvent
        {
            CacheName = _operation.Decoration.Cache.Name,
            Operation = CacheOperation.GetOrInsert,
            Outcome = outcome,
            DurationNanoseconds = _operation.Recorded.Elapsed() - _began,
            Exception = error,
        });
    }
}
