using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace CachetTests.Registry;

/// <summary>Tiers that serialize.</summary>
internal static class StoreScenes
{
    public static async Task Sizes(Scene scene)
    {
        await scene.Products.InsertAsync("k", "v", scene.Token);
        scene.Clock.Advance(TimeSpan.FromMinutes(2)); // Memory in front of it keeps an entry for one.
        await scene.Products.GetAsync("k", scene.Token);
        scene.Clock.Advance(TimeSpan.FromMinutes(10));
        await scene.Products.GetAsync("k", scene.Token);
        await scene.Products.InsertAsync("large", new('v', 1_000), scene.Token);
    }

    public static async Task Damage(Scene scene, DamagingStore store)
    {
        await scene.Products.InsertAsync("k", "v", scene.Token);
        scene.Clock.Advance(TimeSpan.FromMinutes(2));
        store.Damages = true;
        await scene.Products.GetAsync("k", scene.Token);
        store.Damages = false;
    }

    public static async Task Unreadable(Scene scene)
    {
        await scene.Products.InsertAsync("k", "v", scene.Token);
        await scene.Products.GetAsync("k", scene.Token);
    }
}

/// <summary>A store that can be told to damage what it gives back.</summary>
internal sealed class DamagingStore : IDistributedCache
{
    private readonly MemoryDistributedCache _inner = new(Options.Create(new MemoryDistributedCacheOptions()));

    public bool Damages { get; set; }

    public byte[]? Get(string key) => throw new NotSupportedException();

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        byte[]? bytes = await _inner.GetAsync(key, token);
        if (Damages && bytes is not null && !key.EndsWith("~generation", StringComparison.Ordinal)) bytes[^1] ^= 1;
        return bytes;
    }

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        _inner.SetAsync(key, value, options, token);

    public void Refresh(string key) => throw new NotSupportedException();

    public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

    public void Remove(string key) => throw new NotSupportedException();

    public Task RemoveAsync(string key, CancellationToken token = default) => _inner.RemoveAsync(key, token);
}

/// <summary>Writes what it will not read.</summary>
internal sealed class RefusingSerializer : IHybridCacheSerializer<string>
{
    public string Deserialize(ReadOnlySequence<byte> source) => throw new FormatException();

    public void Serialize(string value, IBufferWriter<byte> target) => target.Write("v"u8);
}
