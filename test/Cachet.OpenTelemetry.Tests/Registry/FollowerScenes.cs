using Cachet;

namespace CachetTests.Registry;

/// <summary>Callers who share the work of another.</summary>
internal static class FollowerScenes
{
    public static async Task OfLookups(Scene scene)
    {
        await ShareAsync(scene, Get, Get);
        await ShareAsync(scene, Get, GetOrInsert);
        await ShareAsync(scene, GetOrInsert, Get);
        await ShareAsync(scene, GetOrInsert, GetOrInsert);

        Task Get() => scene.Products.GetAsync("k", scene.Token).AsTask();

        Task GetOrInsert() => scene.Products.GetOrInsertAsync("k", static (_, _) => throw new NotSupportedException(), scene.Token).AsTask();
    }

    public static async Task OfLoads(Scene scene)
    {
        var gate = new Gate();
        Task<string> leader = scene.Products.GetOrInsertAsync("k", Scene.Held(gate), scene.Token).AsTask();
        await gate.Reached.WaitAsync(scene.Token);
        Task<string> follower = scene.Products.GetOrInsertAsync("k", static (_, _) => throw new NotSupportedException(), scene.Token).AsTask();
        gate.Open();
        await Task.WhenAll(leader, follower).WaitAsync(scene.Token);
    }

    /// <summary>Two calls for what the second tier alone has: one looks it up, the other joins.</summary>
    private static async Task ShareAsync(Scene scene, Func<Task> first, Func<Task> second)
    {
        scene.L1.Entries.Clear();
        scene.L2.Add("k", "v");
        Gate gate = scene.L2.Hold(CacheOperation.Get);
        Task leader = first();
        await gate.Reached.WaitAsync(scene.Token);
        Task follower = second();
        gate.Open();
        await Task.WhenAll(leader, follower).WaitAsync(scene.Token);
    }
}
