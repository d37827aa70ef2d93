namespace Cachet;

/// <summary>What an instrumentation's begin returns: its state, the caller's way back, and what it wants to be told at the end.</summary>
/// <remarks>The default value is <em>none</em>: nobody records this, and what it contains is not asked either.</remarks>
public readonly struct CacheScope : IEquatable<CacheScope>
{
    private readonly object? _outer; // an ExecutionContext, or, where its flow was suppressed, an Action

    /// <summary>Makes a scope whose begin changed nothing in the caller's execution context.</summary>
    /// <param name="state">The instrumentation's own state; followers of a flight are handed that of the leader's load.</param>
    /// <param name="wantsDuration">Whether the end is to be told the duration; if not, no clock is read.</param>
    /// <param name="wantsRequestId">Whether the end is to be told the request id; if not, none is drawn.</param>
    public CacheScope(object? state, bool wantsDuration, bool wantsRequestId = false)
        : this(state, null, wantsDuration, wantsRequestId)
    {
    }

    private CacheScope(object? state, object? outer, bool wantsDuration, bool wantsRequestId)
    {
        State = state;
        _outer = outer;
        WantsDuration = wantsDuration;
        WantsRequestId = wantsRequestId;
    }

    /// <summary>The instrumentation's own state, such as a span.</summary>
    public object? State { get; }

    /// <summary>Whether the end is to be told the duration.</summary>
    public bool WantsDuration { get; }

    /// <summary>Whether the end is to be told the request id.</summary>
    public bool WantsRequestId { get; }

    /// <summary>Nobody records this.</summary>
    public bool IsNone => State is null && !WantsDuration && !WantsRequestId;

    /// <summary>The flow of the caller's context was suppressed when the scope began: after an await, the end may find current what belongs to
    /// somebody else; <see cref="CacheInstrumentation.Reenter"/> sees to it that this is current again afterwards.</summary>
    public bool IsFlowSuppressed => _outer is Action;

    /// <summary>Whether two scopes are the same.</summary>
    public static bool operator ==(CacheScope left, CacheScope right) => left.Equals(right);

    /// <summary>Whether two scopes differ.</summary>
    public static bool operator !=(CacheScope left, CacheScope right) => !left.Equals(right);

    /// <summary>Makes a scope whose begin made something current in the caller's execution context.</summary>
    /// <param name="state">The instrumentation's own state.</param>
    /// <param name="outer">The context as it was before, from <see cref="ExecutionContext.Capture"/>; <see langword="null"/> where its flow
    /// was suppressed.</param>
    /// <param name="wayBack">Undoes the change without a captured context; needed only where <paramref name="outer"/> is
    /// <see langword="null"/>.</param>
    /// <param name="wantsDuration">Whether the end is to be told the duration.</param>
    /// <param name="wantsRequestId">Whether the end is to be told the request id.</param>
    /// <returns>The scope.</returns>
    public static CacheScope Entered(
        object state, ExecutionContext? outer, Action? wayBack, bool wantsDuration, bool wantsRequestId = false) =>
        new(state, (object?)outer ?? wayBack, wantsDuration, wantsRequestId);

    /// <summary>Gives the running code the execution context back that it had before the begin. The scope itself stays open elsewhere. Called by the
    /// cache before it hands a pending task to its caller, and by the instrumentation as it ends.</summary>
    public void Leave()
    {
        if (_outer is ExecutionContext context) ExecutionContext.Restore(context);
        else (_outer as Action)?.Invoke();
    }

    /// <inheritdoc/>
    public bool Equals(CacheScope other) =>
        ReferenceEquals(State, other.State) && ReferenceEquals(_outer, other._outer) && WantsDuration == other.WantsDuration
        && WantsRequestId == other.WantsRequestId;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CacheScope other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(State, WantsDuration, WantsRequestId);
}
