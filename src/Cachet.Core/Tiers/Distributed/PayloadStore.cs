using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace Cachet;

/// <summary>A store, by whichever of its two interfaces costs less, and by its asynchronous methods or by its synchronous ones: decided once.</summary>
internal abstract class PayloadStore(IDistributedCache store, ArrayPool<byte> pool, bool synchronously)
{
    private protected IDistributedCache Store { get; } = store;

    private protected bool Synchronously { get; } = synchronously;

    public static PayloadStore Over(IDistributedCache store, ArrayPool<byte> pool, bool synchronously = false) =>
        store is IBufferDistributedCache buffers ? new OfBuffers(buffers, pool, synchronously) : new OfArrays(store, pool, synchronously);

    /// <summary>The same store, all of whose calls have ended when they return.</summary>
    public PayloadStore Synchronous() => Over(Store, pool, synchronously: true);

    /// <summary>A buffer for one call, to be disposed of when that has ended.</summary>
    public PayloadBuffer NewBuffer(long limit) => new(pool, limit);

    /// <summary>Reads what is under a key into a buffer.</summary>
    /// <returns>Whether there was anything.</returns>
    public abstract ValueTask<bool> ReadAsync(string key, PayloadBuffer target, CancellationToken cancellationToken);

    public abstract ValueTask WriteAsync(
        string key, PayloadBuffer payload, DistributedCacheEntryOptions options, CancellationToken cancellationToken);

    public Task RemoveAsync(string key, CancellationToken cancellationToken)
    {
        if (!Synchronously) return Store.RemoveAsync(key, cancellationToken);
        Store.Remove(key);
        return Task.CompletedTask;
    }

    public Task RefreshAsync(string key, CancellationToken cancellationToken)
    {
        if (!Synchronously) return Store.RefreshAsync(key, cancellationToken);
        Store.Refresh(key);
        return Task.CompletedTask;
    }

    private sealed class OfBuffers(IBufferDistributedCache store, ArrayPool<byte> pool, bool synchronously) : PayloadStore(store, pool, synchronously)
    {
        public override ValueTask<bool> ReadAsync(string key, PayloadBuffer target, CancellationToken cancellationToken) =>
            TryGetAsync(key, target, cancellationToken);

        public override async ValueTask WriteAsync(
            string key, PayloadBuffer payload, DistributedCacheEntryOptions options, CancellationToken cancellationToken)
        {
            try
            {
                await SetAsync(key, new(payload.Written), options, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception)
            {
                payload.Abandon(); // A client that gave up waiting may still send it.
                throw;
            }
        }

        private ValueTask<bool> TryGetAsync(string key, PayloadBuffer target, CancellationToken cancellationToken) =>
            Synchronously ? new(store.TryGet(key, target)) : store.TryGetAsync(key, target, cancellationToken);

        private ValueTask SetAsync(
            string key, ReadOnlySequence<byte> payload, DistributedCacheEntryOptions options, CancellationToken cancellationToken)
        {
            if (!Synchronously) return store.SetAsync(key, payload, options, cancellationToken);
            store.Set(key, payload, options);
            return default;
        }
    }

    private sealed class OfArrays(IDistributedCache store, ArrayPool<byte> pool, bool synchronously) : PayloadStore(store, pool, synchronously)
    {
        public override async ValueTask<bool> ReadAsync(string key, PayloadBuffer target, CancellationToken cancellationToken)
        {
            byte[]? stored = await GetAsync(key, cancellationToken).ConfigureAwait(false);
            if (stored is not null) target.Adopt(stored);
            return stored is not null;
        }

        // Such a store may keep the array that it is given.
        public override ValueTask WriteAsync(
            string key, PayloadBuffer payload, DistributedCacheEntryOptions options, CancellationToken cancellationToken) =>
            new(SetAsync(key, payload.Written.ToArray(), options, cancellationToken));

        private Task<byte[]?> GetAsync(string key, CancellationToken cancellationToken) =>
            Synchronously ? Task.FromResult(Store.Get(key)) : Store.GetAsync(key, cancellationToken);

        private Task SetAsync(string key, byte[] payload, DistributedCacheEntryOptions options, CancellationToken cancellationToken)
        {
            if (!Synchronously) return Store.SetAsync(key, payload, options, cancellationToken);
            Store.Set(key, payload, options);
            return Task.CompletedTask;
        }
    }
}
