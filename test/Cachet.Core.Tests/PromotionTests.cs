using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

public class PromotionTests
{
    private static readonly TimeSpan _tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    [Test]
    public async Task GetAsync_HitInPrimary_DoesNotAskTheFallback()
    {
        var rig = new Rig();
        rig.L1.Entries["k"] = new("v", Rig.Start);

        await rig.Cache.GetAsync("k");

        Assert.That(rig.L2.Calls, Is.Empty);
    }

    [Test]
    public async Task GetAsync_HitInFallback_IsPromoted()
    {
        var rig = new Rig();
        rig.L2.Entries["k"] = new("v", Rig.Start);

        Assert.That((await rig.Cache.GetAsync("k"))!.Value, Is.EqualTo("v"));

        Assert.That(rig.Contents("k"), Is.EqualTo("v v"));
        Assert.That(rig.L2.Count(CacheOperation.Insert), Is.Zero);
    }

    [Test]
    public async Task GetAsync_HitInThirdTier_IsPromotedIntoBothInFront()
    {
        var rig = new Rig(3);
        rig.Tiers[2].Entries["k"] = new("v", Rig.Start);

        await rig.Cache.GetAsync("k");

        Assert.That(rig.Contents("k"), Is.EqualTo("v v v"));
        Assert.That(rig.Events.TierLines, Is.EquivalentTo(new[]
        {
            "l1 get miss", "l2 get miss", "l3 get hit", "l1 insert inserted", "l2 insert inserted",
        }));
    }

    [Test]
    public async Task GetAsync_HitInSecondOfThree_LeavesTheThirdAlone()
    {
        var rig = new Rig(3);
        rig.L2.Entries["k"] = new("v", Rig.Start);

        await rig.Cache.GetAsync("k");

        Assert.That(rig.Contents("k"), Is.EqualTo("v v -"));
        Assert.That(rig.Tiers[2].Calls, Is.Empty);
    }

    [Test]
    public async Task GetOrInsertAsync_HitInFallback_IsPromotedAndNotLoaded()
    {
        var rig = new Rig();
        rig.L2.Entries["k"] = new("v", Rig.Start);

        Assert.That(await rig.Cache.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException("loaded")), Is.EqualTo("v"));

        Assert.That(rig.Contents("k"), Is.EqualTo("v v"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task ContainsAsync_HitInFallback_PromotesNothing(bool protect)
    {
        var rig = new Rig(more: b => b.StampedeProtection(protect));
        rig.L2.Entries["k"] = new("v", Rig.Start);

        Assert.That(await rig.Cache.ContainsAsync("k"), Is.True);

        Assert.That(rig.Contents("k"), Is.EqualTo("- v"));
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "get hit l2" }));
    }

    [Test]
    public async Task GetAsync_PromotionFails_StillReturnsTheValue()
    {
        var rig = new Rig();
        rig.L2.Entries["k"] = new("v", Rig.Start);
        var error = new InvalidOperationException("full");
        rig.L1.FailOn(CacheOperation.Insert, error);

        Assert.That((await rig.Cache.GetAsync("k"))!.Value, Is.EqualTo("v"));

        CacheTierEvent failed = rig.Events.TierEvents.Single(static e => e.Operation == CacheOperation.Insert);
        Assert.That(failed.Outcome, Is.EqualTo(CacheOutcome.Error));
        Assert.That(failed.Exception, Is.SameAs(error));
        Assert.That(rig.Events.OperationEvents.Single().Exception, Is.Null);
    }

    [Test]
    public async Task GetAsync_PromotionOfAnOldCopy_IsAHitInFrontAndNotExpiredOnArrival()
    {
        Two caches = new(l1: _minute, l2: TimeSpan.FromDays(1));
        await caches.Cache.InsertAsync("k", "v");
        caches.Clock.Advance(TimeSpan.FromHours(2));

        await caches.Cache.GetAsync("k");
        caches.Clock.Advance(_minute);
        await caches.Cache.GetAsync("k");
        caches.Clock.Advance(_tick);
        await caches.Cache.GetAsync("k");

        Assert.That(caches.Events.OperationLines, Is.EqualTo(new[] { "insert inserted", "get hit l2", "get hit l1", "get hit l2" }));
    }

    [Test]
    public async Task GetAsync_PromotedCopy_DoesNotOutliveTheOneItCameFrom()
    {
        Two caches = new(l1: 2 * _minute, l2: 5 * _minute);
        await caches.Cache.InsertAsync("k", "v");
        caches.Clock.Advance(4 * _minute);

        await caches.Cache.GetAsync("k");
        caches.Clock.Advance(_minute);
        await caches.Cache.GetAsync("k");
        caches.Clock.Advance(_tick);
        await caches.Cache.GetAsync("k");

        Assert.That(caches.Events.OperationLines, Is.EqualTo(new[] { "insert inserted", "get hit l2", "get hit l1", "get miss" }));
        Assert.That(caches.Events.TierLines.TakeLast(2), Is.EqualTo(new[] { "l1 get expired", "l2 get expired" }));
    }

    [Test]
    public async Task GetAsync_PromotedTwice_StillEndsWithTheFirstCopy()
    {
        var clock = new FakeTimeProvider(Rig.Start);
        var events = new CacheEventRecorder();
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Clock(clock).EventHandler(events)
            .Memory(static o => o.TimeToLive = _minute)
            .Tier(new FakeCacheTier<string, string?>(), static o => o.TimeToLive = 3 * _minute)
            .Distributed(Stores.Memory(), static o => o.TimeToLive = 10 * _minute)
            .Build();
        await cache.InsertAsync("k", "v");

        clock.Advance(9 * _minute);
        await cache.GetAsync("k"); // l3 has a minute left, and so has what l1 and l2 get.
        clock.Advance(_minute);
        await cache.GetAsync("k");
        clock.Advance(_tick);
        await cache.GetAsync("k");

        Assert.That(events.OperationLines, Is.EqualTo(new[] { "insert inserted", "get hit l3", "get hit l1", "get miss" }));
    }

    [Test]
    public async Task GetAsync_PromotedFromATierThatForgetsTheDeadline_EndsWithIt()
    {
        var clock = new FakeTimeProvider(Rig.Start);
        var events = new CacheEventRecorder();
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Clock(clock).EventHandler(events)
            .Memory(static o => o.TimeToLive = 5 * _minute)
            .Tier(new BareTier(), static o => o.TimeToLive = 8 * _minute)
            .Build();
        await cache.InsertAsync("k", "v");

        clock.Advance(7 * _minute);
        await cache.GetAsync("k");
        clock.Advance(_minute);
        await cache.GetAsync("k");
        clock.Advance(_tick);
        await cache.GetAsync("k");

        Assert.That(events.OperationLines, Is.EqualTo(new[] { "insert inserted", "get hit l2", "get hit l1", "get miss" }));
    }

    [Test]
    public async Task GetAsync_PromotedEntryWithALifeOfItsOwn_CountsOnFromCachedAt()
    {
        Two caches = new(l1: _minute, l2: _minute);
        await caches.Cache.InsertEntryAsync("k", new("v", Rig.Start - (8 * _minute), 10 * _minute));
        await caches.L1.InvalidateAsync("k", default);

        await caches.Cache.GetAsync("k");
        caches.Clock.Advance(2 * _minute);
        await caches.Cache.GetAsync("k");
        caches.Clock.Advance(_tick);
        await caches.Cache.GetAsync("k");

        Assert.That(caches.Events.OperationLines, Is.EqualTo(new[] { "insert inserted", "get hit l2", "get hit l1", "get miss" }));
    }

    [Test]
    public async Task GetAsync_Promoted_KeepsCachedAtAndTimeToLive()
    {
        var rig = new Rig();
        rig.L2.Entries["k"] = new("v", Rig.Start - _minute, 10 * _minute);

        await rig.Cache.GetAsync("k");

        Assert.That(rig.L1.Entries["k"].CachedAt, Is.EqualTo(Rig.Start - _minute));
        Assert.That(rig.L1.Entries["k"].TimeToLive, Is.EqualTo(10 * _minute));
    }

    [Test]
    public async Task GetAsync_PolicyRefusesPromotions_IsRejectedNotAnError()
    {
        var sources = new List<InsertSource>();
        var l1 = new FakeCacheTier<string, string?>();
        var l2 = new FakeCacheTier<string, string?>();
        var events = new CacheEventRecorder();
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").EventHandler(events)
            .Tier(l1, o => o.InsertPolicy = InsertPolicy<string, string?>.When((_, _, source) =>
            {
                sources.Add(source);
                return source != InsertSource.Promotion;
            }))
            .Tier(l2).Build();
        l2.Entries["k"] = new("v", Rig.Start);

        await cache.GetAsync("k");
        await cache.InsertAsync("direct", "v");
        await cache.GetOrInsertAsync("load", static (_, _) => new("v"));

        Assert.That(events.TierLines.Take(3), Is.EqualTo(new[] { "l1 get miss", "l2 get hit", "l1 insert rejected" }));
        Assert.That(l1.Entries.Keys, Is.EquivalentTo(new[] { "direct", "load" }));
        Assert.That(sources, Is.EqualTo(new[] { InsertSource.Promotion, InsertSource.Direct, InsertSource.Load }));
    }

    /// <summary>Memory in front of a fake tier, with times to live.</summary>
    private sealed class Two
    {
        public Two(TimeSpan l1, TimeSpan l2)
        {
            L1 = new FakeCacheTier<string, string?>();
            Cache = Cachet.Cache.Builder<string, string?>("c").Clock(Clock).EventHandler(Events)
                .Tier(L1, o => o.TimeToLive = l1)
                .Distributed(Stores.Memory(), o => o.TimeToLive = l2)
                .Build();
        }

        public FakeTimeProvider Clock { get; } = new(Rig.Start);

        public CacheEventRecorder Events { get; } = new();

        public FakeCacheTier<string, string?> L1 { get; }

        public ICache<string, string?> Cache { get; }
    }
}
