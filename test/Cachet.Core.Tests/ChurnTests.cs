using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>A cache that has seen a million keys remembers those that its tiers hold, and nothing of the others.</summary>
[NonParallelizable]
public class ChurnTests
{
    private const int Keys = 1_000_000;
    private const int Pairs = 4;
    private const int Capacity = 100;

    [Test]
    public async Task AMillionKeys_ComeAndGo_LeaveNothingUnderWay()
    {
        var cache = Cache.Builder<int, string>("test").Memory(static o => o.Capacity = Capacity).BuildCache();

        // Two tasks go through the same keys, so that some calls share a flight: one asks for each key, the other for some.
        await Task.WhenAll(Enumerable.Range(0, 2 * Pairs).Select(i => Task.Run(() => ChurnAsync(cache, i / 2, Keys, all: i % 2 == 0))));

        Assert.That((cache.Flights, cache.Refreshes, cache.Writes), Is.EqualTo((0, 0, 0)));
        Assert.That(await cache.CountAsync(), Is.LessThanOrEqualTo(Capacity));
    }

    [Test]
    public async Task ManyKeys_LookedUpInAFallback_LeaveNothingUnderWay()
    {
        var cache = Cache.Builder<int, string>("test").Memory(static o => o.Capacity = Capacity).Tier(new Amnesia()).BuildCache();

        await Task.WhenAll(Enumerable.Range(0, 2 * Pairs).Select(i => Task.Run(() => ChurnAsync(cache, i / 2, Keys / 10, all: i % 2 == 0))));

        Assert.That((cache.Flights, cache.Refreshes, cache.Writes), Is.EqualTo((0, 0, 0)));
    }

    [Test]
    public async Task ManyKeys_WrittenAndDropped_LeaveNothingUnderWay()
    {
        var cache = Cache.Builder<int, string>("test").Memory(static o => o.Capacity = Capacity).Tier(new Amnesia()).BuildCache();

        await Task.WhenAll(Enumerable.Range(0, Pairs).Select(i => Task.Run(async () =>
        {
            for (int key = i; key < Keys / 10; key++)
            {
                if (key % 3 == 0) await cache.InvalidateAsync(key);
                else await cache.InsertAsync(key, "v");
            }
        })));

        Assert.That((cache.Flights, cache.Refreshes, cache.Writes), Is.EqualTo((0, 0, 0)));
    }

    [Test]
    public async Task ManyKeys_Refreshed_LeaveNothingUnderWay()
    {
        TimeSpan age = TimeSpan.FromSeconds(1);
        var clock = new FakeTimeProvider(Rig.Start);
        var cache = Cache.Builder<int, string>("test").Clock(clock).MaxConcurrentRefreshes(8)
            .Memory(o => (o.Capacity, o.TimeToRefresh) = (Keys / 20, age)).BuildCache();
        for (int key = 0; key < Keys / 20; key++) await cache.InsertAsync(key, "old");
        clock.Advance(age);

        await Task.WhenAll(Enumerable.Range(0, Pairs).Select(_ => Task.Run(async () =>
        {
            for (int key = 0; key < Keys / 20; key++) await cache.GetOrInsertAsync(key, static (_, _) => new("new"));
        })));
        await Holds.UntilAsync(() => cache.Refreshes == 0);

        Assert.That((cache.Flights, cache.Writes), Is.EqualTo((0, 0)));
    }

    private static async Task ChurnAsync(TieredCache<int, string> cache, int pair, int keys, bool all)
    {
        for (int key = pair; key < keys; key += all ? Pairs : 8 * Pairs)
        {
            if (all || key % 2 == 0) await cache.GetOrInsertAsync(key, static (_, _) => new("v"));
            else await cache.GetAsync(key);
        }
    }

    /// <summary>A fallback that has forgotten everything, so that a lookup goes all the way.</summary>
    private sealed class Amnesia : ICacheTier<int, string>
    {
        public ValueTask<CacheEntry<string>?> GetAsync(int key, CancellationToken cancellationToken) => default;

        public ValueTask<InsertOutcome> InsertAsync(int key, CacheEntry<string> entry, CancellationToken cancellationToken) => default;

        public ValueTask InvalidateAsync(int key, CancellationToken cancellationToken) => default;

        public ValueTask ClearAsync(CancellationToken cancellationToken) => default;
    }
}
