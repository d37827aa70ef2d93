using Cachet.Testing;

namespace Cachet.Examples;

/// <summary>Who gets to see what fails: of tiers, the writer and the events; of loaders, their callers.</summary>
internal static class ErrorHandlingExample
{
    public static async Task RunAsync(Action<string> print)
    {
        var events = new CacheEventRecorder();
        var store = new FakeCacheTier<string, string>();
        await using ICache<string, string> products = Cache.Builder<string, string>("products").Memory().Tier(store).EventHandler(events).Build();
        store.FailWhen(static _ => true, static _ => new TimeoutException());

        // A cache is never worse than none: a read walks past a tier that fails.
        print($"with a loader: {await products.GetOrInsertAsync("p1", static (key, _) => new($"{key}, loaded"))}");
        print($"without one: {(await products.GetAsync("p2"))?.Value ?? "a miss"}");
        print($"but the events tell: {string.Join(", ", events.TierLines.Where(static l => l.EndsWith("error", StringComparison.Ordinal)))}");

        // Who writes must know. All tiers were tried before it is thrown, so memory has the value.
        await TryAsync("an insert", async () => await products.InsertAsync("p3", "a product"));
        print($"in memory all the same: {(await products.GetAsync("p3"))?.Value}");

        // What a loader throws reaches its callers as it is, and nothing is cached.
        await TryAsync("a loader", async () => await products.GetOrInsertAsync("p4", static (_, _) => throw new KeyNotFoundException()));

        // With this policy, reads throw too.
        await using ICache<string, string> strict = Cache.Builder<string, string>("strict")
            .Memory().Tier(store).TierErrors(TierErrorPolicy.Throw).Build();
        await TryAsync("a strict get", async () => await strict.GetAsync("p2"));

        async Task TryAsync(string what, Func<Task> attempt)
        {
            try
            {
                await attempt();
                print($"{what}: nothing is thrown");
            }
            catch (Exception error)
            {
                print($"{what}: {error.GetType().Name}");
            }
        }
    }
}
