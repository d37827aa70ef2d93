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
            if (promote && _primary.IsRefreshDue(entry) && refreshes.IsDue(key, 0, entry, canLoad: false)) refreshes.Start(key, new(entry, 0), null, operation.Leader);
            return new(entry);
        }

        if (promote && IsLight(in operation, probe, cancellationToken) && flights.TryFollowLookup(key) is { } lookup) return new(lookup);
        HeldObservation? held = operation.Hold();
        ValueTask<Found<TValue>> reading = promote
            ? flights.GetAsync(key, probe, held, cancellationToken)
            : flights.PeekAsync(key, probe, held, cancellationToken);
        ValueTask<CacheEntry<TValue>?> rest = FoundAsync(reading, key, null, promote, held, cancellationToken);
        operation.Leave();
        return rest;
    }

    public ValueTask<CacheEntry<TValue>?> GetOrLoadAsync<TLoader>(TKey key, TLoader loader, CancellationToken cancellationToken)
        where TLoader : struct, ILoader<TKey, TValue> // boxed only when it is needed
    {
        Observation operation = observer.Begin(CacheOperation.GetOrInsert, in key);
        TierCall? probe = null;
        if (Probe(key, in operation, ref probe) is { } entry)
        {
            if (_primary.IsRefreshDue(entry) && refreshes.IsDue(key, 0, entry, canLoad: true)) refreshes.Start(key, new(entry, 0), loader, operation.Leader);
            return new(entry);
        }

        if (IsLight(in operation, probe, cancellationToken) && flights.TryFollowLoad(key, loader.IsOptional) is { } load) return new(load);
        HeldObservation? held = operation.Hold();
        ILoader<TKey, TValue> boxed = loader;
        ValueTask<Found<TValue>> reading = flights.GetOrLoadAsync(key, boxed, probe, held, cancellationToken);
        ValueTask<CacheEntry<TValue>?> rest = FoundAsync(reading, key, boxed, promote: true, held, cancellationToken);
        operation.Leave();
        return rest;
    }

    /// <summary>Whether all that a follower has to do is to wait.</summary>
    private static bool IsLight(in Observation operation, TierCall? probe, CancellationToken cancellationToken) =>
        operation.IsNone && probe?.Error is null && !cancellationToken.CanBeCanceled;

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
        ValueTask<Found<TValue>> reading,
        TKey key,
        ILoader<TKey, TValue>? loader,
        bool promote,
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

        if (promote && found is { Outcome: CacheOutcome.Hit, Entry: { } entry } && refreshes.IsDue(key, found.Tier, entry, loader is not null))
        {
            refreshes.Start(key, new(entry, found.Tier), loader, held?.Observation.Leader);
        }

        held?.Complete(found.Outcome, found.ServedBy);
        return found.Entry;
    }
}
