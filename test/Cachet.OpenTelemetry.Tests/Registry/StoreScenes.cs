using System.Buffers;
using Microsoft.Extensions.Caching.Hybrid;

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

/// <summary>Writes what it will not read.</summary>
internal sealed class RefusingSerializer : IHybridCacheSerializer<string>
{
    public string Deserialize(ReadOnlySequence<byte> source) => throw new FormatException();

    public void Serialize(string value, IBufferWriter<byte> target) => target.Write("v"u8);
}
