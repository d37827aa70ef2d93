using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>When an entry is refreshed in the background, from where, and what comes of it.</summary>
public class RefreshTests
{
    private static readonly TimeSpan _age = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Get_EntryOfExactlyTheAge_IsRefreshedFromTheFallback()
    {
        Rig rig = await AgedAsync(_age);
        rig.L2.Entries["k"] = new("new", Rig.Start + _age);

        CacheEntry<string?>? found = await rig.Cache.GetAsync("k");
        CacheOperationEvent refresh = await rig.RefreshedAsync();

        Assert.That(found!.Value, Is.EqualTo("old"));
        Assert.That(rig.Contents("k"), Is.EqualTo("new new"));
        Assert.That((refresh.Outcome, refresh.TierName), Is.EqualTo((CacheOutcome.Refreshed, "l2")));
        Assert.That((await rig.Cache.GetAsync("k"))!.Value, Is.EqualTo("new"));
    }

    [Test]
    public async Task Get_EntryOneTickTooYoung_IsNotRefreshed()
    {
        Rig rig = await AgedAsync(_age - TimeSpan.FromTicks(1));

        await rig.Cache.GetAsync("k");

        Assert.That(rig.Refreshes, Is.Zero);
        Assert.That(rig.L2.Count(CacheOperation.Get), Is.Zero);
    }

    [Test]
    public async Task Get_EntryFromTheFuture_IsRefreshed()
    {
        Rig rig = Refreshing();
        rig.L1.Entries["k"] = new("old", Rig.Start + TimeSpan.FromTicks(1));

        await rig.Cache.GetAsync("k");

        Assert.That((await rig.RefreshedAsync()).Outcome, Is.EqualTo(CacheOutcome.Miss));
    }

    [Test]
    public async Task Get_EntryThatNobodyStamped_IsRefreshed()
    {
        Rig rig = Refreshing();
        rig.L1.Entries["k"] = new("old");
        rig.L2.Entries["k"] = new("other");

        await rig.Cache.GetAsync("k");
        await rig.RefreshedAsync();

        Assert.That(rig.Contents("k"), Is.EqualTo("other other"));
    }

    [Test]
    public async Task Get_RefreshUnderWay_StartsNoOther()
    {
        Rig rig = await AgedAsync(_age);
        Gate gate = rig.L2.Hold(CacheOperation.Get);
        await rig.Cache.GetAsync("k");
        await gate.Reached;

        for (int i = 0; i < 10; i++) Assert.That((await rig.Cache.GetAsync("k"))!.Value, Is.EqualTo("old"));
        gate.Open();
        await rig.RefreshedAsync();
        await rig.QuietAsync();

        Assert.That(rig.L2.Count(CacheOperation.Get), Is.EqualTo(1));
    }

    [Test]
    public async Task Get_RefreshOfAnotherKeyUnderWay_StartsItsOwn()
    {
        Rig rig = await AgedAsync(_age, "k", "other");
        Gate gate = rig.L2.Hold(CacheOperation.Get);
        await rig.Cache.GetAsync("k");
        await gate.Reached;

        await rig.Cache.GetAsync("other");

        await rig.RefreshedAsync();
        await Holds.UntilAsync(() => rig.Refreshes == 1);
        gate.Open();
        await rig.RefreshedAsync(2);
    }

    [Test]
    public async Task Get_AsManyRefreshesUnderWayAsThereMayBe_StartsItAtALaterHit()
    {
        Rig rig = await AgedAsync(_age, more: static b => b.MaxConcurrentRefreshes(2), keys: ["a", "b", "c"]);
        Gate gate = rig.L2.HoldEvery(CacheOperation.Get);

        foreach (string key in new[] { "a", "b", "c" }) await rig.Cache.GetAsync(key);

        Assert.That(rig.Refreshes, Is.EqualTo(2));
        gate.Open();
        await rig.RefreshedAsync(2);
        await rig.QuietAsync();
        await rig.Cache.GetAsync("c");
        await rig.RefreshedAsync(3);
        Assert.That(rig.L2.CallLines.Where(static c => c.StartsWith("get", StringComparison.Ordinal)), Is.EquivalentTo(new[] { "get a", "get b", "get c" }));
    }

    [Test]
    public async Task Get_RefreshFoundNothingNewer_IsDueAgainOneTimeToRefreshLater()
    {
        Rig rig = await AgedAsync(_age);

        await rig.Cache.GetAsync("k");
        CacheOperationEvent first = await rig.RefreshedAsync();
        await rig.QuietAsync();
        rig.Clock.Advance(_age - TimeSpan.FromTicks(1));
        await rig.Cache.GetAsync("k");
        int early = rig.L2.Count(CacheOperation.Get);
        rig.Clock.Advance(TimeSpan.FromTicks(1));
        await rig.Cache.GetAsync("k");
        await rig.RefreshedAsync(2);

        Assert.That(first.Outcome, Is.EqualTo(CacheOutcome.Miss));
        Assert.That(early, Is.EqualTo(1));
        Assert.That(rig.L2.Count(CacheOperation.Get), Is.EqualTo(2));
        Assert.That(rig.Contents("k"), Is.EqualTo("old old"));
    }

    [Test]
    public async Task Get_FallbackHasNothing_IsReportedAsAMiss()
    {
        Rig rig = await AgedAsync(_age);
        rig.L2.Entries.Clear();

        await rig.Cache.GetAsync("k");

        Assert.That((await rig.RefreshedAsync()).Outcome, Is.EqualTo(CacheOutcome.Miss));
        Assert.That(rig.Contents("k"), Is.EqualTo("old -"));
    }

    [Test]
    public async Task Get_FallbackFails_IsReportedAsAnErrorAndTriedAgainAtTheNextHit()
    {
        Rig rig = await AgedAsync(_age);
        var failure = new IOException();
        rig.L2.FailOn(CacheOperation.Get, failure);

        CacheEntry<string?>? found = await rig.Cache.GetAsync("k");
        CacheOperationEvent failed = await rig.RefreshedAsync();
        await rig.QuietAsync();
        rig.L2.ClearFailures();
        rig.L2.Entries["k"] = new("new", Rig.Start + _age);
        await rig.Cache.GetAsync("k");
        CacheOperationEvent succeeded = await rig.RefreshedAsync(2);

        Assert.That(found!.Value, Is.EqualTo("old"));
        Assert.That((failed.Outcome, failed.Exception), Is.EqualTo((CacheOutcome.Error, (Exception)failure)));
        Assert.That(succeeded.Outcome, Is.EqualTo(CacheOutcome.Refreshed));
    }

    [Test]
    public async Task Get_OneOfTwoFallbacksFails_GoesOnToTheOther()
    {
        Rig rig = await AgedAsync(_age, tiers: 3);
        rig.L2.FailOn(CacheOperation.Get, new IOException());
        rig.Tiers[2].Entries["k"] = new("new", Rig.Start + _age);

        await rig.Cache.GetAsync("k");
        CacheOperationEvent refresh = await rig.RefreshedAsync();

        Assert.That((refresh.Outcome, refresh.TierName), Is.EqualTo((CacheOutcome.Refreshed, "l3")));
        Assert.That(rig.Contents("k"), Is.EqualTo("new new new"));
    }

    [Test]
    public async Task Get_PromotionOfTheNewsFails_IsReportedAndSwallowed()
    {
        Rig rig = await AgedAsync(_age);
        rig.L2.Entries["k"] = new("new", Rig.Start + _age);
        rig.L1.FailOn(CacheOperation.Insert, new IOException());

        await rig.Cache.GetAsync("k");

        Assert.That((await rig.RefreshedAsync()).Outcome, Is.EqualTo(CacheOutcome.Refreshed));
        Assert.That(rig.Events.TierLines, Does.Contain("l1 insert error"));
        await rig.QuietAsync();
    }

    [Test]
    public async Task Get_NewsThatTheTierRefuses_DoesNotRefreshAtEveryHit()
    {
        Rig rig = Refreshing(options: static (tier, o) =>
        {
            if (tier == 0) o.InsertPolicy = InsertPolicy<string, string?>.When(static (_, _, source) => source == InsertSource.Direct);
        });
        await rig.Cache.InsertAsync("k", "old");
        rig.Clock.Advance(_age);
        rig.L2.Entries["k"] = new("new", Rig.Start + _age);

        await rig.Cache.GetAsync("k");
        await rig.RefreshedAsync();
        await rig.QuietAsync();
        await rig.Cache.GetAsync("k");

        Assert.That(rig.Refreshes, Is.Zero);
        Assert.That(rig.L2.Count(CacheOperation.Get), Is.EqualTo(1));
    }

    [Test]
    public async Task Get_NoTierBehindAndNoLoader_StartsNothing()
    {
        Rig rig = await AgedAsync(_age, tiers: 1);

        await rig.Cache.GetAsync("k");

        Assert.That(rig.Refreshes, Is.Zero);
        Assert.That(rig.Events.OperationLines, Has.None.StartsWith("refresh"));
    }

    [Test]
    public async Task Contains_EntryIsDue_StartsNothing()
    {
        Rig rig = await AgedAsync(_age);

        Assert.That(await rig.Cache.ContainsAsync("k"), Is.True);

        Assert.That(rig.Refreshes, Is.Zero);
        Assert.That(rig.L2.Count(CacheOperation.Get), Is.Zero);
    }

    [Test]
    public async Task Get_FallbackServesAnEntryThatIsDueThere_IsRefreshedFromTheTierBehind()
    {
        Rig rig = Refreshing(tiers: 3, refreshing: 1);
        rig.L2.Entries["k"] = new("old", Rig.Start - _age);
        rig.Tiers[2].Entries["k"] = new("new", Rig.Start);

        Assert.That((await rig.Cache.GetAsync("k"))!.Value, Is.EqualTo("old"));
        await rig.RefreshedAsync();

        Assert.That(rig.Contents("k"), Is.EqualTo("new new new"));
    }

    [Test]
    public async Task Get_SynchronousPrimary_IsRefreshed([Values] bool observed)
    {
        Rig rig = await AgedAsync(_age, synchronousPrimary: true, observed: observed);
        Gate gate = rig.L2.Hold(CacheOperation.Get);
        rig.L2.Entries["k"] = new("new", Rig.Start + _age);

        Assert.That((await rig.Cache.GetAsync("k"))!.Value, Is.EqualTo("old"));
        await gate.Reached;
        gate.Open();
        await rig.QuietAsync();

        Assert.That(rig.Contents("k"), Is.EqualTo("new new"));
    }

    [Test]
    public async Task Get_MemoryThatNobodyWatches_IsRefreshed()
    {
        var clock = new FakeTimeProvider(Rig.Start);
        var l2 = new FakeCacheTier<string, string>();
        await using ICache<string, string> cache = Cache.Builder<string, string>("test").Clock(clock)
            .Memory(static o => o.TimeToRefresh = _age).Tier(l2).Build();
        await cache.InsertAsync("k", "old");
        clock.Advance(_age);
        l2.Entries["k"] = new("new", Rig.Start + _age);
        Gate gate = l2.Hold(CacheOperation.Get);

        Assert.That((await cache.GetAsync("k"))!.Value, Is.EqualTo("old"));
        await gate.Reached;
        gate.Open();
        await Holds.UntilAsync(() => ((TieredCache<string, string>)cache).Refreshes == 0);

        Assert.That((await cache.GetAsync("k"))!.Value, Is.EqualTo("new"));
    }

    [Test]
    public async Task Refresh_ItsEvents_HaveAnIdOfTheirOwn()
    {
        Rig rig = await AgedAsync(_age);
        rig.Events.Clear();

        await rig.Cache.GetAsync("k");
        CacheOperationEvent refresh = await rig.RefreshedAsync();

        CacheOperationEvent get = rig.Events.OperationEvents.Single(static e => e.Operation == CacheOperation.Get);
        Assert.That(refresh.RequestId, Is.Positive.And.Not.EqualTo(get.RequestId));
        Assert.That(rig.Events.TierEvents.Single(static e => e.TierName == "l2").RequestId, Is.EqualTo(refresh.RequestId));
        Assert.That(refresh.DurationNanoseconds, Is.Not.Null);
    }

    private static Rig Refreshing(
        int tiers = 2,
        int refreshing = 0,
        bool synchronousPrimary = false,
        bool observed = true,
        Action<CacheBuilder<string, string?>>? more = null,
        Action<int, TierOptions<string, string?>>? options = null) =>
        new(tiers, synchronousPrimary, more, (tier, o) =>
        {
            if (tier == refreshing) o.TimeToRefresh = _age;
            options?.Invoke(tier, o);
        }, observed);

    /// <summary>A cache whose entries were inserted so long ago.</summary>
    private static Task<Rig> AgedAsync(TimeSpan age, params string[] keys) => AgedAsync(age, 2, keys: keys.Length == 0 ? ["k"] : keys);

    private static async Task<Rig> AgedAsync(
        TimeSpan age,
        int tiers = 2,
        bool synchronousPrimary = false,
        bool observed = true,
        Action<CacheBuilder<string, string?>>? more = null,
        string[]? keys = null)
    {
        Rig rig = Refreshing(tiers, synchronousPrimary: synchronousPrimary, observed: observed, more: more);
        foreach (string key in keys ?? ["k"]) await rig.Cache.InsertAsync(key, "old");
        rig.Clock.Advance(age);
        return rig;
    }
}
