using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>Lives that are cut at random, so that what was stored together does not expire together.</summary>
public class JitterTests
{
    [Test]
    public async Task TimeToLive_OfTheTier_IsCutByThePartThatWasDrawn()
    {
        (ICache<string, string> cache, FakeTimeProvider clock) = Cached(jitter: 0.2, draw: 0.5);
        await cache.InsertAsync("k", "v");

        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.That(await cache.ContainsAsync("k"), Is.True);
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.That(await cache.ContainsAsync("k"), Is.False);
    }

    [Test]
    public async Task TimeToLive_OfTheEntry_IsCutToo()
    {
        (ICache<string, string> cache, FakeTimeProvider clock) = Cached(jitter: 0.5, draw: 0.5);
        await cache.InsertEntryAsync("k", new("v", timeToLive: TimeSpan.FromSeconds(100)));

        clock.Advance(TimeSpan.FromSeconds(75));
        Assert.That(await cache.ContainsAsync("k"), Is.True);
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.That(await cache.ContainsAsync("k"), Is.False);
    }

    [Test]
    public async Task TimeToLive_Infinite_StaysSo()
    {
        (ICache<string, string> cache, FakeTimeProvider clock) = Cached(jitter: 1, draw: 0.9, timeToLive: Timeout.InfiniteTimeSpan);
        await cache.InsertAsync("k", "v");

        clock.Advance(TimeSpan.FromDays(10_000));

        Assert.That(await cache.ContainsAsync("k"), Is.True);
    }

    [Test]
    public async Task TimeToLive_NoJitter_DrawsNothing()
    {
        var drawn = new Fixed(0.5);
        await using ICache<string, string> cache =
            Cache.Builder<string, string>("test").Memory(static o => o.TimeToLive = TimeSpan.FromSeconds(10)).JitterSource(drawn).Build();

        await cache.InsertAsync("k", "v");

        Assert.That(drawn.Draws, Is.Zero);
    }

    [Test]
    public async Task TimeToLive_PromotedCopy_IsCutFromWhatIsLeft()
    {
        var clock = new FakeTimeProvider(Rig.Start);
        var l2 = new FakeCacheTier<string, string>();
        await using ICache<string, string> cache = Cache.Builder<string, string>("test").Clock(clock).JitterSource(new Fixed(0.5))
            .Memory(static o => o.TimeToLiveJitter = 1).Tier(l2, static o => o.TimeToLive = TimeSpan.FromSeconds(10)).Build();
        l2.Entries["k"] = new("v", Rig.Start);
        clock.Advance(TimeSpan.FromSeconds(4));

        await cache.GetAsync("k"); // 6 seconds are left: 3 in memory
        l2.Entries.Clear();
        clock.Advance(TimeSpan.FromSeconds(3));
        Assert.That(await cache.ContainsAsync("k"), Is.True);
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.That(await cache.ContainsAsync("k"), Is.False);
    }

    [Test]
    public async Task TimeToLive_ManyStoredTogether_ExpireApartAndNoneLate()
    {
        var clock = new FakeTimeProvider(Rig.Start);
        await using ICache<int, int> cache = Cache.Builder<int, int>("test").Clock(clock).JitterSource(new Random(42))
            .Memory(static o => (o.TimeToLive, o.TimeToLiveJitter) = (TimeSpan.FromSeconds(100), 0.5)).Build();
        for (int i = 0; i < 200; i++) await cache.InsertAsync(i, i);
        var alive = new List<int>();

        for (int second = 0; second <= 100; second += 10)
        {
            int count = 0;
            for (int i = 0; i < 200; i++) count += await cache.ContainsAsync(i) ? 1 : 0;
            alive.Add(count);
            clock.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.That(alive.Take(6), Has.All.EqualTo(200)); // none in the first half
        Assert.That(alive.Skip(5), Is.Ordered.Descending);
        Assert.That(alive.Skip(5).Distinct().Count(), Is.EqualTo(6));
        Assert.That(alive[^1], Is.LessThan(10));
    }

    [TestCase(-0.1)]
    [TestCase(1.1)]
    [TestCase(double.NaN)]
    public void Build_JitterIsNoPart_IsRefused(double jitter)
    {
        CacheBuilder<string, string> builder = Cache.Builder<string, string>("test").Memory(o => o.TimeToLiveJitter = jitter);

        ArgumentOutOfRangeException refusal = Assert.Throws<ArgumentOutOfRangeException>(() => builder.Build())!;

        Assert.That(refusal.Message, Does.StartWith("The option TimeToLiveJitter of tier 'l1' of cache 'test' cannot be"));
        Assert.That(refusal.Message, Does.Contain("from 0 (none) to 1"));
    }

    [Test]
    public void JitterSource_Null_IsRefused() =>
        Assert.That(() => Cache.Builder<string, string>("test").JitterSource(null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("random"));

    private static (ICache<string, string> Cache, FakeTimeProvider Clock) Cached(double jitter, double draw, TimeSpan? timeToLive = null)
    {
        var clock = new FakeTimeProvider(Rig.Start);
        ICache<string, string> cache = Cache.Builder<string, string>("test").Clock(clock).JitterSource(new Fixed(draw))
            .Memory(o => (o.TimeToLive, o.TimeToLiveJitter) = (timeToLive ?? TimeSpan.FromSeconds(10), jitter)).Build();
        return (cache, clock);
    }

    private sealed class Fixed(double draw) : Random
    {
        public int Draws { get; private set; }

        public override double NextDouble()
        {
            Draws++;
            return draw;
        }
    }
}
