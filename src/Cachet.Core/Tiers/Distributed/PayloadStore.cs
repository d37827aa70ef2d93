using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace Cachet;

/// <summary>A store, by whichever of its two interfaces costs less: decided once.</summary>
internal abstract class PayloadStore(IDistributedCache store, ArrayPool<byte> pool)
{
    private protected IDistributedCache Store { get; } = store;

    public static PayloadStore Over(IDistributedCache store, ArrayPool<byte> pool) =>
        store is IBufferDistributedCache buffers ? new OfBuffers(buffers, pool) : new OfArrays(store, pool);

    /// <summary>A buffer for one call, to be disposed of when that has ended.</summary>
    public PayloadBuffer NewBuffer(long limit) => new(pool, limit);

    /// <summary>Reads what is under a key into a buffer.</summary>
    /// <returns>Whether there was anything.</returns>
    public abstract ValueTask<bool> ReadAsync(string key, PayloadBuffer target, CancellationToken cancellationToken);

    public abstract ValueTask WriteAsync(
        string key, PayloadBuffer payload, DistributedCacheEntryOptions options, CancellationToken cancellationToken);

    public Task RemoveAsync(string key, CancellationToken cancellationToken) => Store.RemoveAsync(key, cancellationToken);

    private sealed class OfBuffers(IBufferDistributedCache store, ArrayPool<byte> pool) : PayloadStore(store, pool)
    {
        public override ValueTask<bool> ReadAsync(string key, PayloadBuffer target, CancellationToken cancellationToken) =>
            store.TryGetAsync(key, target, cancellationToken);

        public override async ValueTask WriteAsync(
            string key, PayloadBuffer payload, DistributedCacheEntryOptions options, CancellationToken cancellationToken)
        {
            try
            {
                await store.SetAsync(key, new ReadOnlySequence<byte>(payload.Written), options, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception)
            {
                payload.Abandon(); // A client that gave up waiting may still send it.
                throw;
            }
        }
    }

    private sealed class OfArrays(IDistributedCache store, ArrayPool<byte> pool) : PayloadStore(store, pool)
    {
        public override async ValueTask<bool> ReadAsync(string key, PayloadBuffer target, CancellationToken cancellationToken)
        {
            byte[]? stored = await Store.GetAsync(key, cancellationToken).ConfigureAwait(false);
            if (stored is not null) target.Adopt(stored);
            return stored is not null;
        }

        // Such a store may keep the array that it is given.
        public override ValueTask WriteAsync(
            string key, PayloadBuffer payload, DistributedCacheEntryOptions options, CancellationToken cancellationToken) =>
            new(Store.SetAsync(key, payload.Written.ToArray(), options, cancellationToken));
    }
}
