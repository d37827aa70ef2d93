using System.Runtime.ExceptionServices;

namespace Cachet;

/// <summary>Reads that the primary could not answer at once: coalesced, then walked, then loaded.</summary>
internal sealed class ReadThrough<TKey, TValue>(TierPipeline<TKey, TValue> pipeline, bool stampedeProtection)
    where TKey : notnull
{
    private readonly Coalescer<TKey, TValue>? _lookups = stampedeProtection ? new() : null;
    private readonly Coalescer<TKey, TValue>? _loads = stampedeProtection ? new() : null;

    /// <summary>How many flights are under way.</summary>
    public int Flights => (_lookups?.Count ?? 0) + (_loads?.Count ?? 0);

    /// <summary>Whether the probe said all that there is to say: no flight, and no tier left to ask.</summary>
    private bool IsProbedOut(TierCall? probe) => probe is { Error: null } && !pipeline.HasFallback;

    /// <summary>A key was written, in every tier: nobody who comes now may join what was read before.</summary>
    public void Overtake(TKey key)
    {
        _lookups?.Close(key);
        _loads?.Close(key);
    }

    /// <summary>All keys were written.</summary>
    public void OvertakeAll()
    {
        _lookups?.CloseAll();
        _loads?.CloseAll();
    }

    public async ValueTask<Found<TValue>> GetAsync(
        TKey key, TierCall? probe, HeldObservation? operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (IsProbedOut(probe)) return Found<TValue>.Nothing;
        Found<TValue> found = _lookups is null
            ? await pipeline.LookupAsync(key, probe, pipeline.Capture(key), operation, cancellationToken).ConfigureAwait(false)
            : (await JoinLookupAsync(key, probe, operation, cancellationToken).ConfigureAwait(false)).Result;
        if (found.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
        return found;
    }

    /// <summary>A lookup that promotes nothing. It shares no flight: those who joined would miss the promotion.</summary>
    public async ValueTask<Found<TValue>> PeekAsync(
        TKey key, TierCall? probe, HeldObservation? operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (IsProbedOut(probe)) return Found<TValue>.Nothing;
        Found<TValue> found = await pipeline.LookupAsync(key, probe, null, operation, cancellationToken).ConfigureAwait(false);
        if (found.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
        return found;
    }

    public async ValueTask<Found<TValue>> GetOrLoadAsync<TLoader>(
        TKey key, TLoader loader, TierCall? probe, HeldObservation? operation, CancellationToken cancellationToken)
        where TLoader : struct, ILoader<TKey, TValue>
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_lookups is null)
        {
            WriteStamp stamp = pipeline.Capture(key);
            Found<TValue> found = await pipeline.LookupAsync(key, probe, stamp, operation, cancellationToken).ConfigureAwait(false);
            return found.Entry is not null
                ? found
                : await LoadAsync(key, loader, stamp, null, operation, cancellationToken).ConfigureAwait(false);
        }

        // A load under way is joined without a lookup of one's own.
        Flight<TValue>? lookup = null, load = _loads!.TryBoard(key);
        if (load is null && !IsProbedOut(probe))
        {
            lookup = await JoinLookupAsync(key, probe, operation, cancellationToken).ConfigureAwait(false);
            if (lookup.Result.Entry is not null) return lookup.Result;
        }

        while (true)
        {
            bool leads = false;
            load ??= BoardLoad(key, lookup, cancellationToken, out leads);
            if (leads) _ = FlyLoadAsync(load, key, loader, lookup, operation);
            await load.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (!leads && load is { Fault: null, Result.Entry: null } && !loader.IsOptional)
            {
                // The leader's loader gave nothing, and this caller needs a value: its own runs as a new flight.
                Forget(lookup, load);
                load = null;
                continue;
            }

            return Arrive(load, leads, operation);
        }
    }

    private static Found<TValue> Arrive(Flight<TValue> flight, bool leads, HeldObservation? operation)
    {
        if (!leads) operation?.Follow(flight.Leader);
        if (flight.Fault is { } fault) ExceptionDispatchInfo.Throw(fault);
        return flight.Result;
    }

    private static void Forget(Flight<TValue>? lookup, Flight<TValue> load)
    {
        if (lookup is null) return;
        lock (lookup)
        {
            if (ReferenceEquals(lookup.Load, load)) lookup.Load = null;
        }
    }

    private async ValueTask<Flight<TValue>> JoinLookupAsync(
        TKey key, TierCall? probe, HeldObservation? operation, CancellationToken cancellationToken)
    {
        Flight<TValue> flight = _lookups!.Board(key, cancellationToken, out bool leads);
        if (leads) _ = FlyLookupAsync(flight, key, probe, operation);
        await flight.WaitAsync(cancellationToken).ConfigureAwait(false);

        // Joined work that found nothing is the result of a get; a get_or_insert that goes on to lead the load is not coalesced.
        bool ends = flight.Fault is not null || flight.Result.Entry is not null || operation?.Observation.Operation == CacheOperation.Get;
        if (ends) Arrive(flight, leads, operation);
        return flight;
    }

    private async Task FlyLookupAsync(Flight<TValue> flight, TKey key, TierCall? probe, HeldObservation? operation)
    {
        flight.Leader = operation?.Observation.Leader;
        flight.Stamp = pipeline.Capture(key);
        try
        {
            Found<TValue> found = LookAgain(key, operation)
                ?? await pipeline.LookupAsync(key, probe, flight.Stamp, operation, flight.Token).ConfigureAwait(false);
            _lookups!.Remove(key, flight);
            flight.Land(found);
        }
        catch (Exception fault)
        {
            _lookups!.Remove(key, flight);
            flight.Crash(fault);
        }
    }

    /// <summary>The callers of one lookup share one load, however late they come to it.</summary>
    private Flight<TValue> BoardLoad(TKey key, Flight<TValue>? lookup, CancellationToken cancellationToken, out bool leads)
    {
        if (lookup is null) return _loads!.Board(key, cancellationToken, out leads);
        lock (lookup)
        {
            if (lookup.Load?.TryBoard() == true)
            {
                leads = false;
                return lookup.Load;
            }

            return lookup.Load = _loads!.Board(key, cancellationToken, out leads);
        }
    }

    private async Task FlyLoadAsync<TLoader>(
        Flight<TValue> flight, TKey key, TLoader loader, Flight<TValue>? lookup, HeldObservation? operation)
        where TLoader : struct, ILoader<TKey, TValue>
    {
        flight.Leader = operation?.Observation.Leader;
        try
        {
            WriteStamp stamp = lookup?.Stamp ?? pipeline.Capture(key);
            Found<TValue> found = LookAgain(key, operation)
                ?? await LoadAsync(key, loader, stamp, flight, operation, flight.Token).ConfigureAwait(false);
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

    private async ValueTask<Found<TValue>> LoadAsync<TLoader>(
        TKey key, TLoader loader, WriteStamp stamp, Flight<TValue>? flight, HeldObservation? operation, CancellationToken cancellationToken)
        where TLoader : struct, ILoader<TKey, TValue>
    {
        cancellationToken.ThrowIfCancellationRequested();
        CacheEntry<TValue>? loaded = await RunAsync(key, loader, flight, operation, cancellationToken).ConfigureAwait(false);
        if (loaded is null) return new(null, CacheOutcome.Skipped);
        loaded = await pipeline.FillAsync(key, loaded, stamp, operation, cancellationToken).ConfigureAwait(false);
        return new(loaded, CacheOutcome.Loaded);
    }

    // A method of its own, so that the load's scope is left when it ends.
    private static async ValueTask<CacheEntry<TValue>?> RunAsync<TLoader>(
        TKey key, TLoader loader, Flight<TValue>? flight, HeldObservation? operation, CancellationToken cancellationToken)
        where TLoader : struct, ILoader<TKey, TValue>
    {
        long from = operation?.Observation.Now() ?? Observation.NotTimed;
        CacheScope scope = operation?.Observation.BeginLoad(in key, from) ?? default;
        if (flight is not null && operation?.Observation.LeaderOf(in scope) is { } leader) flight.Leader = leader;
        CacheEntry<TValue>? loaded = null;
        CacheOutcome outcome = CacheOutcome.Error;
        Exception? error = null;
        try
        {
            loaded = await loader.LoadAsync(key, cancellationToken).ConfigureAwait(false);
            outcome = loaded is null ? CacheOutcome.Skipped : CacheOutcome.Loaded;
            return loaded;
        }
        catch (Exception thrown)
        {
            error = thrown;
            if (thrown is OperationCanceledException && cancellationToken.IsCancellationRequested) outcome = CacheOutcome.Cancelled;
            throw;
        }
        finally
        {
            operation?.Observation.EndLoad(in scope, outcome, from, operation.Observation.Now(), error);
        }
    }
}
