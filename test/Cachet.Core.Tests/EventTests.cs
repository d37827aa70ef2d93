using System.Diagnostics.Tracing;
using Cachet;

namespace CachetTests;

public class EventTests
{
    [Test]
    public async Task GetAsync_MissEverywhere_TellsEachTierAndTheOperation()
    {
        var rig = new Rig(3);

        await rig.Cache.GetAsync("k");

        Assert.That(rig.Events.TierLines, Is.EqualTo(new[] { "l1 get miss", "l2 get miss", "l3 get miss" }));
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "get miss" }));
        Assert.That(rig.Events.TierEvents.Select(static e => e.Fallback), Is.EqualTo(new[] { false, true, true }));
    }

    [Test]
    public async Task Flow_MissLoadHit_TellsTheStory([Values] bool synchronousPrimary, [Values] bool protect)
    {
        var rig = new Rig(2, synchronousPrimary, b => b.StampedeProtection(protect));

        await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v"));
        await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v"));
        await rig.Cache.GetAsync("k");
        await rig.Cache.InvalidateAsync("k");
        await rig.Cache.ClearAsync();

        Assert.That(rig.Events.TierLines, Is.EqualTo(new[]
        {
            "l1 get miss", "l2 get miss", "l1 insert inserted", "l2 insert inserted",
            "l1 get hit",
            "l1 get hit",
            "l1 invalidate invalidated", "l2 invalidate invalidated",
            "l1 clear cleared", "l2 clear cleared",
        }));
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[]
        {
            "get_or_insert loaded", "get_or_insert hit l1", "get hit l1", "invalidate invalidated", "clear cleared",
        }));
    }

    [Test]
    public async Task GetAsync_FallbackHit_TellsThePromotion()
    {
        var rig = new Rig();
        rig.L2.Entries["k"] = new("v", Rig.Start);

        await rig.Cache.GetAsync("k");

        Assert.That(rig.Events.TierLines, Is.EqualTo(new[] { "l1 get miss", "l2 get hit", "l1 insert inserted" }));
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "get hit l2" }));
        Assert.That(rig.Events.TierEvents.Select(static e => e.Fallback), Is.EqualTo(new[] { false, true, false }));
    }

    [Test]
    public async Task InsertAsync_Accepted_TellsEachTier()
    {
        var rig = new Rig();
        rig.L2.InsertAnswer = static _ => InsertOutcome.Rejected;

        await rig.Cache.InsertAsync("k", "v");

        Assert.That(rig.Events.TierLines, Is.EqualTo(new[] { "l1 insert inserted", "l2 insert rejected" }));
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "insert inserted" }));
    }

    [Test]
    public async Task ContainsAsync_IsAGet()
    {
        var rig = new Rig();

        await rig.Cache.ContainsAsync("k");

        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "get miss" }));
    }

    [Test]
    public async Task CountAsync_IsNoOperation()
    {
        var rig = new Rig();

        await rig.Cache.CountAsync();

        Assert.That(rig.Events.OperationEvents, Is.Empty);
        Assert.That(rig.Events.TierEvents, Is.Empty);
    }

    [Test]
    public async Task Events_OfACache_CarryItsNameAndNeitherSizeNorEvictionReason()
    {
        var rig = new Rig();

        await rig.Cache.InsertAsync("k", "v");

        Assert.That(rig.Events.TierEvents.Select(static e => e.CacheName), Is.All.EqualTo("test"));
        Assert.That(rig.Events.OperationEvents.Select(static e => e.CacheName), Is.All.EqualTo("test"));
        Assert.That(rig.Events.TierEvents.Select(static e => e.EntrySize), Is.All.Null);
        Assert.That(rig.Events.TierEvents.Select(static e => e.EvictionReason), Is.All.Null);
        Assert.That(rig.Events.TierEvents.Select(static e => e.Exception), Is.All.Null);
    }

    [Test]
    public async Task RequestIds_OfOperations_AreUniqueNonzeroAndSharedByTheirTierEvents()
    {
        var rig = new Rig();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => rig.Cache.GetOrInsertAsync($"{i}", static async (_, _) =>
        {
            await Task.Yield();
            return "v";
        }).AsTask())));
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => rig.Cache.InvalidateAsync($"{i}").AsTask())));

        long[] ids = [.. rig.Events.OperationEvents.Select(static e => e.RequestId)];
        Assert.That(ids, Is.Unique.And.Length.EqualTo(400).And.None.EqualTo(0));
        foreach (IGrouping<long, CacheTierEvent> calls in rig.Events.TierEvents.GroupBy(static e => e.RequestId))
        {
            CacheOperation operation = rig.Events.OperationEvents.Single(e => e.RequestId == calls.Key).Operation;
            Assert.That(
                calls.Select(static e => e.Operation).ToArray(),
                operation == CacheOperation.Invalidate
                    ? Is.EqualTo(new[] { CacheOperation.Invalidate, CacheOperation.Invalidate })
                    : Is.EqualTo(new[] { CacheOperation.Get, CacheOperation.Get, CacheOperation.Insert, CacheOperation.Insert }));
        }

        Assert.That(rig.Events.TierEvents.Select(static e => e.RequestId).Distinct().Count(), Is.EqualTo(400));
    }

    [Test]
    public async Task RequestIds_OfNestedOperations_AreTheirOwn()
    {
        var rig = new Rig(1);

        await rig.Cache.GetOrInsertAsync("outer", async (_, token) =>
        {
            await rig.Cache.GetAsync("inner", token);
            return "v";
        });

        long outer = rig.Events.OperationEvents.Single(static e => e.Operation == CacheOperation.GetOrInsert).RequestId;
        long inner = rig.Events.OperationEvents.Single(static e => e.Operation == CacheOperation.Get).RequestId;
        Assert.That(inner, Is.Not.EqualTo(outer));
        Assert.That(rig.Events.TierEvents.Select(static e => e.RequestId), Is.EqualTo(new[] { outer, inner, outer }));
    }

    [Test]
    public async Task RequestIds_TierEventsOfAFlight_AreTheLeaders()
    {
        var rig = new Rig();
        Gate gate = rig.L2.Hold(CacheOperation.Get);
        Task leader = rig.Cache.GetAsync("k").AsTask();
        await gate.Reached;
        Task follower = rig.Cache.GetAsync("k").AsTask();
        gate.Open();
        await Task.WhenAll(leader, follower);

        long lead = rig.Events.OperationEvents.Single(static e => !e.Coalesced).RequestId;
        Assert.That(rig.Events.TierEvents.Select(static e => e.RequestId), Is.All.EqualTo(lead));
        Assert.That(rig.Events.OperationEvents.Single(static e => e.Coalesced).RequestId, Is.Not.EqualTo(lead).And.Not.Zero);
    }

    [Test]
    public void Next_ManyThreads_NeverRepeats()
    {
        long[][] drawn = new long[8][];

        Parallel.For(0, 8, i => drawn[i] = [.. Enumerable.Range(0, 5_000).Select(static _ => RequestIds.Next())]);

        Assert.That(drawn.SelectMany(static d => d).ToHashSet(), Has.Count.EqualTo(40_000).And.None.EqualTo(0));
    }

    [Test]
    public async Task Duration_OfEachCall_IsByTheCachesClock()
    {
        var rig = new Rig();
        rig.L1.Before = (_, _) => Pass(rig, 1);
        rig.L2.Before = (_, _) => Pass(rig, 10);

        await rig.Cache.GetOrInsertAsync("k", (_, _) =>
        {
            rig.Clock.Advance(TimeSpan.FromMilliseconds(100));
            return new("v");
        });

        Assert.That(
            rig.Events.TierEvents.Where(static e => e.Operation == CacheOperation.Get).Select(static e => e.DurationNanoseconds),
            Is.EqualTo(new long?[] { 1_000_000, 10_000_000 }));
        Assert.That(rig.Events.OperationEvents[0].DurationNanoseconds, Is.EqualTo(122_000_000));
        Assert.That(rig.Events.OperationEvents[0].Duration, Is.EqualTo(TimeSpan.FromMilliseconds(122)));

        static Task Pass(Rig rig, int milliseconds)
        {
            rig.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            return Task.CompletedTask;
        }
    }

    [Test]
    public async Task Duration_OfAHitWithAStoppedClock_IsZeroAndNotNull()
    {
        var rig = new Rig(1, synchronousPrimary: true);
        rig.L1.Entries["k"] = new("v");

        await rig.Cache.GetAsync("k");

        Assert.That(rig.Events.TierEvents[0].DurationNanoseconds, Is.Zero);
        Assert.That(rig.Events.OperationEvents[0].DurationNanoseconds, Is.Zero);
    }

    [Test]
    public void Duration_NotTimed_IsNull()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(default(CacheTierEvent).DurationNanoseconds, Is.Null);
            Assert.That(default(CacheTierEvent).Duration, Is.Null);
            Assert.That(default(CacheTierEvent).EntrySize, Is.Null);
            Assert.That(default(CacheOperationEvent).DurationNanoseconds, Is.Null);
            Assert.That(default(CacheOperationEvent).Duration, Is.Null);
            Assert.That(new CacheTierEvent { DurationNanoseconds = 0, EntrySize = 0 }.DurationNanoseconds, Is.Zero);
            Assert.That(new CacheTierEvent { DurationNanoseconds = 0, EntrySize = 0 }.EntrySize, Is.Zero);
            Assert.That(new CacheTierEvent { DurationNanoseconds = 199 }.Duration, Is.EqualTo(TimeSpan.FromTicks(1)));
            Assert.That(new CacheTierEvent { DurationNanoseconds = null, EntrySize = null }, Is.EqualTo(default(CacheTierEvent)));
        }
    }

    [Test]
    public void Equality_OfEvents_IsByEveryMember()
    {
        var error = new InvalidOperationException();
        CacheTierEvent tier = new()
        {
            RequestId = 1,
            CacheName = "c",
            TierName = "l1",
            Operation = CacheOperation.Evict,
            Outcome = CacheOutcome.Evicted,
            Fallback = true,
            DurationNanoseconds = 5,
            EntrySize = 7,
            EvictionReason = EvictionReason.Capacity,
            Exception = error,
        };
        CacheTierEvent[] others =
        [
            tier with { RequestId = 2 }, tier with { CacheName = "d" }, tier with { TierName = "l2" }, tier with { Operation = CacheOperation.Get },
            tier with { Outcome = CacheOutcome.Hit }, tier with { Fallback = false }, tier with { DurationNanoseconds = 6 },
            tier with { EntrySize = 8 }, tier with { EvictionReason = EvictionReason.Expired }, tier with { Exception = null },
        ];
        CacheOperationEvent operation = new()
        {
            RequestId = 1,
            CacheName = "c",
            Operation = CacheOperation.Get,
            Outcome = CacheOutcome.Hit,
            TierName = "l1",
            DurationNanoseconds = 5,
            Coalesced = true,
            Exception = error,
        };
        CacheOperationEvent[] otherOperations =
        [
            operation with { RequestId = 2 }, operation with { CacheName = "d" }, operation with { Operation = CacheOperation.Insert },
            operation with { Outcome = CacheOutcome.Miss }, operation with { TierName = null }, operation with { DurationNanoseconds = null },
            operation with { Coalesced = false }, operation with { Exception = null },
        ];

        var load = new CacheLoadEvent { RequestId = 1, CacheName = "c", Outcome = CacheOutcome.Error, DurationNanoseconds = 250, Exception = error };
        CacheLoadEvent[] otherLoads =
        [
            load with { RequestId = 2 }, load with { CacheName = "d" }, load with { Outcome = CacheOutcome.Loaded },
            load with { DurationNanoseconds = null }, load with { Exception = null },
        ];

        using (Assert.EnterMultipleScope())
        {
            Assert.That(load == load with { }, Is.True);
            Assert.That(load.GetHashCode(), Is.EqualTo((load with { }).GetHashCode()));
            Assert.That(otherLoads.Select(o => o != load && !load.Equals((object)o)), Is.All.True);
            Assert.That((load.Duration, otherLoads[3].Duration), Is.EqualTo(((TimeSpan?)TimeSpan.FromTicks(2), (TimeSpan?)null)));
            Assert.That(tier == tier with { }, Is.True);
            Assert.That(tier.GetHashCode(), Is.EqualTo((tier with { }).GetHashCode()));
            Assert.That(others.Select(o => o != tier && !tier.Equals((object)o)), Is.All.True);
            Assert.That(operation == operation with { }, Is.True);
            Assert.That(operation.GetHashCode(), Is.EqualTo((operation with { }).GetHashCode()));
            Assert.That(otherOperations.Select(o => o != operation && !operation.Equals((object)o)), Is.All.True);
        }
    }

    [Test]
    public async Task Handlers_Several_AreCalledInOrder()
    {
        var heard = new List<string>();
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Memory()
            .EventHandler(new Naming("a", heard)).EventHandler(new Naming("b", heard)).EventHandler(new Naming("c", heard)).Build();

        await cache.GetAsync("k");

        Assert.That(heard, Is.EqualTo(new[] { "a tier", "b tier", "c tier", "a operation", "b operation", "c operation" }));
    }

    [Test]
    public async Task Handlers_OneThrows_TheOperationGoesOnAndTheNextRuns()
    {
        var events = new CacheEventRecorder();
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Tier(new FakeCacheTier<string, string?>())
            .EventHandler(new Throwing<int>(static () => new InvalidOperationException())).EventHandler(events).Build();

        await cache.InsertAsync("k", "v");
        Assert.That(await cache.GetOrInsertAsync("k", static (_, _) => new("v")), Is.EqualTo("v"));
        await cache.InvalidateAsync("k");

        Assert.That(events.TierLines, Is.EqualTo(new[] { "l1 insert inserted", "l1 get hit", "l1 invalidate invalidated" }));
        Assert.That(events.OperationEvents, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Handlers_AloneAndThrowing_NeverBreaksAnOperation()
    {
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Memory()
            .EventHandler(new Throwing<uint>(static () => new InvalidOperationException())).Build();

        await cache.InsertAsync("k", "v");

        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("v"));
    }

    [Test]
    public async Task Handlers_Throwing_AreReportedOncePerHandlerTypeAndExceptionType()
    {
        using var listener = new Listener();
        Exception next = new InvalidOperationException("secret");
        var one = new Throwing<byte>(() => next);
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Memory().EventHandler(one).EventHandler(new Throwing<sbyte>(() => next)).Build();

        await cache.GetAsync("k");
        await cache.GetAsync("k");
        next = new TimeoutException("secret");
        await cache.GetAsync("k");

        // The source is the process's: other tests' handlers may be reported meanwhile.
        string[] ours = [.. listener.Heard.Where(static h => h.Contains("[System.Byte]", StringComparison.Ordinal) || h.Contains("[System.SByte]", StringComparison.Ordinal))];
        Assert.That(ours, Has.Length.EqualTo(4).And.Unique.And.None.Contains("secret"));
        Assert.That(ours.Count(static h => h.EndsWith("System.InvalidOperationException", StringComparison.Ordinal)), Is.EqualTo(2));
        Assert.That(ours.Count(static h => h.EndsWith("System.TimeoutException", StringComparison.Ordinal)), Is.EqualTo(2));
    }

    [Test]
    public async Task Handler_OfAnOperation_HearsTiersBeforeCompletion()
    {
        var heard = new List<string>();
        ICache<string, string?> cache =
            Cache.Builder<string, string?>("c").Tier(new FakeCacheTier<string, string?>()).EventHandler(new Naming("a", heard)).Build();

        await cache.GetOrInsertAsync("k", (_, _) =>
        {
            heard.Add("load");
            return new("v");
        });

        Assert.That(heard, Is.EqualTo(new[] { "a tier", "load", "a tier", "a operation" }));
    }

    private sealed class Naming(string name, List<string> heard) : ICacheEventHandler
    {
        public void OnTierEvent(in CacheTierEvent tierEvent) => heard.Add(name + " tier");

        public void OnOperationComplete(in CacheOperationEvent operationEvent) => heard.Add(name + " operation");
    }

    /// <summary>Faults are reported once per type of handler in a process: each test gives it a marker of its own.</summary>
    private sealed class Throwing<TMarker>(Func<Exception> error) : ICacheEventHandler
    {
        public void OnTierEvent(in CacheTierEvent tierEvent) => throw error();

        public void OnOperationComplete(in CacheOperationEvent operationEvent) => throw error();
    }

    private sealed class Listener : EventListener
    {
        public List<string> Heard { get; } = [];

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "Cachet") EnableEvents(eventSource, EventLevel.Warning);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.EventSource.Name == "Cachet") Heard.Add(string.Join(' ', eventData.Payload!));
        }
    }
}
