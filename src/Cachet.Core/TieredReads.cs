namespace Cachet;

/// <summary>The reads of a cache that it cannot answer at once: observe, probe, coalesce, walk; and renew what a hit finds due.</summary>
internal sealed class TieredReads<TKey, TValue>(
    CacheObserver observer,
    TierPipeline<TKey, TValue> pipeline,
    ReadThrough<TKey, TValue> flights,
    RefreshAhead<TKey, TValue> refreshes,
    bool trustedPrimary)
    where TKey : notnull
{
    private readonly TierNode<TKey, TValue> _primary = pipeline.Primary;

    /// <summary>Looks the key up.</summary>
    /// <param name="key">The key.</param>
    /// <param name="promote">Whether a hit has consequences: a promotion, a refresh.</param>
    /// <param name="cancellationToken">Ends the caller's wait.</param>
    public ValueTask<CacheEntry<TValue>?> GetAsync(TKey key, bool promote, CancellationToken cancellationToken)
    {
        Observation operation = observer.Begin(CacheOperation.Get, in key);
        TierCall? probe = null;
        if (Probe(key, in operation, ref probe) is { } entry)
        {
            if (promote && IsDue(key, entry, canLoad: false)) refreshes.Start(key, new(entry, 0), null, operation.Leader);
            return new(entry);
        }

        bool joins = promote && CanJoin(probe, cancellationToken);
        if (joins && flights.TryFollowLookup(key) is { } lookup)
        {
            return Follow(lookup.FollowToEntry(cancellationToken), lookup, in operation, cancellationToken);
        }

        HeldObservation? held = operation.Hold();
        ValueTask<Found<TValue>> reading = promote
            ? flights.GetAsync(key, probe, held, cancellationToken)
            : flights.PeekAsync(key, probe, held, cancellationToken);
        ValueTask<CacheEntry<TValue>?> rest = FoundAsync(reading, key, promote, held, cancellationToken);
        operation.Leave();
        return rest;
    }

    public ValueTask<TResult> GetOrLoadAsync<TLoader, TResult>(TKey key, TLoader loader, CancellationToken cancellationToken)
        where TLoader : struct, ILoader<TKey, TValue, TResult> // boxed only when it is needed
    {
        Observation operation = observer.Begin(CacheOperation.GetOrInsert, in key);
        TierCall? probe = null;
        if (Probe(key, in operation, ref probe) is { } entry)
        {
            if (IsDue(key, entry, canLoad: true)) refreshes.Start(key, new(entry, 0), loader, operation.Leader);
            return new(loader.ResultOf(entry));
        }

        if (CanJoin(probe, cancellationToken) && flights.TryFollowLoad(key, loader.IsOptional) is { } load)
        {
            return Follow(loader.Follow(load, cancellationToken), load, in operation, cancellationToken);
        }

        HeldObservation? held = operation.Hold();
        ILoader<TKey, TValue, TResult> boxed = loader;
        ValueTask<Found<TValue>> reading = flights.GetOrLoadAsync(key, boxed, probe, held, cancellationToken);
        ValueTask<TResult> rest = LoadedAsync(reading, key, boxed, held, cancellationToken);
        operation.Leave();
        return rest;
    }

    /// <summary>Whether a hit in the primary is to be renewed.</summary>
    private bool IsDue(TKey key, CacheEntry<TValue> entry, bool canLoad) =>
        _primary.IsRefreshDue(entry) && refreshes.IsDue(key, 0, entry, canLoad);

    /// <summary>Whether a caller may join a flight at once, without asking what else there is to do first.</summary>
    private static bool CanJoin(TierCall? probe, CancellationToken cancellationToken) =>
        probe?.Error is null && !cancellationToken.IsCancellationRequested;

    /// <summary>All that a follower has to do is to wait, and to be recorded where somebody records it.</summary>
    private static ValueTask<TResult> Follow<TResult>(
        Task<TResult> waiting, ReadFlight<TValue> flight, in Observation operation, CancellationToken cancellationToken)
    {
        if (operation.IsNone) return new(waiting);
        ValueTask<TResult> rest = FollowAsync(waiting, flight, operation.Hold()!, cancellationToken);
        operation.Leave();
        return rest;
    }

    private static async ValueTask<TResult> FollowAsync<TResult>(
        Task<TResult> waiting, ReadFlight<TValue> flight, HeldObservation held, CancellationToken cancellationToken)
    {
        TResult result;
        try
        {
            result = await waiting.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            if (!waiting.IsCanceled) held.Follow(flight.Leader); // The failure is the flight's, not that this caller has left.
            held.Fail(error, cancellationToken);
            throw;
        }

        held.Follow(flight.Leader);
        held.Complete(flight.Result.Outcome, flight.Result.ServedBy);
        return result;
    }

    /// <summary>Asks a synchronous primary, and completes the operation on a hit.</summary>
    private CacheEntry<TValue>? Probe(TKey key, in Observation operation, ref TierCall? probe)
    {
        if (!_primary.IsSynchronous) return null;
        if (operation.IsNone && trustedPrimary && _primary.Find(key) is { } unrecorded) return unrecorded;
        if (_primary.Probe(key, in operation, ref probe, out long now) is not { } entry) return null;
        operation.Complete(CacheOutcome.Hit, _primary.Descriptor, now, coalesced: false, followed: null, error: null);
        return entry;
    }

    private async ValueTask<CacheEntry<TValue>?> FoundAsync(
        ValueTask<Found<TValue>> reading, TKey key, bool promote, HeldObservation? held, CancellationToken cancellationToken)
    {
        Found<TValue> found;
        try
        {
            found = await reading.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            held?.Fail(error, cancellationToken);
            throw;
        }

        Conclude(in found, key, null, promote, held);
        return found.Entry;
    }

    private async ValueTask<TResult> LoadedAsync<TResult>(
        ValueTask<Found<TValue>> reading,
        TKey key,
        ILoader<TKey, TValue, TResult> loader,
        HeldObservation? held,
        CancellationToken cancellationToken)
    {
        Found<TValue> found;
        try
        {
            found = await reading.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            held?.Fail(error, cancellationToken);
            throw;
        }

        Conclude(in found, key, loader, promote: true, held);
        return loader.ResultOf(found.Entry);
    }

    private void Conclude(in Found<TValue> found, TKey key, ILoader<TKey, TValue>? loader, bool promote, HeldObservation? held)
    {
        if (promote && found is { Outcome: CacheOutcome.Hit, Entry: { } entry } && refreshes.IsDue(key, found.Tier, entry, loader is not null))
        {
            refreshes.Start(key, new(entry, found.Tier), loader, held?.Observation.Leader);
        }

        held?.Complete(found.Outcome, found.ServedBy);
    }
}
