using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

public enum TierUnderTest
{
    Memory,
    Custom,
    Bare,
    Distributed,
}

public class ExpiryTests
{
    private static readonly TimeSpan _tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    private readonly CacheEventRecorder _events = new();
    private FakeTimeProvider _clock = null!;

    [SetUp]
    public void SetUp()
    {
        _clock = new(Rig.Start);
        _events.Clear();
    }

    [Test]
    public async Task InsertEntryAsync_FromBeyondTheClockSkewIntoASharedTier_IsRejected([Values(5, 6)] int seconds)
    {
        var clock = new FakeTimeProvider(Rig.Start);
        await using ICache<string, int> cache = Cache.Builder<string, int>("c").Distributed(Stores.Memory()).Clock(clock).Build();
        await cache.InsertAsync("k", 1);

        InsertOutcome outcome = await cache.InsertEntryAsync("k", new(2, Rig.Start.AddSeconds(seconds)));

        Assert.That(outcome, Is.EqualTo(seconds > 5 ? InsertOutcome.Rejected : InsertOutcome.Accepted));
        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo(seconds > 5 ? null : 2));
    }

    [Test]
    public async Task GetAsync_ElapsedEqualsTierTimeToLive_IsFresh([Values] TierUnderTest tier)
    {
        ICache<string, string?> cache = With(tier, _minute);
        await cache.InsertAsync("k", "v");

        _clock.Advance(_minute);

        Assert.That(await cache.GetAsync("k"), Is.Not.Null);
    }

    [Test]
    public async Task GetAsync_ElapsedBeyondTierTimeToLive_IsExpired([Values] TierUnderTest tier)
    {
        ICache<string, string?> cache = With(tier, _minute);
        await cache.InsertAsync("k", "v");

        _clock.Advance(_minute + _tick);

        Assert.That(await cache.GetAsync("k"), Is.Null);
        Assert.That(_events.TierEvents[^1].Outcome, Is.EqualTo(CacheOutcome.Expired));
        Assert.That(_events.OperationEvents[^1].Outcome, Is.EqualTo(CacheOutcome.Miss));
    }

    [Test]
    public async Task GetAsync_OwnTimeToLiveLongerThanTiers_LivesItsOwn([Values] TierUnderTest tier)
    {
        ICache<string, string?> cache = With(tier, _minute);
        await cache.InsertEntryAsync("k", new("v", null, 10 * _minute));

        _clock.Advance(10 * _minute);
        Assert.That(await cache.GetAsync("k"), Is.Not.Null);
        _clock.Advance(_tick);
        Assert.That(await cache.GetAsync("k"), Is.Null);
    }

    [Test]
    public async Task GetAsync_OwnTimeToLiveShorterThanTiers_LivesItsOwn([Values] TierUnderTest tier)
    {
        ICache<string, string?> cache = With(tier, 10 * _minute);
        await cache.InsertEntryAsync("k", new("v", null, _minute));

        _clock.Advance(_minute);
        Assert.That(await cache.GetAsync("k"), Is.Not.Null);
        _clock.Advance(_tick);
        Assert.That(await cache.GetAsync("k"), Is.Null);
    }

    [Test]
    public async Task GetAsync_OwnTimeToLive_CountsFromCachedAt([Values] TierUnderTest tier)
    {
        ICache<string, string?> cache = With(tier, 20 * _minute);
        await cache.InsertEntryAsync("k", new("v", Rig.Start - (9 * _minute), 10 * _minute));

        _clock.Advance(_minute);
        Assert.That(await cache.GetAsync("k"), Is.Not.Null);
        _clock.Advance(_tick);
        Assert.That(await cache.GetAsync("k"), Is.Null);
    }

    [TestCase(TierUnderTest.Memory)]
    [TestCase(TierUnderTest.Custom)]
    [TestCase(TierUnderTest.Distributed)]
    public async Task GetAsync_TierTimeToLive_CountsFromWhenTheTierStored(TierUnderTest tier)
    {
        ICache<string, string?> cache = With(tier, _minute);
        await cache.InsertEntryAsync("k", new("v", Rig.Start - TimeSpan.FromHours(1)));

        _clock.Advance(_minute);
        Assert.That((await cache.GetAsync("k"))?.CachedAt, Is.EqualTo(Rig.Start - TimeSpan.FromHours(1)));
        _clock.Advance(_tick);
        Assert.That(await cache.GetAsync("k"), Is.Null);
    }

    [Test]
    public async Task GetAsync_TierThatForgetsTheDeadline_CountsFromCachedAt()
    {
        ICache<string, string?> cache = With(TierUnderTest.Bare, _minute);
        await cache.InsertEntryAsync("k", new("v", Rig.Start - TimeSpan.FromSeconds(59)));

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await cache.GetAsync("k"), Is.Not.Null);
        _clock.Advance(_tick);
        Assert.That(await cache.GetAsync("k"), Is.Null);
    }

    [Test]
    public async Task GetAsync_TierTimeToLive_IsNotWrittenIntoTheEntry([Values] TierUnderTest tier)
    {
        ICache<string, string?> cache = With(tier, _minute);
        await cache.InsertAsync("k", "v");

        Assert.That((await cache.GetAsync("k"))!.TimeToLive, Is.Null);
    }

    [Test]
    public async Task GetAsync_InfiniteTierTimeToLive_NeverExpires([Values] TierUnderTest tier)
    {
        ICache<string, string?> cache = With(tier, Timeout.InfiniteTimeSpan);
        await cache.InsertAsync("k", "v");

        _clock.Advance(TimeSpan.FromDays(365_000));

        Assert.That(await cache.GetAsync("k"), Is.Not.Null);
    }

    [Test]
    public async Task GetAsync_InfiniteOwnTimeToLive_BeatsTheTiers([Values] TierUnderTest tier)
    {
        ICache<string, string?> cache = With(tier, _minute);
        await cache.InsertEntryAsync("k", new("v", null, Timeout.InfiniteTimeSpan));

        _clock.Advance(TimeSpan.FromDays(365_000));

        Assert.That((await cache.GetAsync("k"))?.TimeToLive, Is.EqualTo(Timeout.InfiniteTimeSpan));
    }

    [Test]
    public async Task GetAsync_ZeroTimeToLive_IsFreshUntilTheClockMoves([Values] TierUnderTest tier)
    {
        ICache<string, string?> cache = With(tier, TimeSpan.Zero);
        await cache.InsertAsync("k", "v");

        Assert.That(await cache.GetAsync("k"), Is.Not.Null);
        _clock.Advance(_tick);
        Assert.That(await cache.GetAsync("k"), Is.Null);
    }

    [Test]
    public async Task GetAsync_LargestTimeToLive_DoesNotOverflow([Values] TierUnderTest tier, [Values(0, 1)] int less, [Values] bool own)
    {
        TimeSpan life = TimeSpan.MaxValue - TimeSpan.FromTicks(less);
        ICache<string, string?> cache = With(tier, own ? _minute : life);
        await cache.InsertEntryAsync("k", new("v", null, own ? life : null));

        Assert.That(await cache.GetAsync("k"), Is.Not.Null);
        _clock.Advance(TimeSpan.FromDays(365_000));
        Assert.That(await cache.GetAsync("k"), Is.Not.Null);
    }

    [Test]
    public async Task GetAsync_OldestCachedAt_DoesNotOverflow([Values] TierUnderTest tier)
    {
        ICache<string, string?> cache = With(tier, Timeout.InfiniteTimeSpan);
        await cache.InsertEntryAsync("k", new("v", DateTimeOffset.MinValue, TimeSpan.MaxValue));

        Assert.That((await cache.GetAsync("k"))?.CachedAt, Is.EqualTo(DateTimeOffset.MinValue));
    }

    [TestCase(TierUnderTest.Memory)]
    [TestCase(TierUnderTest.Custom)]
    [TestCase(TierUnderTest.Bare)]
    public async Task GetAsync_ClockWentBackwards_IsExpired(TierUnderTest tier)
    {
        ICache<string, string?> cache = With(tier, _minute);
        await cache.InsertAsync("k", "v");

        _clock.AdjustTime(Rig.Start - _tick);

        Assert.That(await cache.GetAsync("k"), Is.Null);
        Assert.That(_events.TierEvents[^1].Outcome, Is.EqualTo(CacheOutcome.Expired));
    }

    [TestCase(TierUnderTest.Memory)]
    [TestCase(TierUnderTest.Custom)]
    [TestCase(TierUnderTest.Bare)]
    public async Task GetAsync_OwnLifeAndClockWentBackwards_IsExpired(TierUnderTest tier)
    {
        ICache<string, string?> cache = With(tier, Timeout.InfiniteTimeSpan);
        await cache.InsertEntryAsync("k", new("v", null, _minute));

        _clock.AdjustTime(Rig.Start - _tick);

        Assert.That(await cache.GetAsync("k"), Is.Null);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetAsync_RemoteTierAnotherClockAheadWithinSkew_IsFresh(bool own)
    {
        var store = Stores.Memory();
        await Shared(store, new(Rig.Start + TimeSpan.FromSeconds(5))).InsertEntryAsync("k", new("v", null, own ? _minute : null));

        Assert.That(await Shared(store, _clock).GetAsync("k"), Is.Not.Null);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetAsync_RemoteTierAnotherClockAheadBeyondSkew_IsExpired(bool own)
    {
        var store = Stores.Memory();
        await Shared(store, new(Rig.Start + TimeSpan.FromSeconds(5) + _tick)).InsertEntryAsync("k", new("v", null, own ? _minute : null));

        Assert.That(await Shared(store, _clock).GetAsync("k"), Is.Null);
        Assert.That(_events.TierEvents[^1].Outcome, Is.EqualTo(CacheOutcome.Expired));
    }

    [Test]
    public async Task GetAsync_ClockSkewSet_IsTheBorder()
    {
        var tier = new FakeCacheTier<string, string?>();
        tier.Entries["within"] = new("v", Rig.Start + (2 * _minute), _minute);
        tier.Entries["beyond"] = new("v", Rig.Start + (2 * _minute) + _tick, _minute);
        ICache<string, string?> cache = Builder().Tier(tier, static o =>
        {
            o.Remote = true;
            o.ClockSkew = TimeSpan.FromMinutes(2);
        }).Build();

        Assert.That(await cache.GetAsync("within"), Is.Not.Null);
        Assert.That(await cache.GetAsync("beyond"), Is.Null);
    }

    [Test]
    public async Task GetAsync_LargestClockSkew_DoesNotOverflow()
    {
        ICache<string, string?> cache = Builder().Distributed(Stores.Memory(), static o => o.ClockSkew = TimeSpan.MaxValue).Build();
        await cache.InsertEntryAsync("k", new("v", null, _minute));

        Assert.That(await cache.GetAsync("k"), Is.Not.Null);
    }

    [Test]
    public async Task GetAsync_LocalTierEntryFromTheFuture_IsExpired()
    {
        var tier = new FakeCacheTier<string, string?>();
        tier.Entries["k"] = new("v", Rig.Start + _tick, _minute);
        ICache<string, string?> cache = Builder().Tier(tier).Build();

        Assert.That(await cache.GetAsync("k"), Is.Null);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetAsync_TimeToLiveWithoutCachedAt_IsExpired(bool own)
    {
        var tier = new FakeCacheTier<string, string?>();
        tier.Entries["k"] = new("v", null, own ? _minute : null);
        ICache<string, string?> cache = Builder().Tier(tier, o => o.TimeToLive = own ? null : _minute).Build();

        Assert.That(await cache.GetAsync("k"), Is.Null);
        Assert.That(_events.TierEvents[^1].Outcome, Is.EqualTo(CacheOutcome.Expired));
    }

    [Test]
    public async Task GetAsync_NeitherTimeToLiveNorCachedAt_IsFresh()
    {
        var tier = new FakeCacheTier<string, string?>();
        tier.Entries["k"] = new("v");
        ICache<string, string?> cache = Builder().Tier(tier).Build();

        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("v"));
    }

    [Test]
    public async Task GetAsync_InfiniteTimeToLiveWithoutCachedAt_IsNoFailureOfTheTierInFront()
    {
        var tier = new FakeCacheTier<string, string?>();
        tier.Entries["k"] = new("v", null, Timeout.InfiniteTimeSpan);
        ICache<string, string?> cache = Builder().Memory().Tier(tier).Build();

        await cache.GetAsync("k");

        Assert.That(_events.TierLines, Has.None.Contains("error"));
    }

    [Test]
    public async Task TimeToLive_MemoryInFrontOfDistributed_IsAMinuteAndFiveMinutes()
    {
        ICache<string, string?> cache = Builder().Memory().Distributed(Stores.Memory()).Build();
        await cache.InsertAsync("k", "v");

        _clock.Advance(_minute);
        await cache.GetAsync("k");
        Assert.That(_events.OperationLines[^1], Is.EqualTo("get hit l1"));
        _clock.Advance(_tick);
        await cache.ContainsAsync("k");
        Assert.That(_events.OperationLines[^1], Is.EqualTo("get hit l2"));
        _clock.Advance((4 * _minute) - _tick);
        await cache.ContainsAsync("k");
        Assert.That(_events.OperationLines[^1], Is.EqualTo("get hit l2"));
        _clock.Advance(_tick);
        await cache.ContainsAsync("k");
        Assert.That(_events.OperationLines[^1], Is.EqualTo("get miss"));
    }

    [Test]
    public async Task TimeToLive_LoneMemory_IsForEver()
    {
        ICache<string, string?> cache = Builder().Memory().Build();
        await cache.InsertAsync("k", "v");

        _clock.Advance(TimeSpan.FromDays(365_000));

        Assert.That(await cache.GetAsync("k"), Is.Not.Null);
    }

    [TestCase(true, "get hit l2")]
    [TestCase(false, "get hit l1")]
    public async Task TimeToLive_MemoryInFrontOfCustom_IsAMinuteWhereThatIsRemote(bool remote, string expected)
    {
        ICache<string, string?> cache = Builder().Memory().Tier(new FakeCacheTier<string, string?>(), o => o.Remote = remote).Build();
        await cache.InsertAsync("k", "v");

        _clock.Advance(_minute + _tick);
        await cache.GetAsync("k");

        Assert.That(_events.OperationLines[^1], Is.EqualTo(expected));
    }

    [Test]
    public async Task TimeToLive_MemoryBehindAnother_IsAMinuteOnlyInFrontOfRemote()
    {
        ICache<string, string?> cache = Builder().Memory().Tier(new FakeCacheTier<string, string?>()).Distributed(Stores.Memory()).Build();
        await cache.InsertAsync("k", "v");

        _clock.Advance(_minute + _tick);
        await cache.GetAsync("k");

        Assert.That(_events.OperationLines[^1], Is.EqualTo("get hit l2"), "The memory tier is in front of a remote one, though not next to it.");
    }

    [Test]
    public async Task InsertEntryAsync_AlreadyExpired_IsRejectedAndTheKeyDropped([Values] TierUnderTest tier)
    {
        ICache<string, string?> cache = With(tier, Timeout.InfiniteTimeSpan);
        await cache.InsertAsync("k", "old");

        InsertOutcome outcome = await cache.InsertEntryAsync("k", new("v", Rig.Start - _minute - _tick, _minute));

        Assert.That(outcome, Is.EqualTo(InsertOutcome.Rejected));
        Assert.That(await cache.GetAsync("k"), Is.Null);
        Assert.That(_events.TierLines, Is.EqualTo(new[] { "l1 insert inserted", "l1 insert rejected", "l1 get miss" }));
    }

    [Test]
    public async Task InsertEntryAsync_AgeEqualsItsLife_IsAccepted([Values] TierUnderTest tier)
    {
        ICache<string, string?> cache = With(tier, Timeout.InfiniteTimeSpan);

        Assert.That(await cache.InsertEntryAsync("k", new("v", Rig.Start - _minute, _minute)), Is.EqualTo(InsertOutcome.Accepted));
        Assert.That(await cache.GetAsync("k"), Is.Not.Null);
    }

    [Test]
    public async Task GetOrInsertEntryAsync_LoadedAlreadyExpired_IsReturnedAndNotCached()
    {
        var rig = new Rig();
        var loaded = new CacheEntry<string?>("v", Rig.Start - (2 * _minute), _minute);

        CacheEntry<string?>? found = await rig.Cache.GetOrInsertEntryAsync("k", (_, _) => new(loaded));

        Assert.That(found!.Value, Is.EqualTo("v"));
        Assert.That(rig.Contents("k"), Is.EqualTo("- -"));
    }

    [Test]
    public async Task ContainsAsync_Expired_IsFalse([Values] TierUnderTest tier)
    {
        ICache<string, string?> cache = With(tier, _minute);
        await cache.InsertAsync("k", "v");

        _clock.Advance(_minute + _tick);

        Assert.That(await cache.ContainsAsync("k"), Is.False);
    }

    [Test]
    public async Task GetOrInsertAsync_Expired_LoadsAndLivesAnew([Values] TierUnderTest tier)
    {
        ICache<string, string?> cache = With(tier, _minute);
        await cache.InsertAsync("k", "old");
        _clock.Advance(_minute + _tick);

        Assert.That(await cache.GetOrInsertAsync("k", static (_, _) => new("new")), Is.EqualTo("new"));
        _clock.Advance(_minute);

        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("new"));
    }

    [TestCase(864_000_000_000)]
    [TestCase(long.MaxValue)]
    [TestCase(long.MaxValue - 1)]
    [TestCase(-10_000)] // infinite
    public async Task GetAsync_SystemClock_DoesNotExpireEarly(long ticks)
    {
        await using ICache<string, string?> tier = Cache.Builder<string, string?>("c").Memory(o => o.TimeToLive = new(ticks)).Build();
        await using ICache<string, string?> own = Cache.Builder<string, string?>("c").Memory(o => o.TimeToLive = TimeSpan.Zero).Build();
        await tier.InsertAsync("k", "v");
        await own.InsertEntryAsync("k", new("v", null, new(ticks)));

        Assert.That(await tier.GetAsync("k"), Is.Not.Null);
        Assert.That(await own.GetAsync("k"), Is.Not.Null);
    }

    [Test]
    public async Task InsertEntryAsync_SystemClockAlreadyExpired_IsRejected()
    {
        await using ICache<string, string?> cache = Cache.Builder<string, string?>("c").Memory().Build();
        await cache.InsertAsync("k", "old");
        DateTimeOffset now = TimeProvider.System.GetUtcNow();

        Assert.That(await cache.InsertEntryAsync("k", new("v", now - (2 * _minute), _minute)), Is.EqualTo(InsertOutcome.Rejected));
        Assert.That(await cache.GetAsync("k"), Is.Null);
    }

    [Test]
    public async Task GetAsync_SystemClockPromotedFromAnOldCopy_IsAHitInMemory()
    {
        var events = new CacheEventRecorder();
        var l2 = new FakeCacheTier<string, string?>();
        l2.Entries["k"] = new("v", TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(2), TimeSpan.FromDays(4));
        await using ICache<string, string?> cache =
            Cache.Builder<string, string?>("c").Memory(static o => o.TimeToLive = _minute).Tier(l2).EventHandler(events).Build();

        await cache.GetAsync("k");
        await cache.GetAsync("k");

        Assert.That(events.OperationLines, Is.EqualTo(new[] { "get hit l2", "get hit l1" }));
    }

    private CacheBuilder<string, string?> Builder() => Cache.Builder<string, string?>("c").Clock(_clock).EventHandler(_events);

    private ICache<string, string?> Shared(Microsoft.Extensions.Caching.Distributed.IDistributedCache store, FakeTimeProvider clock) =>
        Cache.Builder<string, string?>("c").Clock(clock).EventHandler(_events).Distributed(store).Build();

    private ICache<string, string?> With(TierUnderTest tier, TimeSpan timeToLive) => tier switch
    {
        TierUnderTest.Memory => Builder().Memory(o => o.TimeToLive = timeToLive).Build(),
        TierUnderTest.Distributed => Builder().Distributed(Stores.Memory(), o => o.TimeToLive = timeToLive).Build(),
        TierUnderTest.Bare => Builder().Tier(new BareTier(), o => o.TimeToLive = timeToLive).Build(),
        _ => Builder().Tier(new FakeCacheTier<string, string?>(), o => o.TimeToLive = timeToLive).Build(),
    };
}
