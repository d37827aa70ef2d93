namespace Cachet;

/// <summary>Work that several callers share: runs apart from any caller's wait.</summary>
/// <remarks>A caller that is cancelled leaves at once; the work goes on for the others, and its token fires when the last has left. The task ends
/// without a fault, however the work ended: what came of it stands in <see cref="Fault"/> and in what the derived class adds.</remarks>
internal class Flight(bool cancellable) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    // A first caller that cannot be cancelled never leaves, so neither can the work be abandoned, and nobody needs to be counted.
    private readonly CancellationTokenSource? _abandoned = cancellable ? new() : null;
    private readonly Lock _gate = new(); // of the followers
    private int _callers = 1;
    private IFollower? _newest; // the head of their list

    public CancellationToken Token => _abandoned?.Token ?? CancellationToken.None;

    /// <summary>What the work threw; only once the task has ended.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>Adds a caller, unless all have left.</summary>
    public bool TryBoard()
    {
        if (_abandoned is null) return true;
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
    public ValueTask WaitAsync(CancellationToken cancellationToken) =>
        new(cancellationToken.CanBeCanceled && !Task.IsCompleted ? new Waiter(this).Follow(cancellationToken) : Task);

    /// <summary>Takes a caller off that does not wait. Only for callers that can be cancelled.</summary>
    public void Leave()
    {
        if (_abandoned is not null && Interlocked.Decrement(ref _callers) == 0) Abandon(_abandoned);
    }

    /// <summary>Ends the work, and tells all who follow it.</summary>
    public void End()
    {
        IFollower? follower;
        lock (_gate)
        {
            SetResult();
            follower = _newest;
            _newest = null;
        }

        for (; follower is not null; follower = follower.Next) follower.Arrive();
    }

    /// <summary>Ends the work with a failure.</summary>
    public void Crash(Exception fault)
    {
        Fault = fault;
        End(); // The callers throw the fault themselves; a task that nobody awaits any more must not report it as unobserved.
    }

    /// <summary>Has a follower told of the end, unless it has been cancelled already.</summary>
    public void Add(IFollower follower)
    {
        lock (_gate)
        {
            if (follower.HasLeft) return;
            if (!Task.IsCompleted)
            {
                follower.Next = _newest;
                if (_newest is not null) _newest.Previous = follower;
                _newest = follower;
                return;
            }
        }

        follower.Arrive();
    }

    /// <summary>Takes a follower's caller off. False if the work has ended: then the follower is told that.</summary>
    public bool TryLeave(IFollower follower)
    {
        lock (_gate)
        {
            if (Task.IsCompleted) return false;
            follower.HasLeft = true;
            if (follower.Next is not null) follower.Next.Previous = follower.Previous;
            if (follower.Previous is not null) follower.Previous.Next = follower.Next;
            else if (ReferenceEquals(_newest, follower)) _newest = follower.Next;
        }

        Leave();
        return true;
    }

    private static void Abandon(CancellationTokenSource work)
    {
        // Apart from the leaving caller: what the token's callbacks do, or throw, is not its business.
        _ = work.CancelAsync().ContinueWith(
            static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }
}
