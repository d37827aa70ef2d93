namespace Cachet;

/// <summary>Renews entries in the background once a hit finds them due, as operations of their own.</summary>
internal sealed class RefreshAhead<TKey, TValue>(
    CacheObserver observer, TierPipeline<TKey, TValue> pipeline, ReadThrough<TKey, TValue> reads, BackgroundRefresher<TKey> background)
    where TKey : notnull
{
    /// <summary>How many refreshes are under way.</summary>
    public int Count => background.Count;

    /// <summary>Whether a hit is to be followed by a refresh.</summary>
    public bool IsDue(TKey key, int tier, CacheEntry<TValue> entry, bool canLoad) =>
        pipeline.IsRefreshDue(tier, entry, canLoad) && background.Wants(key);

    /// <summary>Starts a refresh.</summary>
    /// <param name="key">The key.</param>
    /// <param name="hit">What callers get meanwhile.</param>
    /// <param name="loader">The loader of the call that hit, if it brought one.</param>
    /// <param name="trigger">What the refresh links to.</param>
    public void Start(TKey key, StaleHit<TValue> hit, ILoader<TKey, TValue>? loader, FlightLeader? trigger) =>
        background.Start(key, pipeline.TimeToRefresh(hit.Tier), stopping => RunAsync(key, hit, loader, trigger, stopping));

    public void Stop() => background.Stop();

    public ValueTask StopAsync() => background.StopAsync();

    private async Task RunAsync(
        TKey key, StaleHit<TValue> hit, ILoader<TKey, TValue>? loader, FlightLeader? trigger, CancellationToken stopping)
    {
        HeldObservation? operation = observer.BeginRefresh(in key, trigger).Hold();
        Found<TValue> found;
        try
        {
            found = await reads.RefreshAsync(key, hit, loader, operation, stopping).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            operation?.Fail(error, stopping);
            throw;
        }

        operation?.Complete(found.Entry is null ? CacheOutcome.Miss : CacheOutcome.Refreshed, found.ServedBy);
    }
}
