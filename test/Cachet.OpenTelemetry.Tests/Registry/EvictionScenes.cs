using Cachet;

namespace CachetTests.Registry;

/// <summary>Two tiers in memory that drop entries of their own accord.</summary>
internal static class EvictionScenes
{
    public static async Task Crowded(Scene scene)
    {
        for (int i = 0; i < 10; i++) await scene.Products.InsertAsync($"k{i}", "v", scene.Token);
    }

    public static async Task Expired(Scene scene)
    {
        await scene.Products.InsertAsync("k", "v", scene.Token);
        scene.Clock.Advance(TimeSpan.FromMinutes(2));
        await scene.Products.GetAsync("k", scene.Token);
    }
}

/// <summary>What an application plugged in goes wrong.</summary>
internal static class HandlerScenes
{
    public static async Task Throwing(Scene scene) => await scene.Products.GetAsync("k", scene.Token);
}

internal sealed class ThrowingHandler : ICacheEventHandler
{
    public void OnTierEvent(in CacheTierEvent tierEvent) => throw new NotSupportedException();

    public void OnOperationComplete(in CacheOperationEvent operationEvent) => throw new NotSupportedException();
}
