using Cachet;

namespace CachetTests;

/// <summary>What a caller costs who joins work under way that nobody records: bytes that are allocated until it waits.</summary>
[NonParallelizable]
public class FollowerAllocationTests
{
    private const int Followers = 1_000;

    [Test]
    public async Task GetOrInsertAsync_JoinsALoad_CostsLittle([Values] bool cancellable)
    {
        var gate = new Gate();
        await using ICache<string, string> cache = Cache.Builder<string, string>("test").Memory().Build();
        using var cancel = new CancellationTokenSource();
        Func<string, CancellationToken, ValueTask<string>> loader = async (_, _) =>
        {
            await gate.PassAsync(CancellationToken.None);
            return "v";
        };
        CancellationToken token = cancellable ? cancel.Token : default;

        long each = await CostAsync(gate, () => cache.GetOrInsertAsync("k", loader, token));

        await TestContext.Out.WriteLineAsync($"{each} bytes each");
        Assert.That(each, Is.LessThan(1));
    }

    [Test]
    public async Task GetOrInsertEntryAsync_JoinsALoad_CostsLittle([Values] bool cancellable)
    {
        var gate = new Gate();
        await using ICache<string, string> cache = Cache.Builder<string, string>("test").Memory().Build();
        using var cancel = new CancellationTokenSource();
        Func<string, CancellationToken, ValueTask<CacheEntry<string>?>> loader = async (_, _) =>
        {
            await gate.PassAsync(CancellationToken.None);
            return new("v");
        };
        CancellationToken token = cancellable ? cancel.Token : default;

        long each = await CostAsync(gate, () => cache.GetOrInsertEntryAsync("k", loader, token));

        await TestContext.Out.WriteLineAsync($"{each} bytes each");
        Assert.That(each, Is.LessThan(1));
    }

    [Test]
    public async Task GetOrInsertAsync_JoinsALookup_CostsLittle([Values] bool cancellable)
    {
        var l2 = new FakeCacheTier<string, string>();
        Gate gate = l2.Hold(CacheOperation.Get);
        await using ICache<string, string> cache = Cache.Builder<string, string>("test").Memory().Tier(l2).Build();
        using var cancel = new CancellationTokenSource();
        CancellationToken token = cancellable ? cancel.Token : default;
        Func<string, CancellationToken, ValueTask<string>> loader = static (_, _) => new("v");

        long each = await CostAsync(gate, () => cache.GetOrInsertAsync("k", loader, token));

        await TestContext.Out.WriteLineAsync($"{each} bytes each");
        Assert.That(each, Is.LessThan(1));
    }

    [Test]
    public async Task GetAsync_JoinsALookup_CostsLittle([Values] bool cancellable)
    {
        var l2 = new FakeCacheTier<string, string>();
        Gate gate = l2.Hold(CacheOperation.Get);
        await using ICache<string, string> cache = Cache.Builder<string, string>("test").Memory().Tier(l2).Build();
        using var cancel = new CancellationTokenSource();
        CancellationToken token = cancellable ? cancel.Token : default;

        long each = await CostAsync(gate, () => cache.GetAsync("k", token));

        await TestContext.Out.WriteLineAsync($"{each} bytes each");
        Assert.That(each, Is.LessThan(1));
    }

    /// <summary>Boards a leader, then followers from one thread, and divides what they allocated by their number. Then lets them go.</summary>
    private static async Task<long> CostAsync<T>(Gate gate, Func<ValueTask<T>> call)
    {
        var calls = new ValueTask<T>[Followers];
        ValueTask<T> leader = call();
        await gate.Reached;
        Task[] warm = [.. Enumerable.Range(0, 100).Select(_ => call().AsTask())];

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Followers; i++) calls[i] = call();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        gate.Open();
        await leader;
        await Task.WhenAll(warm);
        foreach (ValueTask<T> follower in calls) await follower;
        return allocated / Followers;
    }
}
