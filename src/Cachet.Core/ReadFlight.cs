namespace Cachet;

/// <summary>One lookup, or one load, that several callers of a key wait for.</summary>
/// <param name="cancellable">Whether all callers can leave it.</param>
/// <param name="isRefresh">It loads what there is an older entry of.</param>
internal sealed class ReadFlight<TValue>(bool cancellable, bool isRefresh = false) : Flight(cancellable)
{
    private static readonly Func<ReadFlight<TValue>> _cancellable = static () => new(cancellable: true);
    private static readonly Func<ReadFlight<TValue>> _uncancellable = static () => new(cancellable: false);

    private volatile FlightLeader? _leader;
    private volatile bool _givesValue;
    private TaskCompletionSource<CacheEntry<TValue>?>? _shared;

    public bool IsRefresh => isRefresh;

    /// <summary>What the work came to; only once the task has ended.</summary>
    public Found<TValue> Result { get; private set; }

    /// <summary>Of a load: nobody who waits for it will have to load again, for want of a value. False until its leader has said so.</summary>
    public bool GivesValue
    {
        get => _givesValue;
        set => _givesValue = value;
    }

    /// <summary>What callers get who neither can leave nor are recorded: one task for them all, so that one more of them costs next to nothing.</summary>
    public Task<CacheEntry<TValue>?> Shared
    {
        get
        {
            if (Volatile.Read(ref _shared) is null)
            {
                Interlocked.CompareExchange(ref _shared, new(TaskCreationOptions.RunContinuationsAsynchronously), null);
            }

            if (Task.IsCompleted) Settle(); // It may have ended before it could see that somebody waits here.
            return _shared!.Task;
        }
    }

    /// <summary>What a follower links to: the state of the load, or else of the leader's operation.</summary>
    public FlightLeader? Leader
    {
        get => _leader;
        set => _leader = value;
    }

    /// <summary>Of a lookup: captured before it asked the first tier.</summary>
    public WriteStamp Stamp { get; set; }

    /// <summary>Of a lookup that found nothing: the load that its callers share. Guarded by a lock on the flight.</summary>
    public ReadFlight<TValue>? Load { get; set; }

    /// <summary>Of a lookup that its leader goes on to load from: the load that the leader was put aboard. Guarded by a lock on the flight.</summary>
    public ReadFlight<TValue>? LeadersLoad { get; set; }

    /// <summary>Of a lookup: its leader was cancelled. Guarded by a lock on the flight.</summary>
    public bool LeaderHasLeft { get; set; }

    /// <summary>Of a lookup: whether its leader leads <see cref="LeadersLoad"/> too, or joined it. Guarded by a lock on the flight.</summary>
    public bool LeaderLeads { get; set; }

    /// <summary>Makes flights for a first caller that can be cancelled, or not.</summary>
    public static Func<ReadFlight<TValue>> For(bool cancellable) => cancellable ? _cancellable : _uncancellable;

    public void Land(Found<TValue> result)
    {
        Result = result;
        SetResult();
        Settle();
    }

    public override void Crash(Exception fault)
    {
        base.Crash(fault);
        Settle();
    }

    private void Settle()
    {
        if (Volatile.Read(ref _shared) is not { } shared) return;
        if ((Fault ?? Result.Failure) is not { } fault) shared.TrySetResult(Result.Entry);
        else if (shared.TrySetException(fault)) _ = shared.Task.Exception; // Observed: a caller who does not wait for it is no fault.
    }
}
