using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests.Decorators;

/// <summary>A second level whose writes come to a gate, on their way to another.</summary>
internal sealed class LateWrites(IBufferDistributedCache inner, Gate gate) : IBufferDistributedCache
{
    public async ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        await gate.PassAsync(token);
        await inner.SetAsync(key, value, options, token);
    }

    public ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default) =>
        inner.TryGetAsync(key, destination, token);

    public bool TryGet(string key, IBufferWriter<byte> destination) => inner.TryGet(key, destination);

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => inner.Set(key, value, options);

    public byte[]? Get(string key) => inner.Get(key);

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => inner.GetAsync(key, token);

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => inner.Set(key, value, options);

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        inner.SetAsync(key, value, options, token);

    public void Refresh(string key) => inner.Refresh(key);

    public Task RefreshAsync(string key, CancellationToken token = default) => inner.RefreshAsync(key, token);

    public void Remove(string key) => inner.Remove(key);

    public Task RemoveAsync(string key, CancellationToken token = default) => inner.RemoveAsync(key, token);
}
