using System.Runtime.CompilerServices;
using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

[NonParallelizable]
public class InstrumentationSeamTests
{
    private static readonly string[] _oneMiss = ["a begin get", "a begin l1 get", "a end l1 get miss", "a end get miss"];

    private readonly RecordingInstrumentation _a = new("a");

    [SetUp]
    public void Forget()
    {
        _a.Log.Clear();
        _a.Operations.Clear();
        _a.Tiers.Clear();
        _a.Parents.Clear();
        _a.Followed.Clear();
        _a.SinceParent.Clear();
        _a.Loads.Clear();
        _a.Enabled = true;
        _a.None = false;
        _a.WantsDuration = true;
        _a.WantsRequestId = true;
    }

    [TearDown]
    public void NothingStaysAttached() => Assert.That(CacheInstrumentation.Attached, Is.Null);

    [Test]
    public async Task Refresh_ThatACallerAskedFor_EndsAsTheOperationAsWhichItBegan()
    {
        await using var cache = (TieredCache<string, string>)Cache.Builder<string, string>("c").Memory().Instrumentation(_a).Build();

        await cache.RefreshAsync("k", default);

        Assert.That(_a.Log, Is.EqualTo(new[] { "a begin refresh", "a begin l1 refresh", "a end l1 refresh miss", "a end refresh miss" }));
        Assert.That(_a.Followed, Is.EqualTo(new object?[] { null }), "Only the end of an operation is told whom it followed.");
    }

    [Test]
    public async Task Attach_CacheBuiltBefore_IsRecordedUntilDetached()
    {
        ICache<string, string?> cache = One();
        await cache.GetAsync("k");
        using (CacheInstrumentation.Attach(_a)) await cache.GetAsync("k");
        await cache.GetAsync("k");

        Assert.That(_a.Log, Is.EqualTo(_oneMiss));
    }

    [Test]
    public async Task Attach_CacheBuiltAfter_IsRecorded()
    {
        using IDisposable attached = CacheInstrumentation.Attach(_a);

        await One().GetAsync("k");

        Assert.That(_a.Log, Is.EqualTo(_oneMiss));
    }

    [Test]
    public async Task Attach_Twice_RecordsOnceUntilBothAreDisposed()
    {
        ICache<string, string?> cache = One();
        IDisposable first = CacheInstrumentation.Attach(_a), second = CacheInstrumentation.Attach(_a);
        await cache.GetAsync("k");
        Assert.That(_a.Log, Is.EqualTo(_oneMiss));

        first.Dispose();
        first.Dispose(); // Twice is once.
        await cache.GetAsync("k");
        Assert.That(_a.Operations, Has.Count.EqualTo(2));

        second.Dispose();
        await cache.GetAsync("k");
        Assert.That(_a.Operations, Has.Count.EqualTo(2));
    }

    [Test]
    public void Attach_Null_Throws() => Assert.That(() => CacheInstrumentation.Attach(null!), Throws.ArgumentNullException);

    [Test]
    public async Task Instrumentation_SameInstanceOnTheCacheAndTheProcess_RecordsOnce()
    {
        ICache<string, string?> cache = One(b => b.Instrumentation(_a).Instrumentation(_a));
        using (CacheInstrumentation.Attach(_a)) await cache.GetAsync("k");

        Assert.That(_a.Log, Is.EqualTo(_oneMiss));
    }

    [Test]
    public async Task Instrumentation_OnOneCache_DoesNotSeeAnother()
    {
        ICache<string, string?> watched = One(b => b.Instrumentation(_a)), another = One();

        await another.GetAsync("k");
        Assert.That(_a.Log, Is.Empty);
        await watched.GetAsync("k");
        Assert.That(_a.Log, Is.EqualTo(_oneMiss));
    }

    [Test]
    public async Task Instrumentations_Two_BothSeeEverythingBeginInOrderAndEndInReverse([Values("process", "cache", "both")] string where)
    {
        var b = new RecordingInstrumentation("b", _a.Log);
        ICache<string, string?> cache = Two(builder =>
        {
            if (where == "cache") builder.Instrumentation(_a).Instrumentation(b);
            if (where == "both") builder.Instrumentation(_a);
        });
        IDisposable[] attached = where switch
        {
            "process" => [CacheInstrumentation.Attach(_a), CacheInstrumentation.Attach(b)],
            "both" => [CacheInstrumentation.Attach(b)],
            _ => [],
        };

        await cache.GetOrInsertAsync("k", static (_, _) => new("v"));
        foreach (IDisposable a in attached) a.Dispose();

        Assert.That(_a.Log, Is.EqualTo(new[]
        {
            "a begin get_or_insert", "b begin get_or_insert",
            "a begin l1 get", "b begin l1 get", "b end l1 get miss", "a end l1 get miss",
            "a begin l2 get", "b begin l2 get", "b end l2 get miss", "a end l2 get miss",
            "a begin load", "b begin load", "b end load loaded", "a end load loaded",
            "a begin l1 insert", "b begin l1 insert", "b end l1 insert inserted", "a end l1 insert inserted",
            "a begin l2 insert", "b begin l2 insert", "b end l2 insert inserted", "a end l2 insert inserted",
            "b end get_or_insert loaded", "a end get_or_insert loaded",
        }));
    }

    [Test]
    public async Task Instrumentations_OneRecordsNothing_TheOtherSeesEverything()
    {
        var b = new RecordingInstrumentation("b") { None = true };
        var off = new RecordingInstrumentation("off") { Enabled = false };
        ICache<string, string?> cache = One(builder => builder.Instrumentation(b).Instrumentation(off).Instrumentation(_a));

        await cache.GetAsync("k");

        Assert.That(_a.Log, Is.EqualTo(_oneMiss));
        Assert.That(b.Log, Is.EqualTo(new[] { "b begin get" }));
        Assert.That(off.Log, Is.Empty);
    }

    [Test]
    public async Task BeginOperation_None_TiersAndLoadAreNotAsked()
    {
        _a.None = true;
        ICache<string, string?> cache = Two(b => b.Instrumentation(_a));

        await cache.GetOrInsertAsync("k", static (_, _) => new("v"));
        await cache.InvalidateAsync("k");

        Assert.That(_a.Log, Is.EqualTo(new[] { "a begin get_or_insert", "a begin invalidate" }));
    }

    [Test]
    public async Task BeginOperation_NoneAndAHandler_HandlersStillHear()
    {
        _a.None = true;
        var events = new CacheEventRecorder();
        ICache<string, string?> cache = One(b => b.Instrumentation(_a).EventHandler(events));

        await cache.GetAsync("k");

        Assert.That(events.TierLines, Is.EqualTo(new[] { "l1 get miss" }));
        Assert.That(events.OperationLines, Is.EqualTo(new[] { "get miss" }));
        Assert.That(_a.Log, Is.EqualTo(new[] { "a begin get" }));
    }

    [Test]
    public async Task Detach_DuringAnOperation_ItEndsWithWhatItBeganWith()
    {
        var tier = new FakeCacheTier<string, string?>();
        Gate gate = tier.Hold(CacheOperation.Get);
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Tier(tier).Build();
        IDisposable attached = CacheInstrumentation.Attach(_a);
        Task getting = cache.GetAsync("k").AsTask();
        await gate.Reached;

        attached.Dispose();
        gate.Open();
        await getting;

        Assert.That(_a.Log, Is.EqualTo(_oneMiss));
    }

    [Test]
    public async Task Attach_DuringAnOperation_DoesNotHearItsEnd()
    {
        var tier = new FakeCacheTier<string, string?>();
        Gate gate = tier.Hold(CacheOperation.Get);
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Tier(tier).Build();
        Task getting = cache.GetAsync("k").AsTask();
        await gate.Reached;
        using IDisposable attached = CacheInstrumentation.Attach(_a);

        gate.Open();
        await getting;

        Assert.That(_a.Log, Is.Empty);
    }

    [Test]
    public async Task IsEnabled_False_NothingIsAsked()
    {
        _a.Enabled = false;

        await Two(b => b.Instrumentation(_a)).GetOrInsertAsync("k", static (_, _) => new("v"));

        Assert.That(_a.Log, Is.Empty);
    }

    [TestCase(false, false)]
    [TestCase(true, false)]
    [TestCase(false, true)]
    public async Task Scope_SaysWhatItWants_AndTheEndIsTold(bool duration, bool requestId)
    {
        _a.WantsDuration = duration;
        _a.WantsRequestId = requestId;

        await Two(b => b.Instrumentation(_a)).GetOrInsertAsync("k", static (_, _) => new("v"));

        Assert.That(_a.Operations.Single().RequestId, requestId ? Is.Not.Zero : Is.Zero);
        Assert.That(_a.Operations.Single().DurationNanoseconds, duration ? Is.Not.Null : Is.Null);
        Assert.That(_a.Tiers.Select(static t => t.DurationNanoseconds), duration ? Is.All.Not.Null : Is.All.Null);
        Assert.That(_a.Loads, duration ? Is.All.Not.Null : Is.All.Null);
        Assert.That(_a.SinceParent, duration ? Is.All.Not.Null : Is.All.Null);
    }

    [Test]
    public async Task SinceParent_OfTiersAndLoad_IsByTheCachesClock()
    {
        var clock = new FakeTimeProvider(Rig.Start);
        var tier = new FakeCacheTier<string, string?>
        {
            Before = (_, _) =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(1));
                return Task.CompletedTask;
            },
        };
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Clock(clock).Tier(tier).Instrumentation(_a).Build();

        await cache.GetOrInsertAsync("k", (_, _) =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(10));
            return new("v");
        });

        Assert.That(_a.SinceParent, Is.EqualTo(new long?[] { 0, 1_000_000, 11_000_000 }));
        Assert.That(_a.Loads, Is.EqualTo(new long?[] { 10_000_000 }));
        Assert.That(_a.Operations.Single().DurationNanoseconds, Is.EqualTo(12_000_000));
    }

    [Test]
    public async Task Handlers_AndInstrumentation_ReceiveTheSameEvents()
    {
        var events = new CacheEventRecorder();
        ICache<string, string?> cache = Two(b => b.Instrumentation(_a).EventHandler(events));

        await cache.GetOrInsertAsync("k", static (_, _) => new("v"));

        Assert.That(_a.Tiers, Is.EqualTo(events.TierEvents));
        Assert.That(_a.Operations, Is.EqualTo(events.OperationEvents));
    }

    [Test]
    public async Task Scopes_AreCurrentWhileTheirWorkRuns([Values] bool composite)
    {
        string? inTier = null, inLoad = null, inInsert = null;
        var tier = new FakeCacheTier<string, string?>
        {
            Before = async (call, _) =>
            {
                await Task.Yield();
                if (call.Operation == CacheOperation.Get) inTier = _a.Current;
                else inInsert = _a.Current;
            },
        };
        CacheBuilder<string, string?> builder = Cache.Builder<string, string?>("c").Tier(tier).Instrumentation(_a);
        if (composite) builder.Instrumentation(new RecordingInstrumentation("b"));

        await builder.Build().GetOrInsertAsync("k", async (_, _) =>
        {
            await Task.Yield();
            inLoad = _a.Current;
            return "v";
        });

        Assert.That((inTier, inLoad, inInsert), Is.EqualTo(("l1 get", "load", "l1 insert")));
        Assert.That(_a.Current, Is.Null);
    }

    [Test]
    public async Task Scopes_OfConcurrentTierCalls_AreSiblings([Values] bool composite, [Values] bool synchronousPrimary)
    {
        _a.Current = "caller";
        CacheBuilder<string, string?> builder = Cache.Builder<string, string?>("c").Instrumentation(_a)
            .Tier(synchronousPrimary ? new FakeSynchronousCacheTier<string, string?>() : new FakeCacheTier<string, string?>())
            .Tier(new FakeCacheTier<string, string?>());
        if (composite) builder.Instrumentation(new RecordingInstrumentation("b"));
        ICache<string, string?> cache = builder.Build();

        await cache.GetOrInsertAsync("k", static (_, _) => new("v"));
        await cache.InvalidateAsync("k");

        Assert.That(_a.Parents, Is.EqualTo(new[]
        {
            "get_or_insert in caller", "l1 get in get_or_insert", "l2 get in get_or_insert", "load in get_or_insert",
            "l1 insert in get_or_insert", "l2 insert in get_or_insert",
            "invalidate in caller", "l1 invalidate in invalidate", "l2 invalidate in invalidate",
        }));
    }

    [Test]
    public async Task Scopes_NestedCacheInALoader_AreInTheLoad()
    {
        ICache<string, string?> cache = One(b => b.Instrumentation(_a));

        await cache.GetOrInsertAsync("outer", async (_, token) =>
        {
            await cache.GetAsync("inner", token);
            return _a.Current;
        });

        Assert.That(_a.Parents, Has.Member("get in load"));
        Assert.That((await cache.GetAsync("outer"))?.Value, Is.EqualTo("load"));
    }

    [Test]
    public async Task Caller_AfterAnyOperation_HasItsOwnContextBack(
        [Values("hit", "miss", "load", "failing load", "cancelled", "insert", "failing insert", "invalidate", "clear", "contains")] string operation,
        [Values] bool pending,
        [Values] bool composite,
        [Values] bool suppressed)
    {
        FakeCacheTier<string, string?> tier = operation == "hit" && !pending ? new FakeSynchronousCacheTier<string, string?>() : new();
        if (operation == "hit") tier.Entries["k"] = new("v");
        CacheOperation called = operation switch
        {
            "insert" or "failing insert" => CacheOperation.Insert,
            "invalidate" => CacheOperation.Invalidate,
            "clear" => CacheOperation.Clear,
            _ => CacheOperation.Get,
        };
        Gate gate = pending ? tier.HoldEvery(called) : new();
        if (operation == "failing insert") tier.After = static (call, _) => throw new InvalidOperationException($"{call}");
        CacheBuilder<string, string?> builder = Cache.Builder<string, string?>("c").Tier(tier).Instrumentation(_a);
        if (composite) builder.Instrumentation(new RecordingInstrumentation("b"));
        ICache<string, string?> cache = builder.Build();
        using var cancel = new CancellationTokenSource();
        if (operation == "cancelled" && !pending) await cancel.CancelAsync();
        _a.Current = "caller";

        (Task task, string? afterTheCall) = Start();
        if (operation == "cancelled" && pending) await cancel.CancelAsync();
        gate.Open();
        await task.FaultAsync();

        Assert.That(afterTheCall, Is.EqualTo("caller"), "The call has been handed back.");
        Assert.That(_a.Current, Is.EqualTo("caller"));
        Assert.That(_a.Operations, Has.Count.EqualTo(1));

        (Task Task, string? AfterTheCall) Start()
        {
            AsyncFlowControl? flow = suppressed ? ExecutionContext.SuppressFlow() : null;
            try
            {
                Task task = operation switch
                {
                    "hit" or "miss" => cache.GetAsync("k").AsTask(),
                    "load" => cache.GetOrInsertAsync("k", static (_, _) => new("v")).AsTask(),
                    "failing load" => cache.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException("load")).AsTask(),
                    "cancelled" => cache.GetAsync("k", cancel.Token).AsTask(),
                    "insert" or "failing insert" => cache.InsertAsync("k", "v").AsTask(),
                    "invalidate" => cache.InvalidateAsync("k").AsTask(),
                    "clear" => cache.ClearAsync().AsTask(),
                    _ => cache.ContainsAsync("k").AsTask(),
                };
                return (task, _a.Current);
            }
            finally
            {
                flow?.Undo();
            }
        }
    }

    [Test]
    public async Task Followed_OfAFollower_IsTheStateOfTheLeadersLoad([Values] bool composite)
    {
        CacheBuilder<string, string?> builder = Cache.Builder<string, string?>("c").Tier(new FakeCacheTier<string, string?>()).Instrumentation(_a);
        var b = new RecordingInstrumentation("b");
        if (composite) builder.Instrumentation(b);
        ICache<string, string?> cache = builder.Build();

        await LeadAndFollowAsync(cache, static () => { });

        Assert.That(_a.Followed, Is.EquivalentTo(new object?[] { null, new RecordingInstrumentation.Label("a", "load") }));
        if (composite) Assert.That(b.Followed, Is.EquivalentTo(new object?[] { null, new RecordingInstrumentation.Label("b", "load") }));
    }

    [Test]
    public async Task Followed_OfAFollowerOfALookup_IsTheStateOfTheLeadersOperation()
    {
        var tier = new FakeCacheTier<string, string?>();
        Gate gate = tier.Hold(CacheOperation.Get);
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Tier(tier).Instrumentation(_a).Build();
        Task leader = cache.GetAsync("k").AsTask(), follower = cache.GetAsync("k").AsTask();

        gate.Open();
        await Task.WhenAll(leader, follower);

        Assert.That(_a.Followed, Is.EquivalentTo(new object?[] { null, new RecordingInstrumentation.Label("a", "get") }));
    }

    [Test]
    public async Task Followed_AnotherWasDetachedMeanwhile_IsOfTheInstrumentationsOwnOrNothing()
    {
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Tier(new FakeCacheTier<string, string?>()).Build();
        using IDisposable attached = CacheInstrumentation.Attach(_a);
        IDisposable another = CacheInstrumentation.Attach(new RecordingInstrumentation("b"));

        await LeadAndFollowAsync(cache, another.Dispose);

        Assert.That(_a.Followed, Is.All.Null.Or.EqualTo(new RecordingInstrumentation.Label("a", "load")));
    }

    [Test]
    public async Task Followed_LeaderWasAnotherInstrumentations_IsNothing()
    {
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Tier(new FakeCacheTier<string, string?>()).Build();
        IDisposable another = CacheInstrumentation.Attach(new RecordingInstrumentation("b"));
        IDisposable? attached = null;

        await LeadAndFollowAsync(cache, () =>
        {
            another.Dispose();
            attached = CacheInstrumentation.Attach(_a);
        });
        attached!.Dispose();

        Assert.That(_a.Followed, Is.EqualTo(new object?[] { null }), "What another began with means nothing to this one.");
    }

    [Test]
    public async Task LookAgain_Hits_IsACallOfItsOwn()
    {
        // The primary is filled between a caller's probe and its flight: only then does the second look show.
        var l1 = new FakeSynchronousCacheTier<string, string?>();
        var looks = 0;
        l1.FailWhen(call =>
        {
            if (call.Synchronous && ++looks == 2) l1.Entries["k"] = new("v");
            return false;
        });
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Tier(l1).Tier(new FakeCacheTier<string, string?>()).Instrumentation(_a).Build();

        await cache.GetAsync("k");

        Assert.That(_a.Log, Is.EqualTo(new[]
        {
            "a begin get", "a begin l1 get", "a end l1 get miss", "a begin l1 get", "a end l1 get hit", "a end get hit",
        }));
        Assert.That(_a.Operations.Single().TierName, Is.EqualTo("l1"));
    }

    [Test]
    public async Task LookAgain_Hits_IsTimedFromBeforeTheLook()
    {
        var clock = new FakeTimeProvider();
        var events = new CacheEventRecorder();
        var l1 = new FakeSynchronousCacheTier<string, string?>();
        var looks = 0;
        l1.FailWhen(call =>
        {
            if (!call.Synchronous) return false;
            clock.Advance(TimeSpan.FromMilliseconds(++looks));
            if (looks == 2) l1.Entries["k"] = new("v");
            return false;
        });
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Clock(clock).EventHandler(events).Tier(l1).Tier(new FakeCacheTier<string, string?>()).Build();

        await cache.GetAsync("k");

        Assert.That(events.TierEvents.Select(static e => (e.Outcome, e.Duration)), Is.EqualTo(new (CacheOutcome, TimeSpan?)[]
        {
            (CacheOutcome.Miss, TimeSpan.FromMilliseconds(1)), (CacheOutcome.Hit, TimeSpan.FromMilliseconds(2)),
        }));
    }

    [Test]
    public async Task LiveCaches_BuiltBeforeAndAfter_AreSeenUntilDisposed()
    {
        ICache<string, string?> before = Cache.Builder<string, string?>("before").Memory().Distributed(Stores.Memory()).Build();
        using IDisposable attached = CacheInstrumentation.Attach(_a);
        ICache<string, string?> after = Cache.Builder<string, string?>("after").Memory().Build();
        await before.InsertAsync("k", "v");

        CacheDescriptor[] live = [.. CacheInstrumentation.LiveCaches()];
        CacheDescriptor seen = live.Single(static c => c.Name == "before");
        Assert.That(live.Count(static c => c.Name == "after"), Is.EqualTo(1));
        Assert.That(seen.Tiers.Select(static t => (t.Name, t.Fallback, t.Remote)), Is.EqualTo(new[] { ("l1", false, false), ("l2", true, true) }));
        Assert.That(seen.Tiers.Select(static t => t.EntryCount), Is.EqualTo(new long?[] { 1, null }));
        Assert.That(seen.Tiers.Select(static t => t.Cache), Is.All.SameAs(seen));

        await before.DisposeAsync();
        await after.DisposeAsync();
        Assert.That(CacheInstrumentation.LiveCaches().Select(static c => c.Name), Has.None.EqualTo("before").And.None.EqualTo("after"));
    }

    [Test]
    public void LiveCaches_NobodyHoldsTheCache_IsForgotten()
    {
        BuildAndForget();
        for (int i = 0; i < 5 && Names().Contains("forgotten"); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That(Names(), Has.None.EqualTo("forgotten"));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void BuildAndForget() => Cache.Builder<string, string?>("forgotten").Memory().Build();

        [MethodImpl(MethodImplOptions.NoInlining)]
        static string[] Names() => [.. CacheInstrumentation.LiveCaches().Select(static c => c.Name)];
    }

    [Test]
    public async Task AttachAndDetach_WhileOperationsRun_EveryBeginHasItsEnd()
    {
        var b = new RecordingInstrumentation("b");
        ICache<string, string?> cache = Two(builder => builder.Instrumentation(_a));
        using var stop = new CancellationTokenSource();
        Task attaching = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                using IDisposable attached = CacheInstrumentation.Attach(b);
            }
        });

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 2_000; i++) await cache.GetAsync("k");
        })));
        await stop.CancelAsync();
        await attaching;

        Assert.That(_a.Operations, Has.Count.EqualTo(8_000));
        Assert.That(b.Log.Count(static l => l == "b begin get"), Is.EqualTo(b.Log.Count(static l => l.StartsWith("b end get", StringComparison.Ordinal))));
    }

    [Test]
    public void CacheScope_Equality_IsByItsParts()
    {
        object state = new();
        var scope = new CacheScope(state, wantsDuration: true);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(default(CacheScope).IsNone, Is.True);
            Assert.That(scope.IsNone, Is.False);
            Assert.That(new CacheScope(null, wantsDuration: true).IsNone, Is.False);
            Assert.That(new CacheScope(null, wantsDuration: false, wantsRequestId: true).IsNone, Is.False);
            Assert.That(scope == new CacheScope(state, true), Is.True);
            Assert.That(scope.Equals((object)new CacheScope(state, true)), Is.True);
            Assert.That(scope.GetHashCode(), Is.EqualTo(new CacheScope(state, true).GetHashCode()));
            Assert.That(scope != new CacheScope(state, false), Is.True);
            Assert.That(scope != new CacheScope(new object(), true), Is.True);
            Assert.That(scope != new CacheScope(state, true, true), Is.True);
            Assert.That(scope != CacheScope.Entered(state, null, static () => { }, true), Is.True);
        }
    }

    [TestCase("a:b")]
    [TestCase("")]
    public void Descriptors_BadName_Throw(string name)
    {
        Assert.That(() => new CacheDescriptor(name), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => new TierDescriptor(new("c"), name, false, false), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => new TierDescriptor(null!, "l1", false, false), Throws.ArgumentNullException);
    }

    private static async Task LeadAndFollowAsync(ICache<string, string?> cache, Action between)
    {
        var gate = new Gate();
        Task leader = cache.GetOrInsertAsync("k", async (_, _) =>
        {
            await gate.PassAsync(CancellationToken.None);
            return "v";
        }).AsTask();
        await gate.Reached;
        between();
        Task follower = cache.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException("loaded")).AsTask();
        gate.Open();
        await Task.WhenAll(leader, follower);
    }

    private static ICache<string, string?> One(Action<CacheBuilder<string, string?>>? more = null)
    {
        CacheBuilder<string, string?> builder = Cache.Builder<string, string?>("c").Memory();
        more?.Invoke(builder);
        return builder.Build();
    }

    private static ICache<string, string?> Two(Action<CacheBuilder<string, string?>>? more = null)
    {
        CacheBuilder<string, string?> builder = Cache.Builder<string, string?>("c").Memory().Tier(new FakeCacheTier<string, string?>());
        more?.Invoke(builder);
        return builder.Build();
    }
}
