using System.Runtime.ExceptionServices;

namespace Cachet;

/// <summary>Reads that the primary could not answer at once: coalesced, then walked, then loaded.</summary>
/// <param name="pipeline">The tiers.</param>
/// <param name="stampedeProtection">Whether callers share flights.</param>
/// <param name="others">Other reads of the same cache, whose flights its writes overtake too.</param>
internal sealed class ReadThrough<TKey, TValue>(TierPipeline<TKey, TValue> pipeline, bool stampedeProtection, ReadThrough<TKey, TValue>? others = null)
    where TKey : notnull
{
    private readonly LoadRunner<TKey, TValue> _runner = new(pipeline);
    private readonly Coalescer<TKey, ReadFlight<TValue>>? _lookups = stampedeProtection ? new() : null;
    private readonly Coalescer<TKey, ReadFlight<TValue>>? _loads = stampedeProtection ? new() : null;

    /// <summary>How many flights are under way.</summary>
    public int Flights => (_lookups?.Count ?? 0) + (_loads?.Count ?? 0);

    /// <summary>Whether the probe said all that there is to say: no flight, and no tier left to ask.</summary>
    private bool IsProbedOut(TierCall? probe) => probe is { Error: null } && !pipeline.HasFallback;

    /// <summary>A key was written, in every tier: nobody who comes now may join what was read before.</summary>
    public void Overtake(TKey key)
    {
        _lookups?.Close(key);
        _loads?.Close(key);
        others?.Overtake(key);
    }

    /// <summary>All keys were written.</summary>
    public void OvertakeAll()
    {
        _lookups?.CloseAll();
        _loads?.CloseAll();
        others?.OvertakeAll();
    }

    /// <summary>Joins the lookup under way, for a caller who then only has to wait.</summary>
    public ReadFlight<TValue>? TryFollowLookup(TKey key) => _lookups?.Find(key) is { } lookup && lookup.TryBoard() ? lookup : null;

    /// <summary>Joins the load under way, for a caller who then only has to wait: it will not have to load again.</summary>
    public ReadFlight<TValue>? TryFollowLoad(TKey key, bool optional) =>
        _loads?.Find(key) is { IsRefresh: false } load && (optional || load.GivesValue) && !_runner.IsLoading(key) && load.TryBoard() ? load : null;

    public async ValueTask<Found<TValue>> GetAsync(
        TKey key, TierCall? probe, HeldObservation? operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        pipeline.Surface(probe);
        if (IsProbedOut(probe)) return Found<TValue>.Nothing;
        Found<TValue> found = _lookups is null
            ? await pipeline.LookupAsync(key, probe, pipeline.Capture(key), operation, cancellationToken).ConfigureAwait(false)
            : await LookupAsync(key, probe, operation, cancellationToken).ConfigureAwait(false);
        if (found.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
        return found;
    }

    /// <summary>A lookup that promotes nothing. It shares no flight: those who joined would miss the promotion.</summary>
    public async ValueTask<Found<TValue>> PeekAsync(
        TKey key, TierCall? probe, HeldObservation? operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        pipeline.Surface(probe);
        if (IsProbedOut(probe)) return Found<TValue>.Nothing;
        Found<TValue> found = await pipeline.LookupAsync(key, probe, null, operation, cancellationToken).ConfigureAwait(false);
        if (found.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
        return found;
    }

    public async ValueTask<Found<TValue>> GetOrLoadAsync(
        TKey key, ILoader<TKey, TValue> loader, TierCall? probe, HeldObservation? operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        pipeline.Surface(probe);
        _runner.ThrowIfLoading(key);
        if (_lookups is null)
        {
            WriteStamp stamp = pipeline.Capture(key);
            Found<TValue> found = await pipeline.LookupAsync(key, probe, stamp, operation, cancellationToken).ConfigureAwait(false);
            return found.Entry is not null
                ? found
                : await _runner.LoadAsync(key, loader, stamp, null, operation, cancellationToken).ConfigureAwait(false);
        }

        ReadFlight<TValue>? lookup = null, load = TryJoinLoad(key);
        bool leads = false;
        if (load is null && !IsProbedOut(probe))
        {
            lookup = _lookups.Board(key, ReadFlight<TValue>.For(cancellationToken.CanBeCanceled), out bool leadsLookup);
            if (leadsLookup) _ = FlyLookupAsync(lookup, key, probe, loader, operation, cancellationToken.CanBeCanceled);
            await WaitAsync(lookup, leadsLookup, cancellationToken).ConfigureAwait(false);
            if (lookup.Fault is not null || lookup.Result.Entry is not null) return Arrive(lookup, leadsLookup, operation);
            if (leadsLookup) (load, leads) = (lookup.LeadersLoad, lookup.LeaderLeads);
        }

        while (true)
        {
            if (load is null)
            {
                load = BoardLoad(key, lookup, cancellationToken.CanBeCanceled, out leads);
                if (leads) _ = FlyLoadAsync(load, key, loader, lookup?.Stamp, operation);
            }

            await load.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (leads || load is not { Fault: null, Result.Entry: null } || loader.IsOptional) return Arrive(load, leads, operation);

            // The leader's loader gave nothing, and this caller needs a value: its own runs as a new flight.
            Forget(lookup, load);
            load = null;
        }
    }

    /// <summary>Renews an entry: from a tier behind it that has a newer one, or by a load, which callers that find nothing meanwhile share.</summary>
    /// <returns>Nothing if there is no news.</returns>
    public async ValueTask<Found<TValue>> RefreshAsync(
        TKey key, StaleHit<TValue> hit, ILoader<TKey, TValue>? loader, HeldObservation? operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        WriteStamp stamp = pipeline.Capture(key);
        Found<TValue> found = await pipeline.LookBehindAsync(key, in hit, stamp, operation, cancellationToken).ConfigureAwait(false);
        if (found.Entry is not null) return found;
        if (loader is null)
        {
            if (found.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
            return found;
        }

        if (_loads is null) return await _runner.LoadAsync(key, loader, stamp, null, operation, cancellationToken).ConfigureAwait(false);
        ReadFlight<TValue> load = _loads.Board(key, static () => new(cancellable: true, isRefresh: true), out bool leads);
        if (leads) _ = FlyLoadAsync(load, key, loader, stamp, operation);
        try
        {
            await load.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (leads)
        {
            await load.Task.ConfigureAwait(false); // The cache is being disposed of, which waits for the loader.
            throw;
        }

        return Arrive(load, leads, operation);
    }

    private static Found<TValue> Arrive(ReadFlight<TValue> flight, bool leads, HeldObservation? operation)
    {
        if (!leads) operation?.Follow(flight.Leader);
        if (flight.Fault is { } fault) ExceptionDispatchInfo.Throw(fault);
        return flight.Result;
    }

    /// <summary>A load under way is joined without a lookup of one's own, but for a refresh: there is an entry meanwhile.</summary>
    private ReadFlight<TValue>? TryJoinLoad(TKey key) =>
        _loads!.Find(key) is { IsRefresh: false } load && load.TryBoard() ? load : null;

    private static void Forget(ReadFlight<TValue>? lookup, ReadFlight<TValue> load)
    {
        if (lookup is null) return;
        lock (lookup)
        {
            if (ReferenceEquals(lookup.Load, load)) lookup.Load = null;
        }
    }

    private async ValueTask<Found<TValue>> LookupAsync(
        TKey key, TierCall? probe, HeldObservation? operation, CancellationToken cancellationToken)
    {
        ReadFlight<TValue> flight = _lookups!.Board(key, ReadFlight<TValue>.For(cancellationToken.CanBeCanceled), out bool leads);
        if (leads) _ = FlyLookupAsync(flight, key, probe, null, operation, cancellationToken.CanBeCanceled);
        await flight.WaitAsync(cancellationToken).ConfigureAwait(false);
        return Arrive(flight, leads, operation);
    }

    /// <summary>Waits for a lookup. A leader that is cancelled meanwhile leaves the load too that its lookup may have put it aboard.</summary>
    private static async ValueTask WaitAsync(ReadFlight<TValue> lookup, bool leads, CancellationToken cancellationToken)
    {
        try
        {
            await lookup.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (leads)
        {
            ReadFlight<TValue>? load;
            lock (lookup)
            {
                lookup.LeaderHasLeft = true;
                load = lookup.LeadersLoad;
            }

            load?.Leave();
            throw;
        }
    }

    /// <summary>Looks the key up for all who are aboard. Where that finds nothing, and the leader has a loader, the load follows at once: in the leader's
    /// context, and before anybody else who was aboard could begin it.</summary>
    private async Task FlyLookupAsync(
        ReadFlight<TValue> flight, TKey key, TierCall? probe, ILoader<TKey, TValue>? loader, HeldObservation? operation, bool cancellable)
    {
        flight.Leader = operation?.Observation.Leader;
        flight.Stamp = pipeline.Capture(key);
        ReadFlight<TValue>? load = null;
        try
        {
            Found<TValue> found = LookAgain(key, operation)
                ?? await pipeline.LookupAsync(key, probe, flight.Stamp, operation, flight.Token).ConfigureAwait(false);
            if (loader is not null && found.Entry is null) load = BoardLeader(key, flight, cancellable);
            _lookups!.Remove(key, flight);
            flight.Land(found);
        }
        catch (Exception fault)
        {
            _lookups!.Remove(key, flight);
            flight.Crash(fault);
        }

        if (load is not null) await FlyLoadAsync(load, key, loader!, flight.Stamp, operation).ConfigureAwait(false);
    }

    /// <summary>Puts the leader of a lookup aboard the load, if it is still there. Returns the load if it is the leader's to fly.</summary>
    private ReadFlight<TValue>? BoardLeader(TKey key, ReadFlight<TValue> lookup, bool cancellable)
    {
        lock (lookup)
        {
            if (lookup.LeaderHasLeft) return null;
            ReadFlight<TValue> load = lookup.LeadersLoad = BoardLoad(key, lookup, cancellable, out bool leads);
            lookup.LeaderLeads = leads;
            return leads ? load : null;
        }
    }

    /// <summary>The callers of one lookup share one load, however late they come to it.</summary>
    private ReadFlight<TValue> BoardLoad(TKey key, ReadFlight<TValue>? lookup, bool cancellable, out bool leads)
    {
        if (lookup is null) return _loads!.Board(key, ReadFlight<TValue>.For(cancellable), out leads);
        lock (lookup)
        {
            if (lookup.Load?.TryBoard() == true)
            {
                leads = false;
                return lookup.Load;
            }

            return lookup.Load = _loads!.Board(key, ReadFlight<TValue>.For(cancellable), out leads);
        }
    }

    /// <summary>A lookup of the key that is under way may have looked too early to see what was loaded: those aboard share it, and nobody joins who
    /// comes now. Not so if a write came between the beginnings of the two: then the load is older than what the lookup may see.</summary>
    private void Share(TKey key, ReadFlight<TValue> load, WriteStamp stamp)
    {
        if (_lookups!.Find(key) is not { } lookup || lookup.Stamp != stamp) return;
        _lookups.Remove(key, lookup);
        lock (lookup) lookup.Load ??= load;
    }

    private async Task FlyLoadAsync(
        ReadFlight<TValue> flight, TKey key, ILoader<TKey, TValue> loader, WriteStamp? lookedAt, HeldObservation? operation)
    {
        flight.Leader = operation?.Observation.Leader;
        flight.GivesValue = !loader.IsOptional;
        try
        {
            WriteStamp stamp = lookedAt ?? pipeline.Capture(key);
            Found<TValue> found = (flight.IsRefresh ? null : LookAgain(key, operation))
                ?? await _runner.LoadAsync(key, loader, stamp, flight, operation, flight.Token).ConfigureAwait(false);
            if (found.Entry is not null) Share(key, flight, stamp);
            _loads!.Remove(key, flight);
            flight.Land(found);
        }
        catch (Exception fault)
        {
            _loads!.Remove(key, flight);
            flight.Crash(fault);
        }
    }

    /// <summary>The primary may just have been filled by a flight that ended between this caller's probe and its boarding.</summary>
    private Found<TValue>? LookAgain(TKey key, HeldObservation? operation) =>
        pipeline.Primary.IsSynchronous && pipeline.Primary.LookAgain(key, operation) is { } entry
            ? new(entry, CacheOutcome.Hit, pipeline.Primary.Descriptor)
            : null;
}
