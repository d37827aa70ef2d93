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
        rig.Tiers[failing].FailOn("get", _first);

        Assert.That(await rig.Cache.GetAsync("k"), Is.Null);
        Assert.That(rig.Events.OperationLines(), Is.EqualTo(new[] { "get miss" }));
        Assert.That(rig.Events.Operations[0].Exception, Is.Null);
        Assert.That(rig.Events.Tiers[failing].Outcome, Is.EqualTo(CacheOutcome.Error));
        Assert.That(rig.Events.Tiers[failing].Exception, Is.SameAs(_first));
    }

    [Test]
    public async Task GetAsync_PrimaryFails_FallbackServes()
    {
        var rig = new Rig();
        rig.L1.FailOn("get", _first);
        rig.L2.Entries["k"] = new("v", Rig.Start);

        Assert.That((await rig.Cache.GetAsync("k"))!.Value, Is.EqualTo("v"));
    }

    [Test]
    public async Task GetAsync_MiddleTierFails_ThirdServesAndIsPromoted()
    {
        var rig = new Rig(3);
        rig.L2.FailOn("get", _first);
        rig.Tiers[2].Entries["k"] = new("v", Rig.Start);

        Assert.That((await rig.Cache.GetAsync("k"))!.Value, Is.EqualTo("v"));
        Assert.That(rig.Contents("k"), Is.EqualTo("v v v"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetAsync_EveryTierFails_ThrowsTheFirstTiers(bool protect)
    {
        var rig = new Rig(more: b => b.StampedeProtection(protect));
        rig.L1.FailOn("get", _first);
        rig.L2.FailOn("get", _second);

        Assert.That(await rig.Cache.GetAsync("k").FaultAsync(), Is.SameAs(_first));
        Assert.That(rig.Events.OperationLines(), Is.EqualTo(new[] { "get error" }));
        Assert.That(rig.Events.Operations[0].Exception, Is.SameAs(_first));
        Assert.That(rig.Flights, Is.Zero);
    }

    [Test]
    public async Task ContainsAsync_OneTierFails_IsFalse()
    {
        var rig = new Rig();
        rig.L2.FailOn("get", _first);

        Assert.That(await rig.Cache.ContainsAsync("k"), Is.False);
    }

    [Test]
    public async Task ContainsAsync_EveryTierFails_Throws()
    {
        var rig = new Rig();
        rig.L1.FailOn("get", _first);
        rig.L2.FailOn("get", _second);

        Assert.That(await rig.Cache.ContainsAsync("k").FaultAsync(), Is.SameAs(_first));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetOrInsertAsync_EveryTierFails_Loads(bool protect)
    {
        var rig = new Rig(more: b => b.StampedeProtection(protect));
        foreach (FakeTier<string, string?> tier in rig.Tiers) tier.Fail = _ => _first;

        Assert.That(await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v")), Is.EqualTo("v"));
        Assert.That(rig.Events.OperationLines(), Is.EqualTo(new[] { "get_or_insert loaded" }));
        Assert.That(
            rig.Events.TierLines, Is.EquivalentTo(new[] { "l1 get error", "l2 get error", "l1 insert error", "l2 insert error" }));
        Assert.That(rig.Events.Operations[0].Exception, Is.Null);
    }

    [Test]
    public async Task GetOrInsertAsync_StoringFails_IsReportedAndSwallowed()
    {
        var rig = new Rig();
        rig.L2.FailOn("insert", _second);

        Assert.That(await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v")), Is.EqualTo("v"));
        Assert.That(rig.Contents("k"), Is.EqualTo("v -"));
        Assert.That(rig.Events.Tiers.Single(static e => e.Outcome == CacheOutcome.Error).Exception, Is.SameAs(_second));
    }

    [TestCase("get", true)]
    [TestCase("get", false)]
    [TestCase("insert", true)]
    [TestCase("insert", false)]
    public async Task GetAsync_PolicyThrow_SurfacesEachError(string call, bool protect)
    {
        var rig = new Rig(more: b => b.TierErrors(TierErrorPolicy.Throw).StampedeProtection(protect));
        rig.L2.Entries["k"] = new("v", Rig.Start);
        rig.L1.FailOn(call, _first);

        Assert.That(await rig.Cache.GetAsync("k").FaultAsync(), Is.SameAs(_first));
        Assert.That(rig.Events.OperationLines(), Is.EqualTo(new[] { "get error" }));
    }

    [Test]
    public async Task GetAsync_PolicyThrowAndFallbackFails_Throws()
    {
        var rig = new Rig(more: b => b.TierErrors(TierErrorPolicy.Throw));
        rig.L2.FailOn("get", _second);

        Assert.That(await rig.Cache.GetAsync("k").FaultAsync(), Is.SameAs(_second));
    }

    [TestCase("get", 0, true)]
    [TestCase("get", 1, true)]
    [TestCase("insert", 0, true)]
    [TestCase("insert", 1, true)]
    [TestCase("get", 1, false)]
    [TestCase("insert", 1, false)]
    public async Task GetOrInsertAsync_PolicyThrow_SurfacesEachError(string call, int failing, bool protect)
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
        Assert.That(loads, Is.EqualTo(call == "get" ? 0 : 1));
        Assert.That(rig.Events.Operations[0].Exception, Is.SameAs(_first));
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
        rig.L1.FailOn("get", new OperationCanceledException("the client's time-out"));
        rig.L2.Entries["k"] = new("v", Rig.Start);
        using var cancel = new CancellationTokenSource();

        Assert.That((await rig.Cache.GetAsync("k", cancel.Token))!.Value, Is.EqualTo("v"));
        Assert.That(rig.Events.TierLines[0], Is.EqualTo("l1 get error"));
    }

    [Test]
    public async Task GetOrInsertAsync_TiersOwnTaskCancellation_Loads()
    {
        var rig = new Rig();
        foreach (FakeTier<string, string?> tier in rig.Tiers) tier.FailOn("get", new TaskCanceledException("the client's time-out"));

        Assert.That(await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v")), Is.EqualTo("v"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetAsync_CallerCancels_IsNoTierError(bool protect)
    {
        var rig = new Rig(more: b => b.StampedeProtection(protect));
        var gate = new Gate();
        rig.L1.Before = Holds.Every("get", gate);
        using var cancel = new CancellationTokenSource();

        Task<CacheEntry<string?>?> getting = rig.Cache.GetAsync("k", cancel.Token).AsTask();
        await gate.Reached;
        await cancel.CancelAsync();

        Assert.That(await getting.FaultAsync(), Is.InstanceOf<OperationCanceledException>());
        Assert.That(rig.Events.OperationLines(), Is.EqualTo(new[] { "get cancelled" }));
        await Holds.UntilAsync(() => rig.Events.Tiers.Count == 1 && rig.Flights == 0);
        Assert.That(rig.Events.TierLines, Is.EqualTo(new[] { "l1 get cancelled" }));
        Assert.That(rig.L2.Calls, Is.Empty);
    }

    [Test]
    public async Task GetAsync_TierThrowsBeforeItReturnsATask_IsWalkedPast()
    {
        var events = new EventRecorder();
        var l2 = new FakeTier<string, string?>();
        l2.Entries["k"] = new("v", Rig.Start);
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Tier(new ThrowingTier(_first)).Tier(l2).EventHandler(events).Build();

        Assert.That((await cache.GetAsync("k"))!.Value, Is.EqualTo("v"));
        Assert.That(events.TierLines, Is.EqualTo(new[] { "l1 get error", "l2 get hit", "l1 insert error" }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetAsync_SynchronousPrimaryThrows_FallbackServes(bool watched)
    {
        FakeSynchronousTier<string, string?> l1 = new();
        FakeTier<string, string?> l2 = new();
        var events = new EventRecorder();
        CacheBuilder<string, string?> builder = Cache.Builder<string, string?>("c").Tier(l1).Tier(l2);
        if (watched) builder.EventHandler(events);
        ICache<string, string?> cache = builder.Build();
        l1.FailOn("find", _first);
        l2.Entries["k"] = new("v");

        Assert.That((await cache.GetAsync("k"))!.Value, Is.EqualTo("v"));
        if (watched) Assert.That(events.TierLines, Is.EqualTo(new[] { "l1 get error", "l2 get hit", "l1 insert inserted" }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetAsync_LoneSynchronousPrimaryThrows_Throws(bool protect)
    {
        var rig = new Rig(1, synchronousPrimary: true, b => b.StampedeProtection(protect));
        rig.L1.FailOn("find", _first);

        Assert.That(await rig.Cache.GetAsync("k").FaultAsync(), Is.SameAs(_first));
        Assert.That(rig.Events.TierLines, Is.EqualTo(new[] { "l1 get error" }));
        Assert.That(rig.Events.OperationLines(), Is.EqualTo(new[] { "get error" }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetOrInsertAsync_LoneSynchronousPrimaryThrows_Loads(bool protect)
    {
        var rig = new Rig(1, synchronousPrimary: true, b => b.StampedeProtection(protect));
        rig.L1.FailOn("find", _first);

        Assert.That(await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v")), Is.EqualTo("v"));
    }

    [Test]
    public async Task GetOrInsertAsync_SynchronousPrimaryThrowsUnderPolicyThrow_Throws()
    {
        var rig = new Rig(2, synchronousPrimary: true, b => b.TierErrors(TierErrorPolicy.Throw));
        rig.L1.FailOn("find", _first);

        Assert.That(await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v")).FaultAsync(), Is.SameAs(_first));
    }
}
