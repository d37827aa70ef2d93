namespace Cachet;

/// <summary>A tier behind a boundary, as the cache in front of it sees it. What the tier offers beside the contract it offers too.</summary>
internal class TransformTier<TKey, TValue, TStoreKey, TStoreValue>(
    Boundary<TKey, TValue, TStoreKey, TStoreValue> boundary, ICacheTier<TStoreKey, TStoreValue> tier)
    : ICacheTier<TKey, TValue>, IReportingTier<TKey, TValue>
    where TKey : notnull
    where TStoreKey : notnull
{
    private readonly IReportingTier<TStoreKey, TStoreValue>? _reporting = tier as IReportingTier<TStoreKey, TStoreValue>;

    public async ValueTask<TierReadResult<TValue>> ReadAsync(TKey key, CancellationToken cancellationToken)
    {
        TStoreKey storeKey = boundary.Encode(key);
        return boundary.Decode(_reporting is not null
            ? await _reporting.ReadAsync(storeKey, cancellationToken).ConfigureAwait(false)
            : new() { Entry = await tier.GetAsync(storeKey, cancellationToken).ConfigureAwait(false) });
    }

    public async ValueTask<TierWriteResult> WriteAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken)
    {
        TStoreKey storeKey = boundary.Encode(key);
        CacheEntry<TStoreValue> stored = boundary.Encode(entry);
        return _reporting is not null
            ? await _reporting.WriteAsync(storeKey, stored, cancellationToken).ConfigureAwait(false)
            : new() { Outcome = await tier.InsertAsync(storeKey, stored, cancellationToken).ConfigureAwait(false) };
    }

    public async ValueTask<CacheEntry<TValue>?> GetAsync(TKey key, CancellationToken cancellationToken) =>
        (await ReadAsync(key, cancellationToken).ConfigureAwait(false)).Entry;

    public async ValueTask<InsertOutcome> InsertAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken) =>
        (await WriteAsync(key, entry, cancellationToken).ConfigureAwait(false)).Outcome;

    public ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken) => tier.InvalidateAsync(boundary.Encode(key), cancellationToken);

    public ValueTask ClearAsync(CancellationToken cancellationToken) => tier.ClearAsync(cancellationToken);

    public ValueTask<long?> CountAsync(CancellationToken cancellationToken) => tier.CountAsync(cancellationToken);
}
