using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Cachet;

/// <summary>The walk through the tiers: lookups with promotion, fills, and writes.</summary>
/// <param name="nodes">The tiers.</param>
/// <param name="errors">What to do about one that fails.</param>
/// <param name="time">The cache's clock.</param>
/// <param name="writesAtOnce">There is one tier, whose writes take effect at once and so need no order.</param>
/// <param name="waiting">The same tiers as calls ask them that may wait, where no call of this one may.</param>
internal sealed class TierPipeline<TKey, TValue>(
    TierNode<TKey, TValue>[] nodes, TierErrorPolicy errors, TimeProvider time, bool writesAtOnce, TierPipeline<TKey, TValue>? waiting = null) : IDisposable
    where TKey : notnull
{
    private readonly WriteOrder<TKey>? _order = writesAtOnce ? null : waiting?._order ?? new();
    private readonly TierFills<TKey, TValue> _fills = new(nodes, errors, waiting?._fills.Stamps ?? new());

    public TierNode<TKey, TValue> Primary => nodes[0];

    public bool HasFallback => nodes.Length > 1;

    /// <summary>How many keys have writes under way that are put in order.</summary>
    public int Writes => _order?.Count ?? 0;

    /// <summary>The same tiers, for calls that have ended when they return. They share what orders writes, and no write waits for another.</summary>
    public TierPipeline<TKey, TValue> Synchronous() => new([.. nodes.Select(static n => n.Synchronous())], errors, time, writesAtOnce, this);

    /// <summary>To be captured before a fill reads anything.</summary>
    public WriteStamp Capture(TKey key) => _fills.Stamps.Capture(key);

    /// <summary>Asks the tiers in order, from the first that was not probed yet, and promotes a hit into those in front of it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="probe">What the primary's probe came to; <see langword="null"/> if it is to be asked here.</param>
    /// <param name="stamp">Captured before the first tier was asked; <see langword="null"/> to promote nothing.</param>
    /// <param name="operation">Who records it.</param>
    /// <param name="cancellationToken">Cancels the walk.</param>
    public ValueTask<Found<TValue>> LookupAsync(
        TKey key, TierCall? probe, WriteStamp? stamp, HeldObservation? operation, CancellationToken cancellationToken)
    {
        Exception? failure = probe?.Error;
        return WalkAsync(key, new(probe is null ? 0 : 1, failure, probe is null || failure is not null), stamp, operation, cancellationToken);
    }

    /// <summary>Throws what the primary's probe threw, if that is to surface.</summary>
    public void Surface(TierCall? probe)
    {
        if (errors == TierErrorPolicy.Throw && probe?.Error is { } failure) ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Asks the tiers behind the one that holds an entry for a newer one, and promotes that.</summary>
    public ValueTask<Found<TValue>> LookBehindAsync(
        TKey key, in StaleHit<TValue> hit, WriteStamp stamp, HeldObservation? operation, CancellationToken cancellationToken) =>
        WalkAsync(key, new(hit.Tier + 1, null, true, hit.Entry), stamp, operation, cancellationToken);

    /// <summary>Whether an entry that a tier served is to be renewed in the background, and there is somewhere to ask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsRefreshDue(int tier, CacheEntry<TValue> entry, bool canLoad) =>
        nodes[tier].IsRefreshDue(entry) && (canLoad || tier + 1 < nodes.Length);

    /// <summary>How long after a refresh of an entry that the tier served the next is due at the earliest.</summary>
    public TimeSpan TimeToRefresh(int tier) => nodes[tier].TimeToRefresh;

    /// <summary>Stores what was loaded in every tier, unless a write of the key overlapped the load.</summary>
    /// <returns>The entry, stamped if a tier accepted it.</returns>
    public async ValueTask<CacheEntry<TValue>> FillAsync(
        TKey key, CacheEntry<TValue> loaded, WriteStamp stamp, HeldObservation? operation, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        CacheEntry<TValue> stamped = loaded.StampedAt(now);
        var context = new InsertContext(now.UtcTicks, InsertSource.Load);
        bool accepted = await _fills.FillAsync(key, stamped, nodes.Length, in context, stamp, operation, cancellationToken).ConfigureAwait(false);
        return accepted ? stamped : loaded;
    }

    /// <summary>Stores an entry in every tier, where no copy outlives the limit, if one is set: inserted if any took it, else rejected. Throws the first
    /// tier's failure after all were tried.</summary>
    public async ValueTask<CacheOutcome> InsertAsync(
        TKey key, CacheEntry<TValue> entry, Life limit, HeldObservation? operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        WriteOrder<TKey>.Turn? turn = await EnterAsync(key, cancellationToken).ConfigureAwait(false);
        _fills.Stamps.BeginWrite(key);
        try
        {
            DateTimeOffset now = time.GetUtcNow();
            CacheEntry<TValue> stamped = entry.StampedAt(now);
            var context = new InsertContext(now.UtcTicks, InsertSource.Direct, limit);
            TierCall[] calls = await nodes.OnEach(nodes.Length, node => node.InsertAsync(key, stamped, context, operation, cancellationToken))
                .ConfigureAwait(false);
            if (turn is null && _order is not null) await DropCopiesAsync(key, operation).ConfigureAwait(false);
            TierCalls.ThrowFirst(calls);
            return Array.Exists(calls, static c => c.Outcome == CacheOutcome.Inserted) ? CacheOutcome.Inserted : CacheOutcome.Rejected;
        }
        finally
        {
            _fills.Stamps.EndWrite(key);
            if (turn is not null) _order!.Leave(key, turn);
        }
    }

    public async ValueTask<CacheOutcome> InvalidateAsync(TKey key, HeldObservation? operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        WriteOrder<TKey>.Turn? turn = await EnterAsync(key, cancellationToken).ConfigureAwait(false);
        try
        {
            TierCall[] calls = await _fills.DropAsync(key, operation, cancellationToken).ConfigureAwait(false);
            if (turn is null && _order is not null) await DropCopiesAsync(key, operation).ConfigureAwait(false);
            TierCalls.ThrowFirst(calls);
            return CacheOutcome.Invalidated;
        }
        finally
        {
            if (turn is not null) _order!.Leave(key, turn);
        }
    }

    /// <summary>Prolongs a sliding life where entries have one: in the last tier.</summary>
    public async ValueTask<CacheOutcome> RefreshAsync(TKey key, HeldObservation? operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TierCall call = await nodes[^1].RefreshAsync(key, operation, cancellationToken).ConfigureAwait(false);
        call.ThrowIfFailed();
        return call.Outcome;
    }

    /// <summary>Drops the key from every tier but the last.</summary>
    public async ValueTask DropCopiesAsync(TKey key, HeldObservation? operation) =>
        await nodes.OnEach(nodes.Length - 1, node => node.InvalidateAsync(key, operation, CancellationToken.None)).ConfigureAwait(false);

    public async ValueTask<CacheOutcome> ClearAsync(HeldObservation? operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _fills.Stamps.BeginClear();
        try
        {
            TierCalls.ThrowFirst(await nodes.OnEach(nodes.Length, node => node.ClearAsync(operation, cancellationToken)).ConfigureAwait(false));
            return CacheOutcome.Cleared;
        }
        finally
        {
            _fills.Stamps.EndClear();
        }
    }

    public void Dispose()
    {
        foreach (TierNode<TKey, TValue> node in nodes) node.Dispose();
    }

    /// <summary>A turn to write; none where writes need no order, or where others are under way and this one may not wait for them. Then nobody knows with
    /// which of them the tiers in front of the last have ended: they are to have none.</summary>
    private async ValueTask<WriteOrder<TKey>.Turn?> EnterAsync(TKey key, CancellationToken cancellationToken)
    {
        if (_order is null) return null;
        return waiting is null ? await _order.EnterAsync(key, cancellationToken).ConfigureAwait(false) : _order.TryEnter(key);
    }

    private ValueTask<Found<TValue>> WalkAsync(
        TKey key, in Walk<TValue> walk, WriteStamp? stamp, HeldObservation? operation, CancellationToken cancellationToken)
    {
        if (walk.From == nodes.Length) return new(Found<TValue>.Nothing with { Failure = walk.AllFailed ? walk.Failure : null });
        ValueTask<TierAnswer<TValue>> asking = nodes[walk.From].GetAsync(key, operation, cancellationToken);
        if (!asking.IsCompletedSuccessfully) return WalkOnAsync(asking, key, walk, stamp, operation, cancellationToken);
        TierAnswer<TValue> answer = asking.Result;
        return answer.Entry is { } entry && IsNews(entry, walk.Than)
            ? ServeAsync(key, entry, walk.From, stamp, operation, cancellationToken)
            : WalkOnAsync(new(answer), key, walk, stamp, operation, cancellationToken);
    }

    /// <summary>Goes on with a walk whose first tier was asked.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Found<TValue>> WalkOnAsync(
        ValueTask<TierAnswer<TValue>> asking,
        TKey key,
        Walk<TValue> walk,
        WriteStamp? stamp,
        HeldObservation? operation,
        CancellationToken cancellationToken)
    {
        Exception? failure = walk.Failure;
        bool allFailed = walk.AllFailed;
        int i = walk.From;
        while (true)
        {
            TierAnswer<TValue> answer = await asking.ConfigureAwait(false);
            if (answer.Entry is { } entry && IsNews(entry, walk.Than))
            {
                return await ServeAsync(key, entry, i, stamp, operation, cancellationToken).ConfigureAwait(false);
            }

            if (answer.Call.Outcome == CacheOutcome.Cancelled) ExceptionDispatchInfo.Throw(answer.Call.Error!);
            if (answer.Call.Outcome == CacheOutcome.Error)
            {
                if (errors == TierErrorPolicy.Throw) ExceptionDispatchInfo.Throw(answer.Call.Error!);
                failure ??= answer.Call.Error;
            }
            else
            {
                allFailed = false;
            }

            if (++i == nodes.Length) return Found<TValue>.Nothing with { Failure = allFailed ? failure : null };
            asking = nodes[i].GetAsync(key, operation, cancellationToken);
        }
    }

    // Where one of the two has no time, nobody knows: then what a fallback holds counts, as it would after a miss.
    private static bool IsNews(CacheEntry<TValue> entry, CacheEntry<TValue>? than) =>
        than is null || entry.CachedAt is not { } cachedAt || than.CachedAt is not { } before || cachedAt > before;

    /// <summary>Promotes a hit, if that is to be.</summary>
    private ValueTask<Found<TValue>> ServeAsync(
        TKey key, CacheEntry<TValue> entry, int from, WriteStamp? stamp, HeldObservation? operation, CancellationToken cancellationToken)
    {
        var found = new Found<TValue>(entry, CacheOutcome.Hit, nodes[from].Descriptor) { Tier = from };
        if (from == 0 || stamp is not { } captured || Lifetimes<TValue>.Slides(entry)) return new(found);
        if (from == 1 && operation is null && Primary.RefusesAll) return new(found); // and nobody wants to know
        var context = new InsertContext(time.GetUtcNow().UtcTicks, InsertSource.Promotion, nodes[from].LifeOf(entry));
        ValueTask<bool> promoting = _fills.FillAsync(key, entry, from, in context, captured, operation, cancellationToken);
        if (!promoting.IsCompletedSuccessfully) return LaterAsync(promoting, found);
        _ = promoting.Result;
        return new(found);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<Found<TValue>> LaterAsync(ValueTask<bool> promoting, Found<TValue> found)
    {
        await promoting.ConfigureAwait(false);
        return found;
    }
}

/// <summary>Where a walk through the tiers begins, and what it looks for.</summary>
/// <param name="From">The first tier to ask.</param>
/// <param name="Failure">What failed before it.</param>
/// <param name="AllFailed">Whether all that was asked before it failed.</param>
/// <param name="Than">Only a newer entry than this counts.</param>
internal readonly record struct Walk<TValue>(int From, Exception? Failure, bool AllFailed, CacheEntry<TValue>? Than = null);
