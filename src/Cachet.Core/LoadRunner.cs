namespace Cachet;

/// <summary>Runs loaders, and stores what they give.</summary>
internal sealed class LoadRunner<TKey, TValue>(TierPipeline<TKey, TValue> pipeline)
    where TKey : notnull
{
    // What the present flow of control is loading, innermost first: a loader that asks for its own key would wait for itself.
    private readonly AsyncLocal<Frame?> _loading = new();
    private readonly CacheDescriptor _cache = pipeline.Primary.Descriptor.Cache;

    /// <summary>Whether this is inside the loader of the key, however deep.</summary>
    public bool IsLoading(TKey key)
    {
        for (Frame? frame = _loading.Value; frame is not null; frame = frame.Outer)
        {
            if (!frame.IsOver && EqualityComparer<TKey>.Default.Equals(frame.Key, key)) return true;
        }

        return false;
    }

    /// <summary>Refuses a call from inside the loader of the same key.</summary>
    public void ThrowIfLoading(TKey key)
    {
        if (!IsLoading(key)) return;
        throw new InvalidOperationException(
            $"A loader of cache '{_cache.Name}' asked this cache for the very key that it is loading: it would wait for itself. "
            + "Compute the value without the cache, or look with GetAsync, which never waits for a loader.");
    }

    public async ValueTask<Found<TValue>> LoadAsync(
        TKey key, ILoader<TKey, TValue> loader, WriteStamp stamp, ReadFlight<TValue>? flight, HeldObservation? operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CacheEntry<TValue>? loaded = await RunAsync(key, loader, flight, operation, cancellationToken).ConfigureAwait(false);
        if (loaded is null) return new(null, CacheOutcome.Skipped);
        loaded = await pipeline.FillAsync(key, loaded, stamp, operation, cancellationToken).ConfigureAwait(false);
        return new(loaded, CacheOutcome.Loaded);
    }

    // A method of its own, so that the load's scope and frame are left when it ends.
    private async ValueTask<CacheEntry<TValue>?> RunAsync(
        TKey key, ILoader<TKey, TValue> loader, ReadFlight<TValue>? flight, HeldObservation? operation, CancellationToken cancellationToken)
    {
        long from = operation?.Observation.Now() ?? Observation.NotTimed;
        CacheScope scope = operation?.Observation.BeginLoad(in key, from) ?? default;
        if (flight is not null && operation?.Observation.LeaderOf(in scope) is { } leader) flight.Leader = leader;
        var frame = new Frame(key, _loading.Value);
        _loading.Value = frame;
        _cache.LoadBegins();
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
            _cache.LoadEnds();
            frame.IsOver = true; // What the loader started and did not wait for may ask for the key again.
            operation?.Observation.EndLoad(in scope, outcome, from, operation.Observation.Now(), error);
        }
    }

    private sealed class Frame(TKey key, Frame? outer)
    {
        private volatile bool _isOver;

        public TKey Key => key;

        public Frame? Outer => outer;

        public bool IsOver
        {
            get => _isOver;
            set => _isOver = value;
        }
    }
}
