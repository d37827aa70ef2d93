using Cachet;

namespace CachetTests;

public class WriteTests
{
    private static readonly Func<ICache<string, string?>, ValueTask> _insert = static async c => await c.InsertAsync("k", "new");
    private static readonly Func<ICache<string, string?>, ValueTask> _invalidate = static c => c.InvalidateAsync("k");
    private static readonly Func<ICache<string, string?>, ValueTask> _clear = static c => c.ClearAsync();

    private static IEnumerable<TestCaseData> Writes()
    {
        yield return new TestCaseData(CacheOperation.Insert, _insert).SetArgDisplayNames("insert");
        yield return new TestCaseData(CacheOperation.Invalidate, _invalidate).SetArgDisplayNames("invalidate");
        yield return new TestCaseData(CacheOperation.Clear, _clear).SetArgDisplayNames("clear");
    }

    [Test]
    public async Task InsertAsync_TwoOverlapInALoneTier_TheLaterStays()
    {
        var rig = new Rig(1);
        Gate gate = rig.L1.Hold(CacheOperation.Insert);

        Task first = rig.Cache.InsertAsync("k", "first").AsTask();
        await gate.Reached;
        Task second = rig.Cache.InsertAsync("k", "second").AsTask();
        gate.Open();
        await Task.WhenAll(first, second);

        Assert.That(rig.Contents("k"), Is.EqualTo("second"));
    }

    [Test]
    public async Task InsertAsync_PolicyRefuses_ServesNobodyWhatWasThereBefore()
    {
        var l1 = new FakeCacheTier<string, string>();
        var l2 = new FakeCacheTier<string, string>();
        await using ICache<string, string> cache = Cache.Builder<string, string>("c")
            .Tier(l1, static o => o.InsertPolicy = InsertPolicy<string, string>.When(static (_, entry, _) => entry.Value.Length < 5))
            .Tier(l2)
            .Build();
        await cache.InsertAsync("k", "old");

        Assert.That(await cache.InsertAsync("k", "a long one"), Is.EqualTo(InsertOutcome.Accepted));

        Assert.That(l1.Entries, Is.Empty);
        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("a long one"));
    }

    [Test]
    public async Task InsertAsync_PolicyIsNever_LeavesTheTierAsItIs()
    {
        var l1 = new FakeCacheTier<string, string>();
        var l2 = new FakeCacheTier<string, string>();
        l2.Entries["k"] = new("somebody else's", Rig.Start);
        await using ICache<string, string> cache = Cache.Builder<string, string>("c")
            .Tier(l1)
            .Tier(l2, static o => o.InsertPolicy = InsertPolicy<string, string>.Never)
            .Build();

        await cache.InsertAsync("k", "v");

        Assert.That(l2.Entries["k"].Value, Is.EqualTo("somebody else's"));
        Assert.That(l2.Calls, Is.Empty);
    }

    [TestCaseSource(nameof(Writes))]
    public async Task Write_OneTierHeld_OthersBeginAllTheSame(CacheOperation call, Func<ICache<string, string?>, ValueTask> write)
    {
        for (int held = 0; held < 3; held++)
        {
            var rig = new Rig(3);
            Gate gate = rig.Tiers[held].Hold(call);

            Task writing = write(rig.Cache).AsTask();
            await gate.Reached;

            Assert.That(rig.Tiers.Select(t => t.Count(call)), Is.All.EqualTo(1));
            Assert.That(writing.IsCompleted, Is.False);
            gate.Open();
            await writing;
        }
    }

    [TestCaseSource(nameof(Writes))]
    public async Task Write_OneTierFails_OthersAreAwaited(CacheOperation call, Func<ICache<string, string?>, ValueTask> write)
    {
        for (int failing = 0; failing < 2; failing++)
        {
            var rig = new Rig();
            var error = new InvalidOperationException("down");
            rig.Tiers[failing].FailOn(call, error);
            Gate gate = rig.Tiers[1 - failing].Hold(call);

            Task writing = write(rig.Cache).AsTask();
            await gate.Reached;
            Assert.That(writing.IsCompleted, Is.False, "The other tier is still at it.");
            gate.Open();

            Assert.That(await writing.FaultAsync(), Is.SameAs(error));
        }
    }

    [TestCaseSource(nameof(Writes))]
    public async Task Write_SeveralTiersFail_ThrowsThePrimarys(CacheOperation call, Func<ICache<string, string?>, ValueTask> write)
    {
        var rig = new Rig(3);
        Exception[] errors = [.. Enumerable.Range(0, 3).Select(static i => new InvalidOperationException($"{i}"))];
        for (int i = 0; i < 3; i++) rig.Tiers[i].FailOn(call, errors[i]);

        Assert.That(await write(rig.Cache).FaultAsync(), Is.SameAs(errors[0]));
        Assert.That(rig.Tiers.Select(t => t.Count(call)), Is.All.EqualTo(1));
    }

    [TestCaseSource(nameof(Writes))]
    public async Task Write_TierThrowsBeforeItReturnsATask_OthersAreTried(CacheOperation call, Func<ICache<string, string?>, ValueTask> write)
    {
        var error = new InvalidOperationException("down");
        var l2 = new FakeCacheTier<string, string?>();
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Tier(new ThrowingTier(error)).Tier(l2).Build();

        Assert.That(await write(cache).FaultAsync(), Is.SameAs(error));
        Assert.That(l2.Count(call), Is.EqualTo(1));
    }

    [TestCaseSource(nameof(Writes))]
    public async Task Write_TierFails_EventsTell(CacheOperation call, Func<ICache<string, string?>, ValueTask> write)
    {
        var rig = new Rig();
        var error = new InvalidOperationException("down");
        rig.L2.FailOn(call, error);

        await write(rig.Cache).FaultAsync();

        CacheTierEvent failed = rig.Events.TierEvents.Single(static e => e.TierName == "l2");
        Assert.That(failed.Outcome, Is.EqualTo(CacheOutcome.Error));
        Assert.That(failed.Exception, Is.SameAs(error));
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { $"{TelemetryNames.Of(call)} error" }));
        Assert.That(rig.Events.OperationEvents[0].Exception, Is.SameAs(error));
    }

    [TestCaseSource(nameof(Writes))]
    public async Task Write_TiersOwnCancellation_IsAnError(CacheOperation call, Func<ICache<string, string?>, ValueTask> write)
    {
        var rig = new Rig();
        var timeout = new OperationCanceledException("the client's time-out");
        rig.L1.FailOn(call, timeout);

        Assert.That(await write(rig.Cache).FaultAsync(), Is.SameAs(timeout));
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { $"{TelemetryNames.Of(call)} error" }));
    }

    [Test]
    public async Task InsertAsync_CallerCancels_IsCancelledInEvents()
    {
        var rig = new Rig();
        using var cancel = new CancellationTokenSource();
        Gate gate = rig.L2.HoldEvery(CacheOperation.Insert);

        Task writing = rig.Cache.InsertAsync("k", "v", cancel.Token).AsTask();
        await gate.Reached;
        await cancel.CancelAsync();

        Assert.That(await writing.FaultAsync(), Is.InstanceOf<OperationCanceledException>());
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "insert cancelled" }));
        Assert.That(rig.Events.TierLines, Is.EquivalentTo(new[] { "l1 insert inserted", "l2 insert cancelled" }));
        Assert.That(rig.Contents("k"), Is.EqualTo("v -"), "What was written stays.");
    }

    [Test]
    public async Task InsertAsync_FallbackFails_PrimaryKeepsTheValue()
    {
        var rig = new Rig();
        rig.L2.FailOn(CacheOperation.Insert, new InvalidOperationException("down"));

        await rig.Cache.InsertAsync("k", "v").FaultAsync();

        Assert.That(rig.Contents("k"), Is.EqualTo("v -"));
    }

    [TestCase(InsertOutcome.Accepted, InsertOutcome.Accepted, InsertOutcome.Accepted)]
    [TestCase(InsertOutcome.Rejected, InsertOutcome.Accepted, InsertOutcome.Accepted)]
    [TestCase(InsertOutcome.Accepted, InsertOutcome.Rejected, InsertOutcome.Accepted)]
    [TestCase(InsertOutcome.Rejected, InsertOutcome.Rejected, InsertOutcome.Rejected)]
    public async Task InsertAsync_TiersAnswer_IsAcceptedIfAnyAccepted(InsertOutcome l1, InsertOutcome l2, InsertOutcome expected)
    {
        var rig = new Rig();
        rig.L1.InsertAnswer = _ => l1;
        rig.L2.InsertAnswer = _ => l2;

        Assert.That(await rig.Cache.InsertAsync("k", "v"), Is.EqualTo(expected));
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { expected == InsertOutcome.Accepted ? "insert inserted" : "insert rejected" }));
    }

    [Test]
    public async Task InsertAsync_OneRejectsAndOneFails_Throws()
    {
        var rig = new Rig();
        var error = new InvalidOperationException("down");
        rig.L1.InsertAnswer = static _ => InsertOutcome.Rejected;
        rig.L2.FailOn(CacheOperation.Insert, error);

        Assert.That(await rig.Cache.InsertAsync("k", "v").FaultAsync(), Is.SameAs(error));
    }

    [Test]
    public async Task InsertEntryAsync_CallersEntry_IsNotChanged()
    {
        var rig = new Rig();
        var entry = new CacheEntry<string?>("v");

        await rig.Cache.InsertEntryAsync("k", entry);

        Assert.That(entry.CachedAt, Is.Null);
        foreach (FakeCacheTier<string, string?> tier in rig.Tiers)
        {
            Assert.That(tier.Entries["k"], Is.Not.SameAs(entry));
            Assert.That(tier.Entries["k"].CachedAt, Is.EqualTo(Rig.Start));
        }
    }

    [Test]
    public async Task InsertEntryAsync_StampedByTheCaller_KeepsTheStamp()
    {
        var rig = new Rig();
        DateTimeOffset at = Rig.Start - TimeSpan.FromMinutes(2);

        await rig.Cache.InsertEntryAsync("k", new("v", at, TimeSpan.FromMinutes(5)));

        Assert.That(rig.Tiers.Select(static t => t.Entries["k"].CachedAt), Is.All.EqualTo(at));
        Assert.That(rig.Tiers.Select(static t => t.Entries["k"].TimeToLive), Is.All.EqualTo(TimeSpan.FromMinutes(5)));
    }

    [Test]
    public async Task InsertEntryAsync_EntryThatWasFound_LivesAnewInEveryTier()
    {
        var events = new CacheEventRecorder();
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Rig.Start);
        ICache<string, string?> cache =
            Cache.Builder<string, string?>("c").Clock(clock).EventHandler(events).Memory(o => o.TimeToLive = TimeSpan.FromMinutes(1)).Build();
        await cache.InsertAsync("k", "v");
        CacheEntry<string?> found = (await cache.GetAsync("k"))!;
        clock.Advance(TimeSpan.FromMinutes(1));

        await cache.InsertEntryAsync("copy", found);
        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.That(await cache.GetAsync("k"), Is.Null);
        Assert.That(await cache.GetAsync("copy"), Is.Not.Null);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetOrInsertEntryAsync_Loaded_CarriesCachedAtOnlyIfATierAccepted(bool accepted)
    {
        var rig = new Rig();
        rig.L1.InsertAnswer = static _ => InsertOutcome.Rejected;
        rig.L2.InsertAnswer = _ => accepted ? InsertOutcome.Accepted : InsertOutcome.Rejected;

        CacheEntry<string?>? found = await rig.Cache.GetOrInsertEntryAsync("k", static (_, _) => new(new CacheEntry<string?>("v")));

        Assert.That(found!.Value, Is.EqualTo("v"));
        Assert.That(found.CachedAt, accepted ? Is.EqualTo(Rig.Start) : Is.Null);
    }

    [Test]
    public async Task GetOrInsertEntryAsync_EveryTierFails_CarriesNoCachedAt()
    {
        var rig = new Rig();
        foreach (FakeCacheTier<string, string?> tier in rig.Tiers) tier.FailOn(CacheOperation.Insert, new InvalidOperationException("down"));

        CacheEntry<string?>? found = await rig.Cache.GetOrInsertEntryAsync("k", static (_, _) => new(new CacheEntry<string?>("v")));

        Assert.That(found!.CachedAt, Is.Null);
    }

    [Test]
    public async Task GetOrInsertEntryAsync_LoaderStamped_KeepsTheStamp()
    {
        var rig = new Rig();
        DateTimeOffset at = Rig.Start - TimeSpan.FromMinutes(2);
        var loaded = new CacheEntry<string?>("v", at);

        CacheEntry<string?>? found = await rig.Cache.GetOrInsertEntryAsync("k", (_, _) => new(loaded));

        Assert.That(found!.CachedAt, Is.EqualTo(at));
        Assert.That(rig.L2.Entries["k"].CachedAt, Is.EqualTo(at));
    }

    [Test]
    public async Task GetOrInsertEntryAsync_LoadersEntry_IsNotChanged()
    {
        var rig = new Rig();
        var loaded = new CacheEntry<string?>("v");

        await rig.Cache.GetOrInsertEntryAsync("k", (_, _) => new(loaded));

        Assert.That(loaded.CachedAt, Is.Null);
    }

    [Test]
    public async Task GetOrInsertEntryAsync_OverlappedByAWrite_CarriesNoCachedAt()
    {
        var rig = new Rig();

        CacheEntry<string?>? found = await rig.Cache.GetOrInsertEntryAsync("k", async (key, _) =>
        {
            await rig.Cache.InvalidateAsync(key, CancellationToken.None);
            return new CacheEntry<string?>("v");
        });

        Assert.That(found!.CachedAt, Is.Null, "No tier took it.");
        Assert.That(rig.Contents("k"), Is.EqualTo("- -"));
    }

    [Test]
    public async Task GetOrInsertAsync_Loaded_FillsAllTiersConcurrently()
    {
        for (int held = 0; held < 2; held++)
        {
            var rig = new Rig();
            Gate gate = rig.Tiers[held].Hold(CacheOperation.Insert);

            Task<string?> loading = rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v")).AsTask();
            await gate.Reached;

            // Begun, or about to begin, on whatever thread the load ended.
            await Holds.UntilAsync(() => rig.Tiers[1 - held].Count(CacheOperation.Insert) == 1);
            Assert.That(loading.IsCompleted, Is.False, "It is returned once every tier was tried.");
            gate.Open();
            Assert.That(await loading, Is.EqualTo("v"));
        }
    }

    [Test]
    public async Task InsertAsync_PolicyNever_StoresNothingAndLeavesWhatIsThere()
    {
        var tier = new FakeCacheTier<string, string?>();
        tier.Entries["k"] = new("old");
        ICache<string, string?> cache =
            Cache.Builder<string, string?>("c").Tier(tier, static o => o.InsertPolicy = InsertPolicy<string, string?>.Never).Build();

        Assert.That(await cache.InsertAsync("k", "v"), Is.EqualTo(InsertOutcome.Rejected));

        Assert.That((await cache.GetAsync("k"))!.Value, Is.EqualTo("old"));
        await cache.InvalidateAsync("k");
        Assert.That(tier.Entries, Is.Empty);
    }

    [Test]
    public async Task InsertAsync_PolicyWhen_GetsKeyEntryAndSource()
    {
        var seen = new List<(string, string?, DateTimeOffset?, InsertSource)>();
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Rig.Start);
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Clock(clock).Memory(o => o.InsertPolicy =
            InsertPolicy<string, string?>.When((key, entry, source) =>
            {
                seen.Add((key, entry.Value, entry.CachedAt, source));
                return key == "yes";
            })).Build();

        Assert.That(await cache.InsertAsync("yes", "v"), Is.EqualTo(InsertOutcome.Accepted));
        Assert.That(await cache.InsertAsync("no", "v"), Is.EqualTo(InsertOutcome.Rejected));
        Assert.That(seen, Is.EqualTo(new[]
        {
            ("yes", "v", (DateTimeOffset?)Rig.Start, InsertSource.Direct), ("no", "v", Rig.Start, InsertSource.Direct),
        }));
    }

    [Test]
    public async Task InsertAsync_PolicyThrows_IsThatTiersFailure()
    {
        var error = new InvalidOperationException("policy");
        var l2 = new FakeCacheTier<string, string?>();
        ICache<string, string?> cache = Cache.Builder<string, string?>("c")
            .Memory(o => o.InsertPolicy = InsertPolicy<string, string?>.When((_, _, _) => throw error)).Tier(l2).Build();

        Assert.That(await cache.InsertAsync("k", "v").FaultAsync(), Is.SameAs(error));
        Assert.That(l2.Entries["k"].Value, Is.EqualTo("v"));
    }

    [Test]
    public void When_NoPredicate_Throws() =>
        Assert.That(() => InsertPolicy<string, int>.When(null!), Throws.ArgumentNullException);
}
