using System.Runtime.CompilerServices;

namespace Cachet;

/// <summary>Entries in any <see cref="Microsoft.Extensions.Caching.Distributed.IDistributedCache"/>, serialized, each in an envelope that tells a good
/// payload from a bad one.</summary>
/// <remarks>The store's own expiry only cleans up: it is rounded up to whole seconds, which is what Redis keeps, and the envelope's deadline
/// decides. A payload that cannot be read is reported and counts as a miss; the next insert overwrites it. The store belongs to whoever handed it in.</remarks>
/// <param name="store">The store.</param>
/// <param name="keys">Makes store keys of keys.</param>
/// <param name="envelope">Makes bytes of entries, and entries of bytes.</param>
/// <param name="lives">What the store is told of how long to keep them.</param>
/// <param name="limit">How many bytes the store is given, and read from, at most: envelope and payload.</param>
internal sealed class DistributedTier<TKey, TValue>(
    PayloadStore store, StoreKeys<TKey> keys, EntryEnvelope<TValue> envelope, StoreLives<TValue> lives, long limit)
    : ICacheTier<TKey, TValue>, IReportingTier<TKey, TValue>, IStoreTier<TKey, TValue>
    where TKey : notnull
{
    /// <summary>Makes a tier whose keys have a generation, so that it can be cleared.</summary>
    /// <param name="store">The store.</param>
    /// <param name="prefix">What comes before every key.</param>
    /// <param name="composeKey">Makes a store key of what comes before it now and the key.</param>
    /// <param name="envelope">Makes bytes of entries, and entries of bytes.</param>
    /// <param name="limit">How many bytes the store is given, and read from, at most: envelope and payload.</param>
    /// <param name="generationCheck">How often to ask for the generation.</param>
    /// <param name="time">The cache's clock.</param>
    public DistributedTier(
        PayloadStore store,
        string prefix,
        Func<string, TKey, string> composeKey,
        EntryEnvelope<TValue> envelope,
        long limit,
        TimeSpan generationCheck,
        TimeProvider time)
        : this(store, new(prefix, composeKey, new(store, prefix, generationCheck, time)), envelope, new(time), limit)
    {
    }

    public ValueTask<TierReadResult<TValue>> ReadAsync(TKey key, CancellationToken cancellationToken)
    {
        ValueTask<string> naming = keys.OfAsync(key, cancellationToken);
        if (!naming.IsCompletedSuccessfully) return ReadAsync(naming, cancellationToken);
        string storeKey = naming.Result;
        ValueTask<StoredPayload> reading = store.ReadAsync(storeKey, limit, cancellationToken);
        return reading.IsCompletedSuccessfully ? new(Decode(storeKey, reading.Result)) : DecodeAsync(storeKey, reading);
    }

    public async ValueTask<TierWriteResult> WriteAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken)
    {
        string storeKey = await keys.OfAsync(key, cancellationToken).ConfigureAwait(false);
        using PayloadBuffer payload = store.NewBuffer(limit);
        if (!envelope.Write(storeKey, entry, payload))
        {
            // What is there is older.
            await store.RemoveAsync(storeKey, cancellationToken).ConfigureAwait(false);
            return new() { Outcome = InsertOutcome.Rejected, SerializedSize = payload.Length };
        }

        await store.WriteAsync(storeKey, payload, lives.Of(entry), cancellationToken).ConfigureAwait(false);
        return new() { Outcome = InsertOutcome.Accepted, SerializedSize = payload.Length };
    }

    public async ValueTask<CacheEntry<TValue>?> GetAsync(TKey key, CancellationToken cancellationToken) =>
        (await ReadAsync(key, cancellationToken).ConfigureAwait(false)).Entry;

    public async ValueTask<InsertOutcome> InsertAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken) =>
        (await WriteAsync(key, entry, cancellationToken).ConfigureAwait(false)).Outcome;

    public async ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken)
    {
        string storeKey = await keys.OfAsync(key, cancellationToken).ConfigureAwait(false);
        await store.RemoveAsync(storeKey, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask ClearAsync(CancellationToken cancellationToken) => keys.ReplaceAsync(cancellationToken);

    public ICacheTier<TKey, TValue> Synchronous() => new DistributedTier<TKey, TValue>(store.Synchronous(), keys, envelope, lives, limit);

    public async ValueTask RefreshAsync(TKey key, CancellationToken cancellationToken)
    {
        string storeKey = await keys.OfAsync(key, cancellationToken).ConfigureAwait(false);
        await store.RefreshAsync(storeKey, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<TierReadResult<TValue>> ReadAsync(ValueTask<string> naming, CancellationToken cancellationToken)
    {
        string storeKey = await naming.ConfigureAwait(false);
        return Decode(storeKey, await store.ReadAsync(storeKey, limit, cancellationToken).ConfigureAwait(false));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TierReadResult<TValue>> DecodeAsync(string storeKey, ValueTask<StoredPayload> reading) =>
        Decode(storeKey, await reading.ConfigureAwait(false));

    private TierReadResult<TValue> Decode(string storeKey, StoredPayload found)
    {
        using (found)
        {
            if (!found.IsThere) return default;
            return found.Length > limit ? new() { Undecodable = true, SerializedSize = found.Length } : envelope.Read(storeKey, found.Bytes);
        }
    }
}
