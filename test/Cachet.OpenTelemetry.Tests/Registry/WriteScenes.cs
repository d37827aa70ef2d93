using Cachet;

namespace CachetTests.Registry;

/// <summary>Inserts, invalidates and clears.</summary>
internal static class WriteScenes
{
    public static async Task Accepted(Scene scene)
    {
        await scene.Products.InsertAsync("k", "v", scene.Token);
        await scene.Products.InvalidateAsync("k", scene.Token);
        await scene.Products.ClearAsync(scene.Token);
    }

    public static async Task Refused(Scene scene)
    {
        scene.L1.InsertAnswer = scene.L2.InsertAnswer = static _ => InsertOutcome.Rejected;
        await scene.Products.InsertAsync("k", "v", scene.Token);
    }

    public static async Task Failing(Scene scene)
    {
        scene.L1.FailWhen(static _ => true);
        scene.L2.FailWhen(static _ => true);
        await Scene.FailsAsync(scene.Products.InsertAsync("k", "v", scene.Token));
        await Scene.FailsAsync(scene.Products.InvalidateAsync("k", scene.Token));
        await Scene.FailsAsync(scene.Products.ClearAsync(scene.Token));
    }

    public static async Task Cancelled(Scene scene)
    {
        await scene.CancelledAsync(scene.L2.HoldEvery(CacheOperation.Insert), token => scene.Products.InsertAsync("k", "v", token).AsTask());
        await scene.CancelledAsync(scene.L2.HoldEvery(CacheOperation.Invalidate), token => scene.Products.InvalidateAsync("k", token).AsTask());
        await scene.CancelledAsync(scene.L2.HoldEvery(CacheOperation.Clear), token => scene.Products.ClearAsync(token).AsTask());
    }
}
