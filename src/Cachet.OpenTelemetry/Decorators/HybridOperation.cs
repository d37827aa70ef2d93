using System.Diagnostics;

namespace Cachet;

/// <summary>One recorded operation of a decorated HybridCache, for what belongs to it: its load, and the calls on a decorated second level.</summary>
internal sealed class HybridOperation(Decoration decoration, string? key)
{
    private static readonly AsyncLocal<HybridOperation?> _current = new();

    private DecoratedCall _recorded;
    private volatile bool _hasLoaded;

    /// <summary>The operation for which the present flow of control runs inside of a HybridCache; <see langword="null"/> in its callers' own code.</summary>
    public static HybridOperation? Current
    {
        get => _current.Value;
        set
        {
            if (!ReferenceEquals(_current.Value, value)) _current.Value = value;
        }
    }

    public Decoration Decoration => decoration;

    public string? Key => key;

    /// <summary>Whether the factory of this very call ran.</summary>
    public bool HasLoaded => _hasLoaded;

    public ref readonly DecoratedCall Recorded => ref _recorded;

    /// <summary>Its place among those that are under way; <see langword="null"/> if it is not among them.</summary>
    public LinkedListNode<HybridOperation>? Place { get; set; }

    /// <summary>Begins an operation.</summary>
    /// <param name="recorder">Of which cache.</param>
    /// <param name="operation">What it was asked to do.</param>
    /// <param name="key">The key; <see langword="null"/> where it is none, or several.</param>
    /// <param name="isLookup">Whether it may go on where its own flow cannot be followed.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static HybridOperation Begin(
        CallRecorder recorder, CacheOperation operation, string? key, bool isLookup, CancellationToken cancellationToken)
    {
        var begun = new HybridOperation(recorder.Decoration, key);
        begun._recorded = recorder.Begin(operation, in key, begun, cancellationToken);
        if (isLookup && key is not null && Decoration.AnyTier && CachetTelemetry.RemoteTiers.HasListeners()) OperationsInFlight.Add(begun);
        return begun;
    }

    /// <summary>Runs the call on the HybridCache, in its flow.</summary>
    public Task<TResult> RunAsync<TCall, TResult>(in TCall call, Func<TCall, Task<TResult>> run, Func<TCall, TResult, Answer> answer)
    {
        HybridOperation? outer = Current;
        if (Decoration.AnyTier) Current = this;
        try
        {
            return CallRecorder.RunAsync(in _recorded, in call, run, answer);
        }
        finally
        {
            Current = outer;
        }
    }

    /// <summary>Runs a call that gives nothing.</summary>
    public Task RunAsync<TCall>(in TCall call, Func<TCall, Task> run, in Answer answer)
    {
        HybridOperation? outer = Current;
        if (Decoration.AnyTier) Current = this;
        try
        {
            return CallRecorder.RunAsync(in _recorded, in call, run, in answer);
        }
        finally
        {
            Current = outer;
        }
    }

    /// <summary>It has ended: calls that come without any context are not for it any more.</summary>
    public void Ended()
    {
        if (Place is not null) OperationsInFlight.Remove(this);
    }

    /// <summary>Begins a call on a tier: below what is current, if that is part of this operation, and else below the operation itself.</summary>
    public CacheScope BeginTier(TierDescriptor tier, CacheOperation operation, in string? tierKey)
    {
        CacheScope scope = _recorded.Scope;
        if (scope.State is not Activity { IsAllDataRequested: true } span) return default;
        Activity? current = Activity.Current?.Parent;
        while (current is not null && !ReferenceEquals(current, span)) current = current.Parent;
        return current is not null
            ? TierCalls.Begin(tier, operation)
            : CachetInstrumentation.Instance.BeginTier(tier, operation, in tierKey, in scope, _recorded.Elapsed());
    }

    /// <summary>Begins the load.</summary>
    public RecordedLoad BeginLoad(CancellationToken cancellationToken)
    {
        _hasLoaded = true;
        decoration.LoadBegins();
        return new(this, cancellationToken);
    }
}
