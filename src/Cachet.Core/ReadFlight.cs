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
    private Follower<CacheEntry<TValue>?>? _sharedEntry;
    private Follower<TValue>? _sharedValue;

    public bool IsRefresh => isRefresh;

    /// <summary>What the work came to; only once the task has ended.</summary>
    public Found<TValue> Result { get; private set; }

    /// <summary>Of a load: nobody who waits for it will have to load again, for want of a value. False until its leader has said so.</summary>
    public bool GivesValue
    {
        get => _givesValue;
        set => _givesValue = value;
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
        End();
    }

    /// <summary>Waits for the entry. Callers who cannot leave share one task: one more of them costs next to nothing.</summary>
    public Task<CacheEntry<TValue>?> FollowToEntry(CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled
            ? new EntryFollower<TValue>(this).Follow(cancellationToken)
            : (Volatile.Read(ref _sharedEntry) ?? Share(ref _sharedEntry, new EntryFollower<TValue>(this))).Task;

    /// <summary>Waits for the value, of a flight that gives one.</summary>
    public Task<TValue> FollowToValue(CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled
            ? new ValueFollower<TValue>(this).Follow(cancellationToken)
            : (Volatile.Read(ref _sharedValue) ?? Share(ref _sharedValue, new ValueFollower<TValue>(this))).Task;

    private static Follower<TResult> Share<TResult>(ref Follower<TResult>? shared, Follower<TResult> mine)
    {
        if (Interlocked.CompareExchange(ref shared, mine, null) is { } others) return others;
        mine.Follow(CancellationToken.None);
        return mine;
    }
}
