using System.Globalization;
using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>A boundary in front of tiers: what passes it, what it changes, and what fails at it.</summary>
public class TransformTests
{
    private static readonly IValueCodec<int, string> _digits = ValueCodec.Create<int, string>(
        static value => value.ToString(CultureInfo.InvariantCulture),
        static (string stored, out int value) => int.TryParse(stored, CultureInfo.InvariantCulture, out value));

    private readonly CacheEventRecorder _events = new();
    private FakeTimeProvider _clock = null!;
    private FakeCacheTier<string, string> _tier = null!;
    private FakeStore _store = null!;

    [SetUp]
    public void SetUp()
    {
        _clock = new(Rig.Start);
        _tier = new();
        _store = new();
        _events.Clear();
    }

    [TearDown]
    public void TearDown() => _store.Dispose();

    [Test]
    public async Task Operations_CustomTierBehind_PassWithKeysAndValuesTransformed()
    {
        await using ICache<int, int> cache = Built(t => t.Tier(_tier));

        Assert.That(await cache.GetAsync(7), Is.Null);
        Assert.That(await cache.InsertAsync(7, 49), Is.EqualTo(InsertOutcome.Accepted));
        Assert.That(_tier.Entries["k7"].Value, Is.EqualTo("49"));
        Assert.That((await cache.GetAsync(7))?.Value, Is.EqualTo(49));
        Assert.That(await cache.ContainsAsync(7), Is.True);
        Assert.That(await cache.CountAsync(), Is.EqualTo(1));
        Assert.That(await cache.GetOrInsertAsync(8, static (key, _) => new(key * key)), Is.EqualTo(64));
        await cache.InvalidateAsync(7);
        Assert.That(_tier.Entries.Keys, Is.EqualTo(new[] { "k8" }));
        await cache.ClearAsync();

        Assert.That(_tier.Entries, Is.Empty);
        Assert.That(_tier.CallLines, Is.EqualTo(new[]
        {
            "get k7", "insert k7", "get k7", "get k7", "get k8", "insert k8", "invalidate k7", "clear",
        }));
        Assert.That(_events.OperationLines, Is.EqualTo(new[]
        {
            "get miss", "insert inserted", "get hit l1", "get hit l1", "get_or_insert loaded", "invalidate invalidated", "clear cleared",
        }));
    }

    [Test]
    public async Task Operations_MemoryBehind_AnswerSynchronously()
    {
        string name = nameof(Operations_MemoryBehind_AnswerSynchronously);
        await using ICache<int, int> cache = Cache.Builder<int, int>(name).Transform(static key => $"k{key}", _digits, static t => t.Memory()).Build();
        await cache.InsertAsync(7, 49);
        await cache.InsertAsync(8, 64);

        Assert.That(cache.GetAsync(7) is { IsCompletedSuccessfully: true, Result.Value: 49 }, Is.True);
        Assert.That(cache.GetOrInsertAsync(7, static (_, _) => throw new InvalidOperationException("loaded")).IsCompletedSuccessfully, Is.True);
        Assert.That(await cache.CountAsync(), Is.EqualTo(2));
        Assert.That(CacheInstrumentation.LiveCaches().Single(c => c.Name == name).Tiers[0].EntryCount, Is.EqualTo(2));
        await cache.InvalidateAsync(7);
        Assert.That(await cache.GetAsync(7), Is.Null);
        await cache.ClearAsync();
        Assert.That(await cache.CountAsync(), Is.Zero);
    }

    [Test]
    public async Task Operations_DistributedBehind_KeepEverythingThatTheStoreSees([Values] bool buffers)
    {
        await using ICache<int, int> cache = Built(t => Distributed(t, buffers));
        await cache.InsertAsync(7, 49);

        Assert.That(_store.EntryKey, Does.EndWith(":k7"));
        Assert.That(_store.Entries[_store.EntryKey].Bytes[EntryEnvelope<string>.HeaderSize..], Is.EqualTo("\"49\""u8.ToArray()));
        Assert.That((await Built(t => Distributed(t, buffers)).GetAsync(7))?.Value, Is.EqualTo(49), "From another node.");
        await cache.ClearAsync();
        Assert.That(await cache.GetAsync(7), Is.Null);
        Assert.That(await cache.CountAsync(), Is.Null);
    }

    [Test]
    public async Task Sizes_DistributedBehind_ReachTheEvents()
    {
        await using ICache<int, int> cache = Built(t => t.Distributed(_store));
        await cache.InsertAsync(7, 49);
        await cache.GetAsync(7);

        long size = EntryEnvelope<string>.HeaderSize + "\"49\"".Length;
        Assert.That(_events.TierEvents.Select(static e => e.EntrySize), Is.EqualTo(new long?[] { size, size }));
    }

    [Test]
    public async Task Tiers_ThreeBehindAndOneInFront_AreNumberedFilledAndPromotedAsOne()
    {
        var front = new FakeCacheTier<int, int>();
        await using ICache<int, int> cache = Cache.Builder<int, int>("c").Clock(_clock).EventHandler(_events)
            .Tier(front)
            .Transform(static key => $"k{key}", _digits, t => t.Memory().Tier(_tier).Distributed(_store, static o => o.Name = "store"))
            .Build();
        await cache.InsertAsync(7, 49);
        front.Entries.Clear();
        _events.Clear();

        Assert.That((await cache.GetAsync(7))?.Value, Is.EqualTo(49));

        Assert.That(_events.TierLines, Is.EqualTo(new[] { "l1 get miss", "l2 get hit", "l1 insert inserted" }));
        Assert.That(front.Entries[7].Value, Is.EqualTo(49));
        await cache.InvalidateAsync(7);
        Assert.That(_events.TierLines.TakeLast(4).Order(), Is.EqualTo(new[]
        {
            "l1 invalidate invalidated", "l2 invalidate invalidated", "l3 invalidate invalidated", "store invalidate invalidated",
        }));
    }

    [Test]
    public async Task Tiers_TwoBehind_AHitInTheSecondIsPromotedIntoTheFirst()
    {
        await using ICache<int, int> cache = Built(t => t.Memory().Tier(_tier));
        _tier.Entries["k7"] = new("49", Rig.Start);

        Assert.That((await cache.GetAsync(7))?.Value, Is.EqualTo(49));

        Assert.That(_events.TierLines, Is.EqualTo(new[] { "l1 get miss", "l2 get hit", "l1 insert inserted" }));
        Assert.That(cache.GetAsync(7) is { IsCompletedSuccessfully: true, Result.Value: 49 }, Is.True);
    }

    [Test]
    public async Task Transform_Nested_PassesBothBoundaries([Values] bool memory)
    {
        var tier = new FakeCacheTier<string, byte[]>();
        IValueCodec<string, byte[]> utf8 = ValueCodec.Create<string, byte[]>(System.Text.Encoding.UTF8.GetBytes, System.Text.Encoding.UTF8.GetString);
        await using ICache<int, int> cache = Built(t => t.Transform(static key => key + "!", utf8, inner =>
        {
            if (memory) inner.Memory();
            inner.Tier(tier);
        }));
        await cache.InsertEntryAsync(7, new(49, Rig.Start - TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(1)));

        Assert.That(tier.Entries["k7!"].Value, Is.EqualTo("49"u8.ToArray()));
        AssertEntry(await cache.GetAsync(7), 49, Rig.Start - TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(1));
        Assert.That(_events.OperationLines[^1], Is.EqualTo("get hit l1"));
    }

    [TestCase("memory")]
    [TestCase("custom")]
    [TestCase("arrays")]
    [TestCase("buffers")]
    public async Task Metadata_OfAnEntry_SurvivesInBothDirections(string behind)
    {
        await using ICache<int, int> cache = Built(t => Add(t, behind));
        await cache.InsertEntryAsync(1, new(1, Rig.Start - TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(1)));
        await cache.InsertAsync(2, 2);
        await cache.InsertEntryAsync(3, new(3, null, Timeout.InfiniteTimeSpan));

        AssertEntry(await cache.GetAsync(1), 1, Rig.Start - TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(1));
        AssertEntry(await cache.GetAsync(2), 2, Rig.Start, null);
        AssertEntry(await cache.GetAsync(3), 3, Rig.Start, Timeout.InfiniteTimeSpan);
    }

    [TestCase("memory")]
    [TestCase("custom")]
    [TestCase("arrays")]
    [TestCase("buffers")]
    public async Task TimeToLive_OfATierBehind_CountsFromWhenItStoredItsCopy(string behind)
    {
        await using ICache<int, int> cache = Built(t => Add(t, behind, TimeSpan.FromSeconds(10)));
        await cache.InsertEntryAsync(7, new(49, Rig.Start - TimeSpan.FromHours(1)));

        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.That(await cache.GetAsync(7), Is.Not.Null, "The deadline passed the boundary, not only when it was cached.");
        _clock.Advance(TimeSpan.FromTicks(1));

        Assert.That(await cache.GetAsync(7), Is.Null);
        Assert.That(_events.TierLines[^1], Is.EqualTo("l1 get expired"));
    }

    [Test]
    public async Task TimeToLive_LeftOut_IsThatOfTheTierBehind()
    {
        await using ICache<int, int> cache = Cache.Builder<int, int>("c").Clock(_clock).EventHandler(_events)
            .Transform(_digits, static t => t.Memory())
            .Transform(static key => $"k{key}", _digits, t => t.Distributed(_store))
            .Build();
        await cache.InsertAsync(7, 49);

        _clock.Advance(TimeSpan.FromSeconds(61));
        await cache.GetAsync(7);
        Assert.That(_events.TierLines.TakeLast(3), Is.EqualTo(new[] { "l1 get expired", "l2 get hit", "l1 insert inserted" }));
        _clock.Advance(TimeSpan.FromSeconds(240));
        await cache.GetAsync(7);

        Assert.That(_events.TierLines.TakeLast(2), Is.EqualTo(new[] { "l1 get expired", "l2 get expired" }));
    }

    [Test]
    public async Task Remote_OfTheTiersBehind_IsAsIfTheyStoodThere()
    {
        string name = nameof(Remote_OfTheTiersBehind_IsAsIfTheyStoodThere);
        await using ICache<int, int> cache = Cache.Builder<int, int>(name)
            .Transform(static key => $"k{key}", _digits, t => t.Memory().Distributed(_store).Tier(_tier, static o => o.Remote = true)).Build();

        CacheDescriptor descriptor = CacheInstrumentation.LiveCaches().Single(c => c.Name == name);

        Assert.That(descriptor.Tiers.Select(static t => t.Remote), Is.EqualTo(new[] { false, true, true }));
        Assert.That(descriptor.Tiers.Select(static t => t.Fallback), Is.EqualTo(new[] { false, true, true }));
    }

    [TestCase("memory")]
    [TestCase("custom")]
    [TestCase("buffers")]
    public async Task TimeToRefresh_OfATierBehind_IsApplied(string behind)
    {
        await using ICache<int, int> cache = Built(t => Add(t, behind, more: static o => o.TimeToRefresh = TimeSpan.FromSeconds(30)));
        await cache.InsertAsync(7, 49);
        _clock.Advance(TimeSpan.FromSeconds(30));

        Assert.That(await cache.GetOrInsertAsync(7, static (_, _) => new(50)), Is.EqualTo(49));
        await _events.WaitForOperationAsync(static e => e.Operation == CacheOperation.Refresh);

        Assert.That((await cache.GetAsync(7))?.Value, Is.EqualTo(50));
    }

    [TestCase("memory")]
    [TestCase("custom")]
    [TestCase("buffers")]
    public async Task TimeToLiveJitter_OfATierBehind_IsApplied(string behind)
    {
        await using ICache<int, int> cache = Built(
            t => Add(t, behind, TimeSpan.FromSeconds(10), static o => o.TimeToLiveJitter = 1), more: static b => b.JitterSource(new Half()));
        await cache.InsertAsync(7, 49);

        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.That(await cache.GetAsync(7), Is.Not.Null);
        _clock.Advance(TimeSpan.FromTicks(1));

        Assert.That(await cache.GetAsync(7), Is.Null);
    }

    [Test]
    public async Task Configuration_OfTiersBehind_WinsOverCode()
    {
        MemoryTierOptions<string, string> memory = null!;
        DistributedTierOptions<string, string> distributed = null!;
        await using ICache<int, int> cache = Built(
            t => t.Memory(o => (memory = o).Capacity = 10).Distributed(_store, o => distributed = o),
            more: static b => b.Configuration(Sections.Products(("L1:Capacity", "500"), ("L2:MaximumPayloadBytes", "5000000000"), ("L2:InsertPolicy", "Never"))));

        Assert.That(memory.Capacity, Is.EqualTo(500));
        Assert.That(distributed.MaximumPayloadBytes, Is.EqualTo(5_000_000_000));
        await cache.InsertAsync(7, 49);
        Assert.That(_store.Entries, Is.Empty);
    }

    [Test]
    public async Task ClockSkew_OfATierBehind_IsApplied([Values(1, 3)] int secondsAhead)
    {
        await using ICache<int, int> cache = Built(t => t.Distributed(_store, static o => o.ClockSkew = TimeSpan.FromSeconds(2)));

        InsertOutcome outcome = await cache.InsertEntryAsync(7, new(49, Rig.Start + TimeSpan.FromSeconds(secondsAhead)));

        Assert.That(outcome, Is.EqualTo(secondsAhead == 1 ? InsertOutcome.Accepted : InsertOutcome.Rejected));
    }

    [Test]
    public async Task InsertPolicy_When_SeesWhatIsStored()
    {
        var seen = new List<string>();
        await using ICache<int, int> cache = Built(t => t.Tier(_tier, o => o.InsertPolicy = InsertPolicy<string, string>.When((key, entry, source) =>
        {
            seen.Add($"{key} {entry.Value} {entry.CachedAt == Rig.Start} {entry.TimeToLive} {source}");
            return entry.Value != "49";
        })));

        Assert.That(await cache.InsertEntryAsync(7, new(49, null, TimeSpan.FromMinutes(1))), Is.EqualTo(InsertOutcome.Rejected));
        Assert.That(await cache.GetOrInsertAsync(8, static (_, _) => new(64)), Is.EqualTo(64));

        Assert.That(seen, Is.EqualTo(new[] { "k7 49 True 00:01:00 Direct", "k8 64 True  Load" }));
        Assert.That(_tier.Entries.Keys, Is.EqualTo(new[] { "k8" }));
    }

    [Test]
    public async Task InsertPolicy_Never_LeavesTheTierAsItIs()
    {
        await using ICache<int, int> cache = Built(t => t.Tier(_tier, static o => o.InsertPolicy = InsertPolicy<string, string>.Never));
        _tier.Entries["k7"] = new("49", Rig.Start);

        Assert.That(await cache.InsertAsync(7, 1), Is.EqualTo(InsertOutcome.Rejected));

        Assert.That((await cache.GetAsync(7))?.Value, Is.EqualTo(49));
        Assert.That(_tier.CallLines, Is.EqualTo(new[] { "get k7" }));
    }

    [Test]
    public async Task InsertAsync_TierBehindRejects_IsRejected([Values] bool distributed)
    {
        _tier.InsertAnswer = static _ => InsertOutcome.Rejected;
        await using ICache<int, int> cache = Built(t =>
        {
            if (distributed) t.Distributed(_store, static o => o.MaximumPayloadBytes = 1);
            else t.Tier(_tier);
        });

        Assert.That(await cache.InsertAsync(7, 49), Is.EqualTo(InsertOutcome.Rejected));
        Assert.That(_events.TierEvents[^1].EntrySize, distributed ? Is.EqualTo(EntryEnvelope<string>.HeaderSize + 4) : Is.Null);
    }

    [TestCase("memory")]
    [TestCase("custom")]
    [TestCase("arrays")]
    public async Task KeyEncoder_Throws_IsAFailureOfThatTiersCallAlone(string behind)
    {
        var error = new InvalidOperationException("key");
        var front = new FakeCacheTier<int, int>();
        await using ICache<int, int> cache = Cache.Builder<int, int>("c").EventHandler(_events)
            .Transform(string (int _) => throw error, _digits, t => Add(t, behind)).Tier(front).Build();

        Assert.That(await cache.InsertAsync(7, 49).FaultAsync(), Is.SameAs(error));
        Assert.That(front.Entries[7].Value, Is.EqualTo(49));
        Assert.That((await cache.GetAsync(7))?.Value, Is.EqualTo(49));
        Assert.That(await cache.InvalidateAsync(7).FaultAsync(), Is.SameAs(error));
        await cache.ClearAsync();

        Assert.That(
            _events.TierEvents.Where(static e => e.TierName == "l1").Select(static e => $"{TelemetryNames.Of(e.Operation)} {TelemetryNames.Of(e.Outcome)}"),
            Is.EqualTo(new[] { "insert error", "get error", "insert error", "invalidate error", "clear cleared" }));
        Assert.That(_events.TierEvents.Where(static e => e.Outcome == CacheOutcome.Error).Select(static e => e.Exception), Is.All.SameAs(error));
    }

    [Test]
    public async Task KeyEncoder_GivesNull_IsAFailureThatSaysSoWithoutTheKey()
    {
        await using ICache<string, int> cache = Cache.Builder<string, int>("c").Transform(string (string _) => null!, _digits, static t => t.Memory()).Build();

        Exception? fault = await cache.InsertAsync("secret", 1).FaultAsync();

        Assert.That(fault, Is.InstanceOf<InvalidOperationException>().With.Message.Contains("key encoder").And.Message.Not.Contains("secret"));
        Assert.That(await cache.GetAsync("secret").FaultAsync(), Is.InstanceOf<InvalidOperationException>());
    }

    [TestCase("memory")]
    [TestCase("custom")]
    [TestCase("arrays")]
    public async Task Encode_Throws_IsAFailureOfThatTiersInsert(string behind)
    {
        var error = new FormatException("value");
        IValueCodec<int, string> codec = ValueCodec.Create<int, string>(_ => throw error, static _ => 0);
        await using ICache<int, int> cache = Built(t => Add(t, behind), codec);

        Assert.That(await cache.InsertAsync(7, 49).FaultAsync(), Is.SameAs(error));
        Assert.That(await cache.GetOrInsertAsync(7, static (_, _) => new(49)), Is.EqualTo(49));
        Assert.That(await cache.GetAsync(7), Is.Null);
        Assert.That(_events.TierLines.Where(static l => l.Contains("insert")), Is.All.EqualTo("l1 insert error"));
    }

    [TestCase("memory")]
    [TestCase("custom")]
    [TestCase("buffers")]
    public async Task TryDecode_Throws_IsAFailureOfThatTiersGet(string behind)
    {
        var error = new FormatException("value");
        IValueCodec<int, string> codec = ValueCodec.Create<int, string>(static value => $"{value}", _ => throw error);
        await using ICache<int, int> cache = Built(t => Add(t, behind), codec);
        await cache.InsertAsync(7, 49);

        Assert.That(await cache.GetAsync(7).FaultAsync(), Is.SameAs(error));
        Assert.That(await cache.GetOrInsertAsync(7, static (_, _) => new(50)), Is.EqualTo(50));
        Assert.That(_events.TierLines[1], Is.EqualTo("l1 get error"));
        Assert.That(_events.TierEvents[1].Exception, Is.SameAs(error));
    }

    [TestCase("memory")]
    [TestCase("custom")]
    [TestCase("arrays")]
    [TestCase("buffers")]
    public async Task TryDecode_Refuses_IsInvalidAMissAndOverwrittenByTheNextInsert(string behind)
    {
        bool writesGarbage = true;
        IValueCodec<int, string> codec = ValueCodec.Create<int, string>(value => writesGarbage ? "garbage" : $"{value}", _digits.TryDecode);
        await using ICache<int, int> cache = Built(t => Add(t, behind), codec, static b => b.TierErrors(TierErrorPolicy.Throw));
        await cache.InsertAsync(7, 49);
        writesGarbage = false;

        Assert.That(await cache.GetAsync(7), Is.Null, "A soft failure is no tier error.");
        Assert.That(await cache.ContainsAsync(7), Is.False);
        Assert.That(await cache.GetOrInsertAsync(7, static (_, _) => new(50)), Is.EqualTo(50));
        Assert.That((await cache.GetAsync(7))?.Value, Is.EqualTo(50));

        Assert.That(_events.TierLines, Is.EqualTo(new[]
        {
            "l1 insert inserted", "l1 get invalid", "l1 get invalid", "l1 get invalid", "l1 insert inserted", "l1 get hit",
        }));
        Assert.That(_events.TierEvents[1].EntrySize, behind is "arrays" or "buffers" ? Is.EqualTo(EntryEnvelope<string>.HeaderSize + 9) : Is.Null);
        Assert.That(_events.OperationLines[1], Is.EqualTo("get miss"));
    }

    [Test]
    public async Task TryDecode_RefusesAndNobodyWatches_IsAMiss()
    {
        await using ICache<int, int> cache = Cache.Builder<int, int>("c")
            .Transform(ValueCodec.Create<int, string>(static _ => "garbage", _digits.TryDecode), static t => t.Memory()).Build();
        await cache.InsertAsync(7, 49);

        Assert.That(await cache.GetAsync(7), Is.Null);
    }

    [Test]
    public async Task Undecodable_SaidByTheTierBehind_PassesTheBoundary()
    {
        await using ICache<int, int> cache = Built(t => t.Distributed(_store));
        await cache.InsertAsync(7, 49);
        _store.Put(_store.EntryKey, [1, 2, 3]);

        Assert.That(await cache.GetAsync(7), Is.Null);

        Assert.That(_events.TierLines[^1], Is.EqualTo("l1 get invalid"));
        Assert.That(_events.TierEvents[^1].EntrySize, Is.EqualTo(3));
    }

    [Test]
    public async Task NullValue_GoesThroughTheCodec()
    {
        IValueCodec<string?, string> codec =
            ValueCodec.Create<string?, string>(static value => value is null ? "0" : "1" + value, static stored => stored == "0" ? null : stored[1..]);
        await using ICache<string, string?> cache = Cache.Builder<string, string?>("c").Transform(codec, t => t.Tier(_tier)).Build();
        await cache.InsertAsync("a", null);
        await cache.InsertAsync("b", "v");

        Assert.That(_tier.Entries["a"].Value, Is.EqualTo("0"));
        Assert.That(await cache.GetAsync("a"), Is.Not.Null.And.Property("Value").Null);
        Assert.That((await cache.GetAsync("b"))?.Value, Is.EqualTo("v"));
    }

    [Test]
    public async Task Transform_OfKeysAlone_KeepsTheValues()
    {
        var tier = new FakeCacheTier<string, int>();
        await using ICache<int, int> cache = Cache.Builder<int, int>("c").Transform(static key => $"k{key}", t => t.Tier(tier)).Build();

        await cache.InsertAsync(7, 49);

        Assert.That(tier.Entries["k7"].Value, Is.EqualTo(49));
        Assert.That((await cache.GetAsync(7))?.Value, Is.EqualTo(49));
    }

    [TestCase("memory")]
    [TestCase("custom")]
    [TestCase("arrays")]
    [TestCase("buffers")]
    public async Task RoundTrips_ManyTasksAtOnce_NeverMixKeysAndValues(string behind)
    {
        await using ICache<int, int> cache = Cache.Builder<int, int>("c").Transform(static key => $"k{key}", _digits, t => Add(t, behind)).Build();

        bool[] right = await Task.WhenAll(Enumerable.Range(0, 16).Select(task => Task.Run(async () =>
        {
            bool right = true;
            for (int i = 0; i < 200; i++)
            {
                int key = ((task * 31) + i) % 50;
                int value = await cache.GetOrInsertAsync(key, static (k, _) => new(k * k));
                right &= value == key * key;
                if (i % 7 == 0) await cache.InsertAsync(key, key * key);
                if (i % 11 == 0) await cache.InvalidateAsync(key);
            }

            return right;
        })));

        Assert.That(right, Is.All.True);
    }

    [TestCase("custom")]
    [TestCase("arrays")]
    [TestCase("buffers")]
    public async Task Operations_TierBehindAnswersLater_PassAllTheSame(string behind)
    {
        _tier.Before = static async (_, _) => await Task.Yield();
        _store.Before = static async _ => await Task.Yield();
        await using ICache<int, int> cache = Built(t => Add(t, behind));

        Assert.That(await cache.GetAsync(7), Is.Null);
        await cache.InsertAsync(7, 49);
        Assert.That((await cache.GetAsync(7))?.Value, Is.EqualTo(49));
        await cache.InvalidateAsync(7);
        Assert.That(await cache.GetAsync(7), Is.Null);
        await cache.InsertAsync(7, 49);
        await cache.ClearAsync();
        Assert.That(await cache.GetAsync(7), Is.Null);
    }

    [Test]
    public async Task Contract_OfTheTierInFront_IsThatOfAnyTier([Values] bool distributed)
    {
        // As a tier of an application's own would call it that is wrapped around this one.
        var plan = new TierPlan<string, string>(
            new(),
            site => distributed
                ? new DistributedTier<string, string>(
                    PayloadStore.Over(_store, new CountingPool()), "c:", string.Concat, new(JsonValueSerializer<string>.Create(null, "")), 1_000, TimeSpan.Zero, site.Time)
                : _tier,
            TierKind.Custom);
        ICacheTier<int, int> tier =
            new Boundary<int, int, string, string>(static key => $"k{key}", _digits).InFrontOf(plan).Create(new("c", "l1", _clock, null));

        Assert.That(await tier.GetAsync(7, default), Is.Null);
        Assert.That(
            await tier.InsertAsync(7, new CacheEntry<int>(49, Rig.Start).With(Life.Until(1, long.MaxValue)), default), Is.EqualTo(InsertOutcome.Accepted));
        CacheEntry<int>? found = await tier.GetAsync(7, default);
        AssertEntry(found, 49, Rig.Start, null);
        Assert.That(found!.Life.DeadlineUtcTicks, Is.EqualTo(long.MaxValue));
        Assert.That(found.Life.IsSet, Is.True);
    }

    private static void AssertEntry(CacheEntry<int>? entry, int value, DateTimeOffset cachedAt, TimeSpan? timeToLive)
    {
        Assert.That(entry, Is.Not.Null);
        Assert.That((entry!.Value, entry.CachedAt, entry.TimeToLive), Is.EqualTo((value, cachedAt, timeToLive)));
    }

    private ICache<int, int> Built(
        Action<CacheBuilder<string, string>> tiers, IValueCodec<int, string>? codec = null, Action<CacheBuilder<int, int>>? more = null)
    {
        CacheBuilder<int, int> builder = Cache.Builder<int, int>("c").Clock(_clock).EventHandler(_events)
            .Transform(static key => $"k{key}", codec ?? _digits, tiers);
        more?.Invoke(builder);
        return builder.Build();
    }

    private void Add(
        CacheBuilder<string, string> behind, string kind, TimeSpan? timeToLive = null, Action<TierOptions<string, string>>? more = null)
    {
        if (kind == "memory") behind.Memory(Configure);
        else if (kind == "custom") behind.Tier(_tier, Configure);
        else Distributed(behind, buffers: kind == "buffers", Configure);

        void Configure(TierOptions<string, string> options)
        {
            options.TimeToLive = timeToLive;
            more?.Invoke(options);
        }
    }

    private void Distributed(CacheBuilder<string, string> behind, bool buffers, Action<TierOptions<string, string>>? configure = null) =>
        behind.Distributed(buffers ? new BufferStore(_store) : _store, configure);

    private sealed class Half : Random
    {
        public override double NextDouble() => 0.5;
    }
}
