using Cachet;

namespace CachetTests;

/// <summary>What a caller costs who joins work under way that nobody records: bytes that are allocated until it
/// waits. Where it only has to wait, one who cannot be cancelled costs nothing. The other bounds are what was measured, and a quarter: of those who can
/// be cancelled, 80 B are the token's.</summary>
[NonParallelizable]
public class FollowerAllocationTests
{
    private const int Followers = 1_000;
    private const int Rounds = 5;

    /// <summary>State machines are objects of their own where code is not optimized.</summary>
#if DEBUG
    private const int Debugging = 400;
#else
    private const int Debugging = 0;
#endif

    [TestCase(false, 0)]
    [TestCase(true, 280)]
    public async Task GetOrInsertAsync_JoinsALoad_CostsLittle(bool cancellable, int most)
    {
        var gate = new Gate();
        await using ICache<string, string> cache = Cache.Builder<string, string>("test").Memory().Build();
        Func<string, CancellationToken, ValueTask<string>> loader = async (_, _) =>
        {
            await gate.PassAsync(CancellationToken.None);
            return "v";
        };

        await AssertCostAsync(gate, token => cache.GetOrInsertAsync("k", loader, token), cancellable, most);
    }

    [TestCase(false, 0)]
    [TestCase(true, 280)]
    public async Task GetOrInsertEntryAsync_JoinsALoad_CostsLittle(bool cancellable, int most)
    {
        var gate = new Gate();
        await using ICache<string, string> cache = Cache.Builder<string, string>("test").Memory().Build();
        Func<string, CancellationToken, ValueTask<CacheEntry<string>?>> loader = async (_, _) =>
        {
            await gate.PassAsync(CancellationToken.None);
            return new("v");
        };

        await AssertCostAsync(gate, token => cache.GetOrInsertEntryAsync("k", loader, token), cancellable, most);
    }

    [TestCase(false, 1_230 + Debugging)]
    [TestCase(true, 1_510 + Debugging)]
    public async Task GetOrInsertAsync_JoinsALookup_CostsLittle(bool cancellable, int most)
    {
        var l2 = new FakeCacheTier<string, string>();
        Gate gate = l2.Hold(CacheOperation.Get);
        await using ICache<string, string> cache = Cache.Builder<string, string>("test").Memory().Tier(l2).Build();
        Func<string, CancellationToken, ValueTask<string>> loader = static (_, _) => new("v");

        await AssertCostAsync(gate, token => cache.GetOrInsertAsync("k", loader, token), cancellable, most);
    }

    [TestCase(false, 0)]
    [TestCase(true, 280)]
    public async Task GetAsync_JoinsALookup_CostsLittle(bool cancellable, int most)
    {
        var l2 = new FakeCacheTier<string, string>();
        Gate gate = l2.Hold(CacheOperation.Get);
        await using ICache<string, string> cache = Cache.Builder<string, string>("test").Memory().Tier(l2).Build();

        await AssertCostAsync(gate, token => cache.GetAsync("k", token), cancellable, most);
    }

    /// <summary>Boards a leader, then followers from one thread, and divides what they allocated by their number. Then lets them go.</summary>
    private static async Task AssertCostAsync<T>(Gate gate, Func<CancellationToken, ValueTask<T>> call, bool cancellable, int most)
    {
        using var cancel = new CancellationTokenSource();
        CancellationToken token = cancellable ? cancel.Token : default;
        ValueTask<T> leader = call(token);
        await gate.Reached;
        Task[] warm = [.. Enumerable.Range(0, 100).Select(_ => call(token).AsTask())];

        var followers = new ValueTask<T>[Rounds * Followers];
        long least = long.MaxValue; // of some rounds: what the runtime allocates once, while it compiles a method anew, is not the followers'
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Followers; i++) followers[(round * Followers) + i] = call(token);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        gate.Open();
        await leader;
        await Task.WhenAll(warm);
        foreach (ValueTask<T> follower in followers) await follower;
        Assert.That(least, Is.LessThanOrEqualTo(most * Followers));
    }
}
