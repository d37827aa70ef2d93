using Microsoft.Extensions.Caching.Distributed;

namespace Cachet;

/// <summary>Entries in any <see cref="IDistributedCache"/>, serialized, each in an envelope that tells a good payload from a bad one.</summary>
/// <remarks>The store's own expiry only cleans up: it is rounded up to whole seconds, which is what Redis keeps, and the envelope's deadline
/// decides. A payload that cannot be read is reported and counts as a miss; the next insert overwrites it. The store belongs to whoever handed it in.</remarks>
/// <param name="store">The store.</param>
/// <param name="prefix">What comes before every key.</param>
/// <param name="composeKey">Makes a store key of what comes before it now and the key.</param>
/// <param name="envelope">Makes bytes of entries, and entries of bytes.</param>
/// <param name="limit">How many bytes the store is given, and read from, at most: envelope and payload.</param>
/// <param name="generationCheck">How often to ask for the generation.</param>
/// <param name="time">The cache's clock.</param>
internal sealed class DistributedTier<TKey, TValue>(
    PayloadStore store,
    string prefix,
    Func<string, TKey, string> composeKey,
    EntryEnvelope<TValue> envelope,
    long limit,
    TimeSpan generationCheck,
    TimeProvider time) : ICacheTier<TKey, TValue>, IReportingTier<TKey, TValue>
    where TKey : notnull
{
    private static readonly DistributedCacheEntryOptions _forEver = new();

    private readonly Generation _generation = new(store, prefix, generationCheck, time);

    public async ValueTask<TierReadResult<TValue>> ReadAsync(TKey key, CancellationToken cancellationToken)
    {
        string storeKey = await StoreKeyAsync(key, cancellationToken).ConfigureAwait(false);
        using PayloadBuffer found = store.NewBuffer(limit);
        if (!await store.ReadAsync(storeKey, found, cancellationToken).ConfigureAwait(false)) return default;
        return found.IsOverLimit ? new() { Undecodable = true, SerializedSize = found.Length } : envelope.Read(storeKey, found.Written);
    }

    public async ValueTask<TierWriteResult> WriteAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken)
    {
        string storeKey = await StoreKeyAsync(key, cancellationToken).ConfigureAwait(false);
        using PayloadBuffer payload = store.NewBuffer(limit);
        if (!envelope.Write(storeKey, entry, payload))
        {
            // What is there is older.
            await store.RemoveAsync(storeKey, cancellationToken).ConfigureAwait(false);
            return new() { Outcome = InsertOutcome.Rejected, SerializedSize = payload.Length };
        }

        await store.WriteAsync(storeKey, payload, StoreOptions(entry.Life), cancellationToken).ConfigureAwait(false);
        return new() { Outcome = InsertOutcome.Accepted, SerializedSize = payload.Length };
    }

    public async ValueTask<CacheEntry<TValue>?> GetAsync(TKey key, CancellationToken cancellationToken) =>
        (await ReadAsync(key, cancellationToken).ConfigureAwait(false)).Entry;

    public async ValueTask<InsertOutcome> InsertAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken) =>
        (await WriteAsync(key, entry, cancellationToken).ConfigureAwait(false)).Outcome;

    public async ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken)
    {
        string storeKey = await StoreKeyAsync(key, cancellationToken).ConfigureAwait(false);
        await store.RemoveAsync(storeKey, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask ClearAsync(CancellationToken cancellationToken) => _generation.ReplaceAsync(cancellationToken);

    private async ValueTask<string> StoreKeyAsync(TKey key, CancellationToken cancellationToken) =>
        composeKey(await _generation.KeyPrefixAsync(cancellationToken).ConfigureAwait(false), key);

    private DistributedCacheEntryOptions StoreOptions(Life life)
    {
        // A store adds the rest to its own clock: a thousand years on it is for ever.
        const long MostSeconds = 1_000L * 365 * 24 * 60 * 60;
        long left = life.Left(time.GetUtcNow().UtcTicks);
        if (left > MostSeconds * TimeSpan.TicksPerSecond) return _forEver;
        long seconds = Math.Max(1, (left + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond);
        return new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(seconds) };
    }
}
