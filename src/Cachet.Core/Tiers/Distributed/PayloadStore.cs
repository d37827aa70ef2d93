using System.Buffers;
using System.Runtime.CompilerServices;
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

    /// <summary>Reads what is under a key. Of a payload over the limit nothing but the length may be kept.</summary>
    /// <returns>What there is, to be disposed of.</returns>
    public abstract ValueTask<StoredPayload> ReadAsync(string key, long limit, CancellationToken cancellationToken);

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
        public override ValueTask<StoredPayload> ReadAsync(string key, long limit, CancellationToken cancellationToken)
        {
            PayloadBuffer target = NewBuffer(limit);
            ValueTask<bool> reading;
            try
            {
                reading = TryGetAsync(key, target, cancellationToken);
                if (reading.IsCompletedSuccessfully) return new(Read(target, reading.Result));
            }
            catch (Exception)
            {
                target.Dispose();
                throw;
            }

            return LaterAsync(reading, target);
        }

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

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private static async ValueTask<StoredPayload> LaterAsync(ValueTask<bool> reading, PayloadBuffer target)
        {
            try
            {
                return Read(target, await reading.ConfigureAwait(false));
            }
            catch (Exception)
            {
                target.Dispose();
                throw;
            }
        }

        private static StoredPayload Read(PayloadBuffer target, bool isThere)
        {
            if (isThere) return new(target);
            target.Dispose();
            return default;
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
        public override ValueTask<StoredPayload> ReadAsync(string key, long limit, CancellationToken cancellationToken)
        {
            if (Synchronously) return new(Get(key));
            Task<byte[]?> reading = Store.GetAsync(key, cancellationToken);
            return reading.IsCompletedSuccessfully ? new(new StoredPayload(reading.GetAwaiter().GetResult())) : LaterAsync(reading);
        }

        // Such a store may keep the array that it is given.
        public override ValueTask WriteAsync(
            string key, PayloadBuffer payload, DistributedCacheEntryOptions options, CancellationToken cancellationToken) =>
            new(SetAsync(key, payload.Written.ToArray(), options, cancellationToken));

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private static async ValueTask<StoredPayload> LaterAsync(Task<byte[]?> reading) => new(await reading.ConfigureAwait(false));

        private StoredPayload Get(string key) => new(Store.Get(key));

        private Task SetAsync(string key, byte[] payload, DistributedCacheEntryOptions options, CancellationToken cancellationToken)
        {
            if (!Synchronously) return Store.SetAsync(key, payload, options, cancellationToken);
            Store.Set(key, payload, options);
            return Task.CompletedTask;
        }
    }
}
