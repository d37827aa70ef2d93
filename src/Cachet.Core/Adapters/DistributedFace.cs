using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace Cachet;

/// <summary>A cache, shown as a distributed cache.</summary>
/// <remarks>The synchronous methods go to the same cache, made so that all of its calls have ended when they return: no thread waits for another's
/// work.</remarks>
/// <param name="cache">The cache.</param>
/// <param name="time">Its clock.</param>
internal sealed class DistributedFace(TieredCache<string, FacePayload> cache, TimeProvider time)
    : IBufferDistributedCache, IDisposable, IAsyncDisposable
{
    private readonly TieredCache<string, FacePayload> _synchronous = cache.Synchronous();

    public byte[]? Get(string key) => Ended(_synchronous.GetAsync(key))?.Value.Bytes.ToArray();

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        return CopyAsync(cache.GetAsync(key, token), token);

        static async Task<byte[]?> CopyAsync(ValueTask<CacheEntry<FacePayload>?> get, CancellationToken token)
        {
            CacheEntry<FacePayload>? found = await get.ConfigureAwait(false);
            token.ThrowIfCancellationRequested(); // A hit in memory does not ask it.
            return found?.Value.Bytes.ToArray();
        }
    }

    public bool TryGet(string key, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(destination);
        return TryWrite(Ended(_synchronous.GetAsync(key)), destination);
    }

    public ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(destination);
        return WriteAsync(cache.GetAsync(key, token), destination, token);

        static async ValueTask<bool> WriteAsync(ValueTask<CacheEntry<FacePayload>?> get, IBufferWriter<byte> destination, CancellationToken token)
        {
            CacheEntry<FacePayload>? found = await get.ConfigureAwait(false);
            token.ThrowIfCancellationRequested();
            return TryWrite(found, destination);
        }
    }

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(options);
        Ended(StoreAsync(_synchronous, key, [.. value], FaceLife.Of(options, time), default));
    }

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(options);
        return StoreAsync(cache, key, [.. value], FaceLife.Of(options, time), token).AsTask();
    }

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        Ended(StoreAsync(_synchronous, key, value.ToArray(), FaceLife.Of(options, time), default));
    }

    public ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        return StoreAsync(cache, key, value.ToArray(), FaceLife.Of(options, time), token);
    }

    public void Refresh(string key) => Ended(_synchronous.RefreshAsync(key, default));

    public Task RefreshAsync(string key, CancellationToken token = default) => cache.RefreshAsync(key, token).AsTask();

    public void Remove(string key) => Ended(_synchronous.InvalidateAsync(key));

    public Task RemoveAsync(string key, CancellationToken token = default) => cache.InvalidateAsync(key, token).AsTask();

    public void Dispose()
    {
        _synchronous.Dispose();
        cache.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _synchronous.DisposeAsync().ConfigureAwait(false);
        await cache.DisposeAsync().ConfigureAwait(false);
    }

    private static bool TryWrite(CacheEntry<FacePayload>? found, IBufferWriter<byte> destination)
    {
        if (found is { Value.Bytes: { IsEmpty: false } bytes }) destination.Write(bytes.Span);
        return found is not null;
    }

    private static async ValueTask StoreAsync(
        TieredCache<string, FacePayload> cache, string key, byte[] bytes, FaceLife life, CancellationToken cancellationToken)
    {
        try
        {
            await cache.InsertEntryAsync(key, new(new(bytes, life.Sliding)), life.Limit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception)
        {
            await cache.DropCopiesAsync(key).ConfigureAwait(false); // Whether the store has taken it is not known: memory must not say so.
            throw;
        }
    }

    /// <summary>What a call gave that has ended.</summary>
    internal static T Ended<T>(ValueTask<T> call)
    {
        ThrowUnless(call.IsCompleted);
        return call.GetAwaiter().GetResult();
    }

    private static void Ended(ValueTask call)
    {
        ThrowUnless(call.IsCompleted);
        call.GetAwaiter().GetResult();
    }

    // To wait here would be to block a thread: a mistake of Cachet's own.
    private static void ThrowUnless(bool ended)
    {
        if (!ended) throw new InvalidOperationException("A synchronous call went on asynchronously.");
    }
}
