using System.Runtime.CompilerServices;

namespace Cachet;

/// <summary>One tier and its policy: applies time to live, tells <em>miss</em> from <em>expired</em>, and reports each call.</summary>
internal sealed class TierNode<TKey, TValue> : IDisposable
    where TKey : notnull
{
    private readonly ICacheTier<TKey, TValue> _tier;
    private readonly ISynchronousTier<TKey, TValue>? _synchronous;
    private readonly IReportingTier<TKey, TValue>? _reporting;
    private readonly IExpiringTier<TKey, TValue>? _expiring;
    private readonly InsertPolicy<TKey, TValue> _policy;
    private readonly Lifetimes<TValue> _lifetimes;
    private readonly TierInserts<TKey, TValue> _inserts;
    private readonly bool _isMemory; // of Cachet's own, which holds the entries themselves
    private volatile bool _disposed;

    public TierNode(TierDescriptor descriptor, ICacheTier<TKey, TValue> tier, InsertPolicy<TKey, TValue> policy, Lifetimes<TValue> lifetimes)
    {
        Descriptor = descriptor;
        _tier = tier;
        _synchronous = tier as ISynchronousTier<TKey, TValue>;
        _reporting = tier as IReportingTier<TKey, TValue>;
        _policy = policy;
        _lifetimes = lifetimes;
        _inserts = new(tier, policy, lifetimes);
        _expiring = tier as IExpiringTier<TKey, TValue>;
        _expiring?.JudgeBy(lifetimes);
        _isMemory = _expiring is not null && _reporting is null; // A boundary has more to tell.
    }

    public TierDescriptor Descriptor { get; }

    /// <summary>Whether Cachet made the tier, and so disposes of it.</summary>
    public bool IsOwn { get; init; }

    public bool IsSynchronous => _synchronous is not null;

    /// <summary>Whether the tier is never given anything to store.</summary>
    public bool RefusesAll => _inserts.RefusesAll;

    public TimeSpan TimeToRefresh => _lifetimes.TimeToRefresh;

    /// <summary>The same tier, all of whose calls have ended when they return.</summary>
    public TierNode<TKey, TValue> Synchronous() =>
        _tier is IStoreTier<TKey, TValue> store ? new(Descriptor, store.Synchronous(), _policy, _lifetimes) : this;

    public bool IsRefreshDue(CacheEntry<TValue> entry) => _lifetimes.IsRefreshDue(entry);

    /// <summary>A fresh entry, or <see langword="null"/>. Only for synchronous tiers; passes on what the tier throws.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public CacheEntry<TValue>? Find(TKey key) => _synchronous!.Find(key) is { } entry && _lifetimes.TryUse(entry) ? entry : null;

    /// <summary>As <see cref="Find"/>, of an entry that is not to be renewed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public CacheEntry<TValue>? FindSettled(TKey key) => _synchronous!.Find(key) is { } entry && _lifetimes.TryUseSettled(entry) ? entry : null;

    /// <summary>Probes a synchronous tier as a call of its own, begun when the operation began, ended at <paramref name="now"/>. What it came to is told
    /// where it was no hit.</summary>
    public CacheEntry<TValue>? Probe(TKey key, in Observation operation, ref TierCall? call, out long now)
    {
        CacheScope scope = operation.BeginTier(Descriptor, CacheOperation.Get, in key, operation.Started);
        CacheEntry<TValue>? entry = null;
        var came = new TierCall(CacheOutcome.Hit);
        try
        {
            // Of memory's hits, which are nearly all, there is nothing more to know; what else there is takes the long way.
            if (!_isMemory || (entry = Find(key)) is null)
            {
                TierAnswer<TValue> answer = Judge(key, _synchronous!.Read(key), operation.RequestId);
                entry = answer.Entry;
                came = answer.Call;
            }
        }
        catch (Exception error)
        {
            came = new(CacheOutcome.Error, error);
        }

        now = operation.Now();
        operation.EndTier(in scope, Descriptor, CacheOperation.Get, in came, operation.Started, now);
        if (entry is null) call = came;
        return entry;
    }

    /// <summary>Looks at a synchronous tier once more: says nothing unless it hits.</summary>
    public CacheEntry<TValue>? LookAgain(TKey key, HeldObservation? operation)
    {
        long from = operation?.Observation.Now() ?? Observation.NotTimed;
        CacheEntry<TValue>? entry;
        try
        {
            entry = Find(key);
        }
        catch (Exception)
        {
            return null; // Its failure was reported when it was probed; there is nothing to find out now.
        }

        if (entry is not null && operation is not null)
        {
            ref readonly Observation observation = ref operation.Observation;
            CacheScope scope = observation.BeginTier(Descriptor, CacheOperation.Get, in key, from);
            observation.EndTier(in scope, Descriptor, CacheOperation.Get, new(CacheOutcome.Hit), from, observation.Now());
        }

        return entry;
    }

    public ValueTask<TierAnswer<TValue>> GetAsync(TKey key, HeldObservation? operation, CancellationToken cancellationToken) =>
        operation is null ? AskAsync(key, 0, cancellationToken) : RecordAsync(key, operation, cancellationToken);

    public ValueTask<TierCall> InsertAsync(
        TKey key, CacheEntry<TValue> entry, in InsertContext context, HeldObservation? operation, CancellationToken cancellationToken) =>
        operation is null
            ? _inserts.StoreAsync(key, entry, in context, 0, cancellationToken)
            : RecordAsync(key, entry, context, operation, cancellationToken);

    public async ValueTask<TierCall> InvalidateAsync(TKey key, HeldObservation? operation, CancellationToken cancellationToken)
    {
        CacheScope scope = Begin(operation, CacheOperation.Invalidate, key, out long from);
        TierCall call = new(CacheOutcome.Invalidated);
        try
        {
            await _tier.InvalidateAsync(key, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            call = TierCalls.Failed(error, cancellationToken);
        }

        End(operation, in scope, CacheOperation.Invalidate, call, from);
        return call;
    }

    /// <summary>Prolongs the sliding life of an entry. A store is told to, and does not say whether it has the entry; in any other tier a read does it.</summary>
    public async ValueTask<TierCall> RefreshAsync(TKey key, HeldObservation? operation, CancellationToken cancellationToken)
    {
        CacheScope scope = Begin(operation, CacheOperation.Refresh, key, out long from);
        TierCall call = new(CacheOutcome.Refreshed);
        try
        {
            if (_tier is IStoreTier<TKey, TValue> store)
            {
                await store.RefreshAsync(key, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                TierReadResult<TValue> read = new() { Entry = await _tier.GetAsync(key, cancellationToken).ConfigureAwait(false) };
                if (Judge(key, read, operation?.Observation.RequestId ?? 0).Entry is null) call = new(CacheOutcome.Miss);
            }
        }
        catch (Exception error)
        {
            call = TierCalls.Failed(error, cancellationToken);
        }

        End(operation, in scope, CacheOperation.Refresh, call, from);
        return call;
    }

    public async ValueTask<TierCall> ClearAsync(HeldObservation? operation, CancellationToken cancellationToken)
    {
        CacheScope scope = Begin<TKey?>(operation, CacheOperation.Clear, default, out long from);
        TierCall call = new(CacheOutcome.Cleared);
        try
        {
            await _tier.ClearAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            call = TierCalls.Failed(error, cancellationToken);
        }

        End(operation, in scope, CacheOperation.Clear, call, from);
        return call;
    }

    /// <summary>Sends what the tier evicts of its own accord to the cache's observer.</summary>
    public void ReportEvictionsTo(CacheObserver observer) =>
        (_tier as IEvictingTier)?.ReportEvictionsTo(reason =>
        {
            if (!_disposed && reason is (EvictionReason.Capacity or EvictionReason.Expired)) observer.Evicted(Descriptor, reason);
        });

    public ValueTask<long?> CountAsync(CancellationToken cancellationToken) => _tier.CountAsync(cancellationToken);

    /// <summary>Disposes of the tier, if it was not handed in, and hears no more of its evictions.</summary>
    public void Dispose()
    {
        _disposed = true;
        if (IsOwn) (_tier as IDisposable)?.Dispose();
    }

    /// <summary>What this tier's copy of an entry has left, for a promotion into the tiers in front of it.</summary>
    public Life LifeOf(CacheEntry<TValue> entry) => _lifetimes.Of(entry);

    private async ValueTask<TierAnswer<TValue>> RecordAsync(TKey key, HeldObservation operation, CancellationToken cancellationToken)
    {
        CacheScope scope = Begin(operation, CacheOperation.Get, key, out long from);
        TierAnswer<TValue> answer = await AskAsync(key, operation.Observation.RequestId, cancellationToken).ConfigureAwait(false);
        End(operation, in scope, CacheOperation.Get, answer.Call, from);
        return answer;
    }

    private async ValueTask<TierCall> RecordAsync(
        TKey key, CacheEntry<TValue> entry, InsertContext context, HeldObservation operation, CancellationToken cancellationToken)
    {
        CacheScope scope = Begin(operation, CacheOperation.Insert, key, out long from);
        TierCall call = await _inserts.StoreAsync(key, entry, in context, operation.Observation.RequestId, cancellationToken).ConfigureAwait(false);
        End(operation, in scope, CacheOperation.Insert, call, from);
        return call;
    }

    /// <summary>Reads. Whatever is thrown is the answer.</summary>
    private ValueTask<TierAnswer<TValue>> AskAsync(TKey key, long requestId, CancellationToken cancellationToken)
    {
        try
        {
            ValueTask<TierReadResult<TValue>> reading = ReadAsync(key, cancellationToken);
            return reading.IsCompletedSuccessfully
                ? new(Judge(key, reading.Result, requestId))
                : LaterAsync(reading, key, requestId, cancellationToken);
        }
        catch (Exception error)
        {
            return new(new TierAnswer<TValue>(null, TierCalls.Failed(error, cancellationToken)));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TierAnswer<TValue>> LaterAsync(
        ValueTask<TierReadResult<TValue>> reading, TKey key, long requestId, CancellationToken cancellationToken)
    {
        try
        {
            return Judge(key, await reading.ConfigureAwait(false), requestId);
        }
        catch (Exception error)
        {
            return new(null, TierCalls.Failed(error, cancellationToken));
        }
    }

    private ValueTask<TierReadResult<TValue>> ReadAsync(TKey key, CancellationToken cancellationToken)
    {
        if (_reporting is not null) return _reporting.ReadAsync(key, cancellationToken);
        ValueTask<CacheEntry<TValue>?> getting = _tier.GetAsync(key, cancellationToken);
        return getting.IsCompletedSuccessfully ? new(new TierReadResult<TValue> { Entry = getting.Result }) : LaterAsync(getting);

        static async ValueTask<TierReadResult<TValue>> LaterAsync(ValueTask<CacheEntry<TValue>?> getting) =>
            new() { Entry = await getting.ConfigureAwait(false) };
    }

    private TierAnswer<TValue> Judge(TKey key, TierReadResult<TValue> read, long requestId)
    {
        if (read.Undecodable) return new(null, new(CacheOutcome.Invalid, read.DecodeError, read.SerializedSize));
        if (read.Entry is not { } entry) return new(null, new(CacheOutcome.Miss));
        if (_lifetimes.TryUse(entry)) return new(entry, new(CacheOutcome.Hit, null, read.SerializedSize));
        if (_expiring is not null) DropExpired(key, entry, requestId);
        return new(null, new(CacheOutcome.Expired, null, read.SerializedSize));
    }

    private void DropExpired(TKey key, CacheEntry<TValue> entry, long requestId)
    {
        long outer = RequestIds.Enter(requestId);
        try
        {
            _expiring!.DropExpired(key, entry);
        }
        finally
        {
            RequestIds.Leave(outer);
        }
    }

    private CacheScope Begin<T>(HeldObservation? operation, CacheOperation tierOperation, T key, out long from)
    {
        from = Observation.NotTimed;
        if (operation is null) return default;
        from = operation.Observation.Now();
        return operation.Observation.BeginTier(Descriptor, tierOperation, in key, from);
    }

    private void End(HeldObservation? operation, in CacheScope scope, CacheOperation tierOperation, TierCall call, long from) =>
        operation?.Observation.EndTier(in scope, Descriptor, tierOperation, in call, from, operation.Observation.Now());
}

/// <summary>What a tier answered to a get: the entry of a hit, and the call's outcome.</summary>
internal readonly record struct TierAnswer<TValue>(CacheEntry<TValue>? Entry, TierCall Call);

/// <summary>When, from where, and with what life left an entry comes to be inserted.</summary>
/// <param name="UtcNow">The operation's one reading of wall time, in UTC ticks.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Left">What is left of the copy it was promoted from; not set for inserts and loads.</param>
internal readonly record struct InsertContext(long UtcNow, InsertSource Source, Life Left = default);
