namespace Cachet;

/// <summary>The writes of a cache: observe, walk, and overtake the reads that are under way.</summary>
internal sealed class TieredWrites<TKey, TValue>(
    CacheObserver observer, TierPipeline<TKey, TValue> pipeline, ReadThrough<TKey, TValue> flights)
    where TKey : notnull
{
    /// <summary>Stores an entry; no tier's copy outlives the limit, if one is set.</summary>
    public ValueTask<InsertOutcome> InsertAsync(TKey key, CacheEntry<TValue> entry, Life limit, CancellationToken cancellationToken)
    {
        Observation operation = observer.Begin(CacheOperation.Insert, in key);
        HeldObservation? held = operation.Hold();
        ValueTask<CacheOutcome> rest =
            WrittenAsync(pipeline.InsertAsync(key, entry, limit, held, cancellationToken), key, Reads.OfTheKey, held, cancellationToken);
        operation.Leave();
        return Outcome(rest);

        static async ValueTask<InsertOutcome> Outcome(ValueTask<CacheOutcome> insert) =>
            await insert.ConfigureAwait(false) == CacheOutcome.Inserted ? InsertOutcome.Accepted : InsertOutcome.Rejected;
    }

    public ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken)
    {
        Observation operation = observer.Begin(CacheOperation.Invalidate, in key);
        HeldObservation? held = operation.Hold();
        ValueTask<CacheOutcome> rest =
            WrittenAsync(pipeline.InvalidateAsync(key, held, cancellationToken), key, Reads.OfTheKey, held, cancellationToken);
        operation.Leave();
        return End(rest);
    }

    public ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        Observation operation = observer.Begin<TKey?>(CacheOperation.Clear, default);
        HeldObservation? held = operation.Hold();
        ValueTask<CacheOutcome> rest =
            WrittenAsync(pipeline.ClearAsync(held, cancellationToken), default, Reads.All, held, cancellationToken);
        operation.Leave();
        return End(rest);
    }

    /// <summary>Prolongs a sliding life: no value changes, and nothing is overtaken.</summary>
    public ValueTask RefreshAsync(TKey key, CancellationToken cancellationToken)
    {
        Observation operation = observer.Begin(CacheOperation.Refresh, in key);
        HeldObservation? held = operation.Hold();
        ValueTask<CacheOutcome> rest =
            WrittenAsync(pipeline.RefreshAsync(key, held, cancellationToken), key, Reads.None, held, cancellationToken);
        operation.Leave();
        return End(rest);
    }

    private static async ValueTask End(ValueTask<CacheOutcome> write) => await write.ConfigureAwait(false);

    /// <summary>Ends a write, which overtakes reads that are under way.</summary>
    private async ValueTask<CacheOutcome> WrittenAsync(
        ValueTask<CacheOutcome> write, TKey? key, Reads overtaken, HeldObservation? held, CancellationToken cancellationToken)
    {
        CacheOutcome outcome;
        try
        {
            outcome = await write.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Overtake(); // Some tier may have it all the same.
            held?.Fail(error, cancellationToken);
            throw;
        }

        Overtake();
        held?.Complete(outcome);
        return outcome;

        void Overtake()
        {
            if (overtaken == Reads.All) flights.OvertakeAll();
            else if (overtaken == Reads.OfTheKey) flights.Overtake(key!);
        }
    }

    private enum Reads
    {
        None,
        OfTheKey,
        All,
    }
}
