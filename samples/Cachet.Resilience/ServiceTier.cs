namespace Cachet.Resilience;

/// <summary>A service as a tier: each call becomes a request.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <param name="service">The service.</param>
public sealed class ServiceTier<TKey, TValue>(StorageService<TKey, TValue> service) : ICacheTier<TKey, TValue>
    where TKey : notnull
{
    /// <inheritdoc/>
    public async ValueTask<CacheEntry<TValue>?> GetAsync(TKey key, CancellationToken cancellationToken) =>
        (await service(new(CacheOperation.Get, key), cancellationToken)).Entry;

    /// <inheritdoc/>
    public async ValueTask<InsertOutcome> InsertAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken) =>
        (await service(new(CacheOperation.Insert, key, entry), cancellationToken)).Outcome;

    /// <inheritdoc/>
    public async ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken) =>
        await service(new(CacheOperation.Invalidate, key), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask ClearAsync(CancellationToken cancellationToken) => await service(new(CacheOperation.Clear), cancellationToken);
}
