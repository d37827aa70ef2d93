using System.Runtime.CompilerServices;

namespace Cachet;

/// <summary>Fills of tiers with what a lookup or a load found. One that a write of its key overlapped leaves nothing in any tier.</summary>
/// <remarks>A fill of one tier that answers at once, as memory does, allocates nothing of its own.</remarks>
internal sealed class TierFills<TKey, TValue>(TierNode<TKey, TValue>[] nodes, TierErrorPolicy errors, WriteStamps<TKey> stamps)
    where TKey : notnull
{
    public WriteStamps<TKey> Stamps => stamps;

    /// <summary>Stores an entry in the first so many tiers.</summary>
    /// <param name="key">The key.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="count">How many tiers.</param>
    /// <param name="context">Where the entry comes from.</param>
    /// <param name="stamp">Captured before what is stored was looked for.</param>
    /// <param name="operation">Who records it.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    /// <returns>Whether a tier took it.</returns>
    public ValueTask<bool> FillAsync(
        TKey key,
        CacheEntry<TValue> entry,
        int count,
        in InsertContext context,
        WriteStamp stamp,
        HeldObservation? operation,
        CancellationToken cancellationToken)
    {
        if (!stamps.Holds(stamp)) return new(false);
        if (count > 1) return FillEachAsync(key, entry, count, context, stamp, operation, cancellationToken);
        ValueTask<TierCall> filling = FillOneAsync(nodes[0], key, entry, in context, stamp, operation, cancellationToken);
        return filling.IsCompletedSuccessfully ? new(IsFilled(filling.Result)) : LaterAsync(filling);
    }

    /// <summary>Drops the key from every tier. That is a write.</summary>
    public async ValueTask<TierCall[]> DropAsync(TKey key, HeldObservation? operation, CancellationToken cancellationToken)
    {
        stamps.BeginWrite(key);
        try
        {
            return await nodes.OnEach(nodes.Length, node => node.InvalidateAsync(key, operation, cancellationToken)).ConfigureAwait(false);
        }
        finally
        {
            stamps.EndWrite(key);
        }
    }

    private bool IsFilled(in TierCall call)
    {
        if (errors == TierErrorPolicy.Throw) call.ThrowIfFailed();
        return call.Outcome == CacheOutcome.Inserted;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> LaterAsync(ValueTask<TierCall> filling) => IsFilled(await filling.ConfigureAwait(false));

    private async ValueTask<bool> FillEachAsync(
        TKey key,
        CacheEntry<TValue> entry,
        int count,
        InsertContext context,
        WriteStamp stamp,
        HeldObservation? operation,
        CancellationToken cancellationToken)
    {
        var filling = new ValueTask<TierCall>[count];
#pragma warning disable CA2012 // Each is awaited once, below.
        for (int i = 0; i < count; i++) filling[i] = FillOneAsync(nodes[i], key, entry, in context, stamp, operation, cancellationToken);
#pragma warning restore CA2012
        bool isFilled = false;
        TierCall failed = default;
        for (int i = 0; i < count; i++)
        {
            TierCall call = await filling[i].ConfigureAwait(false);
            if (failed.Error is null && call.Error is not null) failed = call;
            isFilled |= call.Outcome == CacheOutcome.Inserted;
        }

        if (errors == TierErrorPolicy.Throw) failed.ThrowIfFailed();
        return isFilled;
    }

    private ValueTask<TierCall> FillOneAsync(
        TierNode<TKey, TValue> node,
        TKey key,
        CacheEntry<TValue> entry,
        in InsertContext context,
        WriteStamp stamp,
        HeldObservation? operation,
        CancellationToken cancellationToken)
    {
        if (!stamps.Holds(stamp)) return new(new TierCall(CacheOutcome.Rejected));
        ValueTask<TierCall> inserting = node.InsertAsync(key, entry, in context, operation, cancellationToken);
        return inserting.IsCompletedSuccessfully && stamps.Holds(stamp) ? inserting : CheckAsync(inserting, key, stamp, operation);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TierCall> CheckAsync(ValueTask<TierCall> inserting, TKey key, WriteStamp stamp, HeldObservation? operation)
    {
        TierCall call = await inserting.ConfigureAwait(false);
        if (stamps.Holds(stamp)) return call;

        // A write came in between, and this may have overwritten it: better nothing than the loser.
        TierCall dropped = await DropLoserAsync(key, operation).ConfigureAwait(false);
        if (dropped.Error is not null) return dropped;
        return call.Outcome == CacheOutcome.Inserted ? new(CacheOutcome.Rejected) : call;
    }

    /// <summary>Drops the key from every tier, whoever has cancelled meanwhile, and tries again where a tier fails: it took the fill just now.</summary>
    private async ValueTask<TierCall> DropLoserAsync(TKey key, HeldObservation? operation)
    {
        const int Attempts = 3;
        TierCall failed = default;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            TierCall[] calls = await DropAsync(key, operation, CancellationToken.None).ConfigureAwait(false);
            failed = Array.Find(calls, static c => c.Error is not null);
            if (failed.Error is null) break;
        }

        return failed;
    }
}
