using Microsoft.Extensions.Caching.Distributed;

namespace Cachet.QuickStart;

/// <summary>A store that can be broken on demand, whatever store is really behind it, and passes everything on while it is not.</summary>
internal sealed class FlakyDistributedCache(IDistributedCache store) : IDistributedCache
{
    private volatile bool _broken;

    /// <summary>Whether every call fails.</summary>
    public bool IsBroken
    {
        get => _broken;
        set => _broken = value;
    }

    // What is behind it now; a broken one fails before anything is sent.
    private IDistributedCache Store => _broken ? throw new IOException("The store is out of reach (because the story wants it so).") : store;

    public byte[]? Get(string key) => Store.Get(key);

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default) => await Store.GetAsync(key, token);

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => Store.Set(key, value, options);

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        await Store.SetAsync(key, value, options, token);

    public void Refresh(string key) => Store.Refresh(key);

    public async Task RefreshAsync(string key, CancellationToken token = default) => await Store.RefreshAsync(key, token);

    public void Remove(string key) => Store.Remove(key);

    public async Task RemoveAsync(string key, CancellationToken token = default) => await Store.RemoveAsync(key, token);
}
