using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests.Decorators;

/// <summary>A second level in the process that goes asynchronous at every call, with a client that makes spans.</summary>
internal sealed class HybridStore(ActivitySource? client = null) : IBufferDistributedCache
{
    private readonly ConcurrentDictionary<string, byte[]> _entries = new();

    public bool TryGet(string key, IBufferWriter<byte> destination) => throw new NotSupportedException("HybridCache calls asynchronously.");

    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        using Activity? span = client?.StartActivity("HMGET", ActivityKind.Client);
        await Task.Yield();
        if (!_entries.TryGetValue(key, out byte[]? found)) return false;
        destination.Write(found);
        return true;
    }

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) =>
        throw new NotSupportedException("HybridCache calls asynchronously.");

    public async ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        using Activity? span = client?.StartActivity("HSET", ActivityKind.Client);
        byte[] bytes = value.ToArray();
        await Task.Yield();
        _entries[key] = bytes;
    }

    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        using Activity? span = client?.StartActivity("DEL", ActivityKind.Client);
        await Task.Yield();
        _entries.TryRemove(key, out _);
    }

    public byte[]? Get(string key) => _entries.GetValueOrDefault(key);

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        await Task.Yield();
        return Get(key);
    }

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        throw new NotSupportedException("HybridCache writes buffers.");

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException("HybridCache writes buffers.");

    public void Refresh(string key) => throw new NotSupportedException("HybridCache does not refresh.");

    public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException("HybridCache does not refresh.");

    public void Remove(string key) => throw new NotSupportedException("HybridCache calls asynchronously.");
}
