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
