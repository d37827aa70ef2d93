using Cachet;

namespace CachetTests.Registry;

/// <summary>Entries that are renewed in the background, or not.</summary>
internal static class RefreshScenes
{
    public static async Task FromATier(Scene scene)
    {
        await scene.AgedAsync();
        scene.L2.Add("k", new CacheEntry<string>("new", scene.Clock.GetUtcNow()));
        await scene.Products.GetAsync("k", scene.Token);
        await scene.RefreshedAsync();
    }

    public static async Task ByALoader(Scene scene)
    {
        await scene.AgedAsync();
        await scene.Products.GetOrInsertAsync("k", static (_, _) => new("new"), scene.Token);
        await scene.RefreshedAsync();
    }

    public static async Task InVain(Scene scene)
    {
        await scene.AgedAsync();
        await scene.Products.GetAsync("k", scene.Token);
        await scene.RefreshedAsync();
    }

    public static async Task Failing(Scene scene)
    {
        await scene.AgedAsync();
        scene.L2.FailWhen(static _ => true);
        await scene.Products.GetAsync("k", scene.Token);
        await scene.RefreshedAsync();
        await Retrying(scene, static (_, _) => throw new TimeoutException(), 2);
    }

    public static async Task Cancelled(Scene scene)
    {
        await scene.AgedAsync();
        Gate gate = scene.L2.HoldEvery(CacheOperation.Get);
        await scene.Products.GetAsync("k", scene.Token);
        await gate.Reached.WaitAsync(scene.Token);
        await scene.Products.DisposeAsync();
    }

    public static async Task Coalesced(Scene scene)
    {
        await CoalescedAsync(scene, CacheOutcome.Refreshed, static () => new("loaded"));
        await CoalescedAsync(scene, CacheOutcome.Miss, static () => null);
        await CoalescedAsync(scene, CacheOutcome.Error, static () => throw new TimeoutException());
    }

    // The refresh that has just ended keeps its key until it has ended altogether.
    private static async Task Retrying(Scene scene, Func<string, CancellationToken, ValueTask<string>> loader, int refreshes)
    {
        Task refreshed = scene.RefreshedAsync(refreshes);
        while (!refreshed.IsCompleted)
        {
            await scene.Products.GetOrInsertAsync("k", loader, scene.Token);
            await scene.GoOnAsync();
        }

        await refreshed;
    }

    /// <summary>A refresh joins a load that is under way. Nothing announces that it has: where the load has ended before, another key is tried.</summary>
    private static async Task CoalescedAsync(Scene scene, CacheOutcome outcome, Func<CacheEntry<string>?> load)
    {
        for (int i = 0; !scene.Events.OperationEvents.Any(e => e.Operation == CacheOperation.Refresh && e.Outcome == outcome && e.Coalesced); i++)
        {
            string key = $"{outcome}-{i}";
            var gate = new Gate();
            Task leader = scene.Products.GetOrInsertEntryAsync(key, Load, scene.Token).AsTask();
            await gate.Reached.WaitAsync(scene.Token);

            // Another node has stored it meanwhile; what a lookup finds there comes into the first tier, and grows old.
            scene.L2.Add(key, new CacheEntry<string>("old", scene.Clock.GetUtcNow()));
            await scene.Products.GetAsync(key, scene.Token);
            scene.Clock.Advance(Scene.Age);
            int refreshes = scene.Events.OperationEvents.Count(static e => e.Operation == CacheOperation.Refresh);
            int lookups = scene.L2.Count(CacheOperation.Get);
            await scene.Products.GetOrInsertEntryAsync(key, Load, scene.Token);
            while (scene.L2.Count(CacheOperation.Get) == lookups) await scene.GoOnAsync();
            for (int j = 0; j < 100; j++) await scene.GoOnAsync();
            gate.Open();
            await scene.RefreshedAsync(refreshes + 1);
            await leader.WaitAsync(scene.Token).ContinueWith(static _ => { }, TaskScheduler.Default);

            async ValueTask<CacheEntry<string>?> Load(string _, CancellationToken token)
            {
                await gate.PassAsync(token);
                return load();
            }
        }
    }
}
