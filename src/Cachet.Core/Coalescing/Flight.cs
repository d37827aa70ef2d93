namespace Cachet;

/// <summary>One lookup, or one load, that several callers of a key wait for.</summary>
/// <remarks>Its work runs apart from any caller's wait: a caller that is cancelled leaves at once, the work goes on for the others, and its token
/// fires when the last has left. The result stands in <see cref="Result"/> and <see cref="Fault"/> before the task ends.</remarks>
internal sealed class Flight<TValue>(bool cancellable) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    // A leader that cannot be cancelled never leaves, so neither can the flight be abandoned.
    private readonly CancellationTokenSource? _abandoned = cancellable ? new() : null;
    private int _callers = 1;
    private volatile FlightLeader? _leader;

    public CancellationToken Token => _abandoned?.Token ?? CancellationToken.None;

    /// <summary>What the work came to; only once the task has ended.</summary>
    public Found<TValue> Result { get; private set; }

    /// <summary>What the work threw; only once the task has ended.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>What a follower links to: the state of the load, or else of the leader's operation.</summary>
    public FlightLeader? Leader
    {
        get => _leader;
        set => _leader = value;
    }

    /// <summary>Of a lookup: captured before it asked the first tier.</summary>
    public WriteStamp Stamp { get; set; }

    /// <summary>Of a lookup that found nothing: the load that its callers share. Guarded by a lock on the flight.</summary>
    public Flight<TValue>? Load { get; set; }

    /// <summary>Adds a caller, unless all have left.</summary>
    public bool TryBoard()
    {
        int callers = Volatile.Read(ref _callers);
        while (callers > 0)
        {
            int seen = Interlocked.CompareExchange(ref _callers, callers + 1, callers);
            if (seen == callers) return true;
            callers = seen;
        }

        return false;
    }

    /// <summary>Waits for the work to end, however it ends.</summary>
    /// <exception cref="OperationCanceledException">The caller's token was cancelled first; the caller has left.</exception>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (Task.IsCompleted) return;
        await Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Task.IsCompleted) return;
        if (Interlocked.Decrement(ref _callers) == 0) Abandon();
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Land(Found<TValue> result)
    {
        Result = result;
        SetResult();
    }

    public void Crash(Exception fault)
    {
        Fault = fault;
        SetResult(); // The callers throw the fault themselves; a task that nobody awaits any more must not report it as unobserved.
    }

    private void Abandon()
    {
        // Apart from the leaving caller: what the token's callbacks do, or throw, is not its business.
        _ = _abandoned!.CancelAsync().ContinueWith(
            static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }
}
