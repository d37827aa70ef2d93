namespace Cachet;

/// <summary>A tier behind a boundary, as the cache in front of it sees it. What the tier offers beside the contract it offers too.</summary>
internal class TransformTier<TKey, TValue, TStoreKey, TStoreValue>(
    Boundary<TKey, TValue, TStoreKey, TStoreValue> boundary, ICacheTier<TStoreKey, TStoreValue> tier)
    : ICacheTier<TKey, TValue>, IReportingTier<TKey, TValue>, IEvictingTier, IExpiringTier<TKey, TValue>, IDisposable
    where TKey : notnull
    where TStoreKey : notnull
{
    private readonly IReportingTier<TStoreKey, TStoreValue>? _reporting = tier as IReportingTier<TStoreKey, TStoreValue>;
    private readonly IExpiringTier<TStoreKey, TStoreValue>? _expiring = tier as IExpiringTier<TStoreKey, TStoreValue>;
    private Lifetimes<TStoreValue>? _lifetimes;

    public async ValueTask<TierReadResult<TValue>> ReadAsync(TKey key, CancellationToken cancellationToken)
    {
        TStoreKey storeKey = boundary.Encode(key);
        return Decode(_reporting is not null
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

    public void ReportEvictionsTo(Action<EvictionReason> listener) => (tier as IEvictingTier)?.ReportEvictionsTo(listener);

    public void JudgeBy(Lifetimes<TValue> lifetimes)
    {
        if (_expiring is null) return;
        _lifetimes = lifetimes.For<TStoreValue>();
        _expiring.JudgeBy(_lifetimes);
    }

    /// <summary>Drops what is stored, if that has expired: the entry that was found is only its copy.</summary>
    public void DropExpired(TKey key, CacheEntry<TValue> entry)
    {
        if (_expiring is null || tier is not ISynchronousTier<TStoreKey, TStoreValue> synchronous) return;
        TStoreKey storeKey = boundary.Encode(key);
        if (synchronous.Find(storeKey) is { } stored && !_lifetimes!.IsFresh(stored)) _expiring.DropExpired(storeKey, stored);
    }

    public void Dispose() => (tier as IDisposable)?.Dispose();

    /// <summary>Decodes what was found. Its time to idle is kept where it is stored, and the copy is as fresh as that.</summary>
    protected TierReadResult<TValue> Decode(TierReadResult<TStoreValue> read)
    {
        if (read.Entry is { } stored) _lifetimes?.TryUse(stored);
        return boundary.Decode(read);
    }
}
