using Cachet;

namespace CachetTests.Registry;

/// <summary>Gets, and loads of what they do not find.</summary>
internal static class ReadScenes
{
    public static async Task FoundAndNotFound(Scene scene)
    {
        await scene.Products.GetAsync("k", scene.Token);
        scene.L2.Add("k", "v");
        await scene.Products.GetAsync("k", scene.Token);
        await scene.Products.GetAsync("k", scene.Token);
        await scene.Products.GetOrInsertAsync("k", static (_, _) => throw new NotSupportedException(), scene.Token);
        await scene.Products.ContainsAsync("k", scene.Token);
    }

    public static async Task Expired(Scene scene)
    {
        CacheEntry<string> old = new("v", scene.Clock.GetUtcNow() - TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1));
        scene.L1.Add("k", old);
        scene.L2.Add("k", old);
        await scene.Products.GetAsync("k", scene.Token);
    }

    public static async Task Failing(Scene scene)
    {
        scene.L1.FailWhen(static _ => true);
        scene.L2.FailWhen(static _ => true);
        await Scene.FailsAsync(scene.Products.GetAsync("k", scene.Token));
        await scene.Products.GetOrInsertAsync("k", static (_, _) => new("v"), scene.Token);
    }

    public static Task Cancelled(Scene scene) =>
        scene.CancelledAsync(scene.L2.HoldEvery(CacheOperation.Get), token => scene.Products.GetAsync("k", token).AsTask());

    public static async Task Loads(Scene scene)
    {
        await scene.Products.GetOrInsertAsync("loaded", static (_, _) => new("v"), scene.Token);
        await scene.Products.GetOrInsertEntryAsync("skipped", static (_, _) => new((CacheEntry<string>?)null), scene.Token);
        await Scene.FailsAsync(scene.Products.GetOrInsertAsync("failed", static (_, _) => throw new TimeoutException(), scene.Token));
        var gate = new Gate();
        await scene.CancelledAsync(gate, token => scene.Products.GetOrInsertAsync("cancelled", Scene.Held(gate), token).AsTask());
    }
}
