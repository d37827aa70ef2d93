using System.Runtime.CompilerServices;

namespace Cachet;

/// <summary>What one tier is given to store: by its policy, and with the life that its copy has there.</summary>
internal sealed class TierInserts<TKey, TValue>(ICacheTier<TKey, TValue> tier, InsertPolicy<TKey, TValue> policy, Lifetimes<TValue> lifetimes)
    where TKey : notnull
{
    private readonly IReportingTier<TKey, TValue>? _reporting = tier as IReportingTier<TKey, TValue>;

    /// <summary>Whether the tier is never given anything.</summary>
    public bool RefusesAll => policy.IsNever;

    /// <summary>Stores an entry, or refuses it. Whatever is thrown is the answer.</summary>
    public ValueTask<TierCall> StoreAsync(
        TKey key, CacheEntry<TValue> entry, in InsertContext context, long requestId, CancellationToken cancellationToken)
    {
        try
        {
            ValueTask<TierCall> storing = TakeAsync(key, entry, in context, requestId, cancellationToken);
            return storing.IsCompletedSuccessfully ? storing : LaterAsync(storing, cancellationToken);
        }
        catch (Exception error)
        {
            return new(TierCalls.Failed(error, cancellationToken));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<TierCall> LaterAsync(ValueTask<TierCall> storing, CancellationToken cancellationToken)
    {
        try
        {
            return await storing.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            return TierCalls.Failed(error, cancellationToken);
        }
    }

    private ValueTask<TierCall> TakeAsync(
        TKey key, CacheEntry<TValue> entry, in InsertContext context, long requestId, CancellationToken cancellationToken)
    {
        if (policy.IsNever) return Rejected;
        bool accepted = policy.Accepts(key, entry, context.Source);
        if (!accepted && context.Source != InsertSource.Direct) return Rejected;
        if (!accepted || lifetimes.Begin(entry, context) is not { } life) return DropAsync(key, cancellationToken);
        CacheEntry<TValue> copy = entry.With(life);
        lifetimes.Use(copy);
        return WriteAsync(key, copy, requestId, cancellationToken);
    }

    private static ValueTask<TierCall> Rejected => new(new TierCall(CacheOutcome.Rejected));

    /// <summary>Whoever inserted must not be served what was there before.</summary>
    private async ValueTask<TierCall> DropAsync(TKey key, CancellationToken cancellationToken)
    {
        await tier.InvalidateAsync(key, cancellationToken).ConfigureAwait(false);
        return new(CacheOutcome.Rejected);
    }

    /// <summary>Stores a copy. What the tier evicts meanwhile, on this thread, is the operation's doing.</summary>
    private ValueTask<TierCall> WriteAsync(TKey key, CacheEntry<TValue> copy, long requestId, CancellationToken cancellationToken)
    {
        long outer = RequestIds.Enter(requestId);
        try
        {
            if (_reporting is not null)
            {
                ValueTask<TierWriteResult> write = _reporting.WriteAsync(key, copy, cancellationToken);
                return write.IsCompletedSuccessfully ? new(CallOf(write.Result)) : LaterAsync(write);
            }

            ValueTask<InsertOutcome> insert = tier.InsertAsync(key, copy, cancellationToken);
            return insert.IsCompletedSuccessfully ? new(CallOf(new() { Outcome = insert.Result })) : LaterAsync(insert);
        }
        finally
        {
            RequestIds.Leave(outer);
        }
    }

    private static TierCall CallOf(in TierWriteResult result) =>
        new(result.Outcome == InsertOutcome.Accepted ? CacheOutcome.Inserted : CacheOutcome.Rejected, null, result.SerializedSize);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<TierCall> LaterAsync(ValueTask<TierWriteResult> write) => CallOf(await write.ConfigureAwait(false));

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<TierCall> LaterAsync(ValueTask<InsertOutcome> insert) =>
        CallOf(new() { Outcome = await insert.ConfigureAwait(false) });
}
