namespace Cachet;

/// <summary>Work that several callers share: runs apart from any caller's wait.</summary>
/// <remarks>A caller that is cancelled leaves at once; the work goes on for the others, and its token fires when the last has left. The task ends
/// without a fault, however the work ended: what came of it stands in <see cref="Fault"/> and in what the derived class adds.</remarks>
internal class Flight(bool cancellable) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    // A first caller that cannot be cancelled never leaves, so neither can the work be abandoned.
    private readonly CancellationTokenSource? _abandoned = cancellable ? new() : null;
    private int _callers = 1;

    public CancellationToken Token => _abandoned?.Token ?? CancellationToken.None;

    /// <summary>What the work threw; only once the task has ended.</summary>
    public Exception? Fault { get; private set; }

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
        await Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Task.IsCompleted) return;
        Leave();
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Takes a caller off that does not wait. Only for callers that can be cancelled.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _callers) == 0) Abandon();
    }

    /// <summary>Ends the work with a failure.</summary>
    public virtual void Crash(Exception fault)
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
