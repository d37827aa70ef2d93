using Cachet;

namespace CachetTests;

public class ReadErrorTests
{
    private readonly Exception _first = new InvalidOperationException("first");
    private readonly Exception _second = new InvalidOperationException("second");

    [TestCase(0)]
    [TestCase(1)]
    public async Task GetAsync_OneTierFails_IsAMiss(int failing)
    {
        var rig = new Rig();
        rig.Tiers[failing].FailOn(CacheOperation.Get, _first);

        Assert.That(await rig.Cache.GetAsync("k"), Is.Null);
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "get miss" }));
        Assert.That(rig.Events.OperationEvents[0].Exception, Is.Null);
        Assert.That(rig.Events.TierEvents[failing].Outcome, Is.EqualTo(CacheOutcome.Error));
        Assert.That(rig.Events.TierEvents[failing].Exception, Is.SameAs(_first));
    }

    [Test]
    public async Task GetAsync_PrimaryFails_FallbackServes()
    {
        var rig = new Rig();
        rig.L1.FailOn(CacheOperation.Get, _first);
        rig.L2.Entries["k"] = new("v", Rig.Start);

        Assert.That((await rig.Cache.GetAsync("k"))!.Value, Is.EqualTo("v"));
    }

    [Test]
    public async Task GetAsync_MiddleTierFails_ThirdServesAndIsPromoted()
    {
        var rig = new Rig(3);
        rig.L2.FailOn(CacheOperation.Get, _first);
        rig.Tiers[2].Entries["k"] = new("v", Rig.Start);

        Assert.That((await rig.Cache.GetAsync("k"))!.Value, Is.EqualTo("v"));
        Assert.That(rig.Contents("k"), Is.EqualTo("v v v"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetAsync_EveryTierFails_ThrowsTheFirstTiers(bool protect)
    {
        var rig = new Rig(more: b => b.StampedeProtection(protect));
        rig.L1.FailOn(CacheOperation.Get, _first);
        rig.L2.FailOn(CacheOperation.Get, _second);

        Assert.That(await rig.Cache.GetAsync("k").FaultAsync(), Is.SameAs(_first));
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "get error" }));
        Assert.That(rig.Events.OperationEvents[0].Exception, Is.SameAs(_first));
        Assert.That(rig.Flights, Is.Zero);
    }

    [Test]
    public async Task ContainsAsync_OneTierFails_IsFalse()
    {
        var rig = new Rig();
        rig.L2.FailOn(CacheOperation.Get, _first);

        Assert.That(await rig.Cache.ContainsAsync("k"), Is.False);
    }

    [Test]
    public async Task ContainsAsync_EveryTierFails_Throws()
    {
        var rig = new Rig();
        rig.L1.FailOn(CacheOperation.Get, _first);
        rig.L2.FailOn(CacheOperation.Get, _second);

        Assert.That(await rig.Cache.ContainsAsync("k").FaultAsync(), Is.SameAs(_first));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetOrInsertAsync_EveryTierFails_Loads(bool protect)
    {
        var rig = new Rig(more: b => b.StampedeProtection(protect));
        foreach (FakeCacheTier<string, string?> tier in rig.Tiers) tier.FailWhen(static _ => true, _ => _first);

        Assert.That(await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v")), Is.EqualTo("v"));
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "get_or_insert loaded" }));
        Assert.That(
            rig.Events.TierLines, Is.EquivalentTo(new[] { "l1 get error", "l2 get error", "l1 insert error", "l2 insert error" }));
        Assert.That(rig.Events.OperationEvents[0].Exception, Is.Null);
    }

    [Test]
    public async Task GetOrInsertAsync_StoringFails_IsReportedAndSwallowed()
    {
        var rig = new Rig();
        rig.L2.FailOn(CacheOperation.Insert, _second);

        Assert.That(await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v")), Is.EqualTo("v"));
        Assert.That(rig.Contents("k"), Is.EqualTo("v -"));
        Assert.That(rig.Events.TierEvents.Single(static e => e.Outcome == CacheOutcome.Error).Exception, Is.SameAs(_second));
    }

    [TestCase(CacheOperation.Get, true)]
    [TestCase(CacheOperation.Get, false)]
    [TestCase(CacheOperation.Insert, true)]
    [TestCase(CacheOperation.Insert, false)]
    public async Task GetAsync_PolicyThrow_SurfacesEachError(CacheOperation call, bool protect)
    {
        var rig = new Rig(more: b => b.TierErrors(TierErrorPolicy.Throw).StampedeProtection(protect));
        rig.L2.Entries["k"] = new("v", Rig.Start);
        rig.L1.FailOn(call, _first);

        Assert.That(await rig.Cache.GetAsync("k").FaultAsync(), Is.SameAs(_first));
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "get error" }));
    }

    [Test]
    public async Task GetAsync_PolicyThrowAndFallbackFails_Throws()
    {
        var rig = new Rig(more: b => b.TierErrors(TierErrorPolicy.Throw));
        rig.L2.FailOn(CacheOperation.Get, _second);

        Assert.That(await rig.Cache.GetAsync("k").FaultAsync(), Is.SameAs(_second));
    }

    [TestCase(CacheOperation.Get, 0, true)]
    [TestCase(CacheOperation.Get, 1, true)]
    [TestCase(CacheOperation.Insert, 0, true)]
    [TestCase(CacheOperation.Insert, 1, true)]
    [TestCase(CacheOperation.Get, 1, false)]
    [TestCase(CacheOperation.Insert, 1, false)]
    public async Task GetOrInsertAsync_PolicyThrow_SurfacesEachError(CacheOperation call, int failing, bool protect)
    {
        var rig = new Rig(more: b => b.TierErrors(TierErrorPolicy.Throw).StampedeProtection(protect));
        rig.Tiers[failing].FailOn(call, _first);
        int loads = 0;

        Exception? fault = await rig.Cache.GetOrInsertAsync("k", (_, _) =>
        {
            loads++;
            return new("v");
        }).FaultAsync();

        Assert.That(fault, Is.SameAs(_first));
        Assert.That(loads, Is.EqualTo(call == CacheOperation.Get ? 0 : 1));
        Assert.That(rig.Events.OperationEvents[0].Exception, Is.SameAs(_first));
        Assert.That(rig.Flights, Is.Zero);
    }

    [Test]
    public async Task GetAsync_PolicyThrowAndNoError_IsAMiss()
    {
        var rig = new Rig(more: b => b.TierErrors(TierErrorPolicy.Throw));

        Assert.That(await rig.Cache.GetAsync("k"), Is.Null);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetAsync_TiersOwnCancellation_IsATierError(bool protect)
    {
        var rig = new Rig(more: b => b.StampedeProtection(protect));
        rig.L1.FailOn(CacheOperation.Get, new OperationCanceledException("the client's time-out"));
        rig.L2.Entries["k"] = new("v", Rig.Start);
        using var cancel = new CancellationTokenSource();

        Assert.That((await rig.Cache.GetAsync("k", cancel.Token))!.Value, Is.EqualTo("v"));
        Assert.That(rig.Events.TierLines[0], Is.EqualTo("l1 get error"));
    }

    [Test]
    public async Task GetOrInsertAsync_TiersOwnTaskCancellation_Loads()
    {
        var rig = new Rig();
        foreach (FakeCacheTier<string, string?> tier in rig.Tiers) tier.FailOn(CacheOperation.Get, new TaskCanceledException("the client's time-out"));

        Assert.That(await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v")), Is.EqualTo("v"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetAsync_CallerCancels_IsNoTierError(bool protect)
    {
        var rig = new Rig(more: b => b.StampedeProtection(protect));
        Gate gate = rig.L1.HoldEvery(CacheOperation.Get);
        using var cancel = new CancellationTokenSource();

        Task<CacheEntry<string?>?> getting = rig.Cache.GetAsync("k", cancel.Token).AsTask();
        await gate.Reached;
        await cancel.CancelAsync();

        Assert.That(await getting.FaultAsync(), Is.InstanceOf<OperationCanceledException>());
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "get cancelled" }));
        await Holds.UntilAsync(() => rig.Events.TierEvents.Count == 1 && rig.Flights == 0);
        Assert.That(rig.Events.TierLines, Is.EqualTo(new[] { "l1 get cancelled" }));
        Assert.That(rig.L2.Calls, Is.Empty);
    }

    [Test]
    public async Task GetAsync_TierThrowsBeforeItReturnsATask_IsWalkedPast()
    {
        var events = new CacheEventRecorder();
        var l2 = new FakeCacheTier<string, string?>();
        l2.Entries["k"] = new("v", Rig.Start);
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Tier(new ThrowingTier(_first)).Tier(l2).EventHandler(events).Build();

        Assert.That((await cache.GetAsync("k"))!.Value, Is.EqualTo("v"));
        Assert.That(events.TierLines, Is.EqualTo(new[] { "l1 get error", "l2 get hit", "l1 insert error" }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetAsync_SynchronousPrimaryThrows_FallbackServes(bool watched)
    {
        FakeSynchronousCacheTier<string, string?> l1 = new();
        FakeCacheTier<string, string?> l2 = new();
        var events = new CacheEventRecorder();
        CacheBuilder<string, string?> builder = Cache.Builder<string, string?>("c").Tier(l1).Tier(l2);
        if (watched) builder.EventHandler(events);
        ICache<string, string?> cache = builder.Build();
        l1.FailOn(CacheOperation.Get, _first);
        l2.Entries["k"] = new("v");

        Assert.That((await cache.GetAsync("k"))!.Value, Is.EqualTo("v"));
        if (watched) Assert.That(events.TierLines, Is.EqualTo(new[] { "l1 get error", "l2 get hit", "l1 insert inserted" }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetAsync_LoneSynchronousPrimaryThrows_Throws(bool protect)
    {
        var rig = new Rig(1, synchronousPrimary: true, b => b.StampedeProtection(protect));
        rig.L1.FailOn(CacheOperation.Get, _first);

        Assert.That(await rig.Cache.GetAsync("k").FaultAsync(), Is.SameAs(_first));
        Assert.That(rig.Events.TierLines, Is.EqualTo(new[] { "l1 get error" }));
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "get error" }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetOrInsertAsync_LoneSynchronousPrimaryThrows_Loads(bool protect)
    {
        var rig = new Rig(1, synchronousPrimary: true, b => b.StampedeProtection(protect));
        rig.L1.FailOn(CacheOperation.Get, _first);

        Assert.That(await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v")), Is.EqualTo("v"));
    }

    [Test]
    public async Task GetOrInsertAsync_SynchronousPrimaryThrowsUnderPolicyThrow_Throws()
    {
        var rig = new Rig(2, synchronousPrimary: true, b => b.TierErrors(TierErrorPolicy.Throw));
        rig.L1.FailOn(CacheOperation.Get, _first);

        Assert.That(await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v")).FaultAsync(), Is.SameAs(_first));
    }
}
