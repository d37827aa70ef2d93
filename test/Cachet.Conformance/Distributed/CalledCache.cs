using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests;

/// <summary>A distributed cache, called by the one or the other of its twin methods.</summary>
internal sealed class CalledCache(IDistributedCache cache, Calls calls)
{
    private bool IsSynchronous => calls is Calls.Synchronous;

    public async Task<byte[]?> GetAsync(string key) => IsSynchronous ? cache.Get(key) : await cache.GetAsync(key);

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        if (IsSynchronous) cache.Set(key, value, options);
        else await cache.SetAsync(key, value, options);
    }

    public async Task RefreshAsync(string key)
    {
        if (IsSynchronous) cache.Refresh(key);
        else await cache.RefreshAsync(key);
    }

    public async Task RemoveAsync(string key)
    {
        if (IsSynchronous) cache.Remove(key);
        else await cache.RemoveAsync(key);
    }
}
