using Microsoft.Extensions.Caching.Distributed;

namespace Cachet;

/// <summary>Entries in any <see cref="IDistributedCache"/>, serialized, each in an envelope that tells a good payload from a bad one.</summary>
/// <remarks>The store's own expiry only cleans up: it is rounded up to whole seconds, which is what Redis keeps, and the envelope's deadline
/// decides. A payload that cannot be read is reported and counts as a miss; the next insert overwrites it. The store belongs to whoever handed it in.</remarks>
internal sealed class DistributedTier<TKey, TValue>(
    IDistributedCache store,
    string prefix,
    Func<TKey, string> keyEncoder,
    EntryEnvelope<TValue> envelope,
    TimeSpan generationCheck,
    TimeProvider time) : ICacheTier<TKey, TValue>, IReportingTier<TKey, TValue>
    where TKey : notnull
{
    private static readonly DistributedCacheEntryOptions _forEver = new();

    private readonly Generation _generation = new(store, prefix, generationCheck, time);

    public async ValueTask<TierReadResult<TValue>> ReadAsync(TKey key, CancellationToken cancellationToken)
    {
        string storeKey = await StoreKeyAsync(key, cancellationToken).ConfigureAwait(false);
        byte[]? stored = await store.GetAsync(storeKey, cancellationToken).ConfigureAwait(false);
        return stored is null ? default : envelope.Read(storeKey, stored);
    }

    public async ValueTask<TierWriteResult> WriteAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken)
    {
        string storeKey = await StoreKeyAsync(key, cancellationToken).ConfigureAwait(false);
        byte[] payload = envelope.Write(storeKey, entry);
        await store.SetAsync(storeKey, payload, StoreOptions(entry.Life), cancellationToken).ConfigureAwait(false);
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

    private async ValueTask<string> StoreKeyAsync(TKey key, CancellationToken cancellationToken)
    {
        string text = keyEncoder(key) ?? throw new InvalidOperationException("The tier's KeyEncoder gave null. It has to give every key a text of its own.");
        return string.Concat(await _generation.KeyPrefixAsync(cancellationToken).ConfigureAwait(false), text);
    }

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
