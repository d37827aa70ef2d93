using System.Collections.Concurrent;
using Cachet;
using Cachet.Accumulator;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>The accumulator on real caches.</summary>
public class AccumulatedCacheTests
{
    private readonly ConcurrentQueue<OperationSummary> _told = [];

    [SetUp]
    public void Forget() => _told.Clear();

    [Test]
    public async Task Get_LeaderIsCancelledWhileItsFlightGoesOn_LeavesNothingBehind()
    {
        OperationAccumulator accumulator = new(_told.Enqueue);
        var heard = new CacheEventRecorder(); // after the accumulator: what it has heard, so has the accumulator
        FakeCacheTier<string, string> l1 = new(), l2 = new() { { "k", "v" } };
        await using ICache<string, string> cache = Cache.Builder<string, string>("test").Tier(l1).Tier(l2).EventHandler(accumulator).EventHandler(heard).Build();
        Gate gate = l2.Hold(CacheOperation.Get, cancellable: false);
        using var leaving = new CancellationTokenSource();
        Task<CacheEntry<string>?> leader = cache.GetAsync("k", leaving.Token).AsTask();
        await gate.Reached;
        Task<CacheEntry<string>?> follower = cache.GetAsync("k").AsTask();

        await leaving.CancelAsync();
        Assert.That(async () => await leader, Throws.InstanceOf<OperationCanceledException>());
        gate.Open();
        await follower;
        await heard.WaitForTierAsync(static e => e is { TierName: "l1", Operation: CacheOperation.Insert });

        Assert.That(Lines(), Is.EqualTo(new[] { "test get cancelled T | l1 get miss T", "test get hit T COALESCED" }));
        Assert.That((accumulator.UnderWay, accumulator.Forgotten, accumulator.Late), Is.EqualTo((0, 0L, 2L)));
    }

    [Test]
    public async Task Refresh_OfAHit_IsOneLineOfItsOwn()
    {
        var clock = new FakeTimeProvider();
        OperationAccumulator accumulator = new(_told.Enqueue);
        var heard = new CacheEventRecorder();
        await using ICache<string, string> cache = Cache.Builder<string, string>("test")
            .Memory(static o => o.TimeToRefresh = TimeSpan.FromMinutes(1))
            .Clock(clock)
            .EventHandler(accumulator)
            .EventHandler(heard)
            .Build();
        await cache.InsertAsync("k", "v");
        clock.Advance(TimeSpan.FromMinutes(1));

        await cache.GetOrInsertAsync("k", static (_, _) => new("w"));
        await heard.WaitForOperationAsync(static e => e.Operation == CacheOperation.Refresh);

        Assert.That(Lines(), Is.EquivalentTo(new[]
        {
            "test insert inserted T | l1 insert inserted T",
            "test get_or_insert hit T | l1 get hit T",
            "test refresh refreshed T | l1 insert inserted T",
        }));
        Assert.That(accumulator.UnderWay, Is.Zero);
    }

    [Test]
    public async Task Operations_OfTwoCaches_AreToldApart()
    {
        OperationAccumulator accumulator = new(_told.Enqueue);
        await using ICache<string, string> one = Cache.Builder<string, string>("one").Memory().EventHandler(accumulator).Build();
        await using ICache<string, string> other = Cache.Builder<string, string>("other").Memory().EventHandler(accumulator).Build();

        await one.ClearAsync();
        await other.GetOrInsertAsync("k", async (key, ct) => (await one.GetAsync(key, ct))?.Value ?? "v");

        Assert.That(Lines(), Is.EqualTo(new[]
        {
            "one clear cleared T | l1 clear cleared T", "one get miss T | l1 get miss T", "other get_or_insert loaded T | l1 get miss T | l1 insert inserted T",
        }));
    }

    [Test]
    public async Task Operations_OfManyTasks_AreAllToldWhole()
    {
        const int Tasks = 8, Keys = 200;
        OperationAccumulator accumulator = new(_told.Enqueue);
        FakeCacheTier<int, int> l2 = new();
        await using ICache<int, int> cache = Cache.Builder<int, int>("test").Memory().Tier(l2).EventHandler(accumulator).Build();

        await Task.WhenAll(Enumerable.Range(0, Tasks).Select(_ => Task.Run(async () =>
        {
            for (int key = 0; key < Keys; key++)
            {
                await cache.GetOrInsertAsync(key, static async (key, _) =>
                {
                    await Task.Yield();
                    return key;
                });
            }
        })));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_told, Has.Count.EqualTo(Tasks * Keys));
            Assert.That(_told.Sum(static s => s.TierCalls.Count(static c => c.Operation == CacheOperation.Insert)), Is.EqualTo(2 * Keys));
            Assert.That(_told.Where(static s => s.TierCalls.Count == 0 || s.TierCalls[0] is not { TierName: "l1", Operation: CacheOperation.Get }), Is.Empty);
            Assert.That((accumulator.UnderWay, accumulator.Forgotten, accumulator.Late), Is.EqualTo((0, 0L, 0L)));
        }
    }

    private IEnumerable<string> Lines() => _told.Select(static s => SampleProgram.WithoutTimes(s.ToString()));
}
