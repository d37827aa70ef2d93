using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests;

/// <summary>A distributed cache with buffers, called by the one or the other of its twin methods.</summary>
internal sealed class CalledBufferCache(IBufferDistributedCache cache, Calls calls)
{
    private bool IsSynchronous => calls is Calls.Synchronous;

    public async Task<bool> TryGetAsync(string key, IBufferWriter<byte> destination) =>
        IsSynchronous ? cache.TryGet(key, destination) : await cache.TryGetAsync(key, destination);

    /// <summary>The value, or <see langword="null"/>.</summary>
    public async Task<byte[]?> ReadAsync(string key)
    {
        var buffer = new ArrayBufferWriter<byte>();
        return await TryGetAsync(key, buffer) ? buffer.WrittenSpan.ToArray() : null;
    }

    public async Task SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options)
    {
        if (IsSynchronous) cache.Set(key, value, options);
        else await cache.SetAsync(key, value, options);
    }

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options) => SetAsync(key, new ReadOnlySequence<byte>(value), options);
}
