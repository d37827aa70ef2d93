using System.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests;

/// <summary>Makes a client span around each call on a store, as an instrumented Redis client does.</summary>
internal sealed class ClientSpanStore(IDistributedCache inner) : IDistributedCache
{
    public byte[]? Get(string key) => throw new NotSupportedException("Cachet calls asynchronously.");

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException("Cachet calls asynchronously.");

    public void Refresh(string key) => throw new NotSupportedException("Cachet calls asynchronously.");

    public void Remove(string key) => throw new NotSupportedException("Cachet calls asynchronously.");

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        using Activity? span = Start("HMGET", key);
        return await inner.GetAsync(key, token);
    }

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        using Activity? span = Start("HSET", key);
        await inner.SetAsync(key, value, options, token);
    }

    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        using Activity? span = Start("DEL", key);
        await inner.RemoveAsync(key, token);
    }

    public Task RefreshAsync(string key, CancellationToken token = default) => inner.RefreshAsync(key, token);

    private static Activity? Start(string command, string key) =>
        Telemetry.Tests.StartActivity($"{command} {key.Split(':')[^1]}", ActivityKind.Client);
}
