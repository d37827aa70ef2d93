using Cachet;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>Each log event: severity, number, name, text and attributes.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class LogTests
{
    private readonly FakeTimeProvider _clock = new(Rig.Start);
    private readonly FakeCacheTier<string, string?> _l1 = new();
    private readonly FakeCacheTier<string, string?> _l2 = new();
    private readonly Logs _logs = new();

    [Test]
    public async Task EnableLogs_Twice_LastOneCounts()
    {
        var replaced = new Logs();
        ICache<string, string?> cache = Builder().EnableLogs(replaced.Factory).EnableLogs(_logs.Factory, static o => o.Level(CacheEvent.Miss, LogLevel.Critical)).Build();

        await cache.GetAsync("k");

        Assert.That(replaced.Categories, Is.Empty);
        Assert.That(_logs.Categories, Is.EqualTo(new[] { "Cachet" }));
        Assert.That(_logs.Records.Select(static r => r.Level), Is.EqualTo(new[] { LogLevel.Critical, LogLevel.Critical, LogLevel.Debug }));
    }

    [Test]
    public async Task Flow_MissLoadHitInvalidateClear_TellsTheWholeStory()
    {
        ICache<string, string?> cache = Build();

        await cache.GetOrInsertAsync("k", (_, _) =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1.26));
            return new("v");
        });
        await cache.GetAsync("k");
        await cache.InsertAsync("k", "w");
        await cache.InvalidateAsync("k");
        await cache.ClearAsync();

        Assert.That(_logs.Text, Is.EqualTo("""
            Debug 16 cache.miss | cache.miss products/l1 get in 500 ns
              cache.name=products cache.tier.name=l1 cache.operation=get cache.outcome=miss cache.duration_ns=500 cache.fallback=False cache.request_id=#1
            Debug 16 cache.miss | cache.miss products/l2 get in 2.5 ms
              cache.name=products cache.tier.name=l2 cache.operation=get cache.outcome=miss cache.duration_ns=2500000 cache.fallback=True cache.request_id=#1
            Information 11 cache.inserted | cache.inserted products/l1 insert in 500 ns
              cache.name=products cache.tier.name=l1 cache.operation=insert cache.outcome=inserted cache.duration_ns=500 cache.fallback=False cache.request_id=#1
            Information 11 cache.inserted | cache.inserted products/l2 insert in 2.5 ms
              cache.name=products cache.tier.name=l2 cache.operation=insert cache.outcome=inserted cache.duration_ns=2500000 cache.fallback=True cache.request_id=#1
            Debug 23 cache.get_or_insert | cache.get_or_insert products loaded in 1.3 s
              cache.name=products cache.operation=get_or_insert cache.outcome=loaded cache.duration_ns=1265001000 cache.request_id=#1
            Debug 15 cache.hit | cache.hit products/l1 get in 500 ns
              cache.name=products cache.tier.name=l1 cache.operation=get cache.outcome=hit cache.duration_ns=500 cache.fallback=False cache.request_id=#2
            Debug 19 cache.get | cache.get products/l1 hit in 500 ns
              cache.name=products cache.tier.name=l1 cache.operation=get cache.outcome=hit cache.duration_ns=500 cache.request_id=#2
            Information 11 cache.inserted | cache.inserted products/l1 insert in 500 ns
              cache.name=products cache.tier.name=l1 cache.operation=insert cache.outcome=inserted cache.duration_ns=500 cache.fallback=False cache.request_id=#3
            Information 11 cache.inserted | cache.inserted products/l2 insert in 2.5 ms
              cache.name=products cache.tier.name=l2 cache.operation=insert cache.outcome=inserted cache.duration_ns=2500000 cache.fallback=True cache.request_id=#3
            Debug 20 cache.insert | cache.insert products inserted in 2.5 ms
              cache.name=products cache.operation=insert cache.outcome=inserted cache.duration_ns=2500500 cache.request_id=#3
            Information 13 cache.invalidated | cache.invalidated products/l1 invalidate in 500 ns
              cache.name=products cache.tier.name=l1 cache.operation=invalidate cache.outcome=invalidated cache.duration_ns=500 cache.fallback=False cache.request_id=#4
            Information 13 cache.invalidated | cache.invalidated products/l2 invalidate in 2.5 ms
              cache.name=products cache.tier.name=l2 cache.operation=invalidate cache.outcome=invalidated cache.duration_ns=2500000 cache.fallback=True cache.request_id=#4
            Debug 21 cache.invalidate | cache.invalidate products invalidated in 2.5 ms
              cache.name=products cache.operation=invalidate cache.outcome=invalidated cache.duration_ns=2500500 cache.request_id=#4
            Debug 18 cache.cleared | cache.cleared products/l1 clear in 500 ns
              cache.name=products cache.tier.name=l1 cache.operation=clear cache.outcome=cleared cache.duration_ns=500 cache.fallback=False cache.request_id=#5
            Debug 18 cache.cleared | cache.cleared products/l2 clear in 2.5 ms
              cache.name=products cache.tier.name=l2 cache.operation=clear cache.outcome=cleared cache.duration_ns=2500000 cache.fallback=True cache.request_id=#5
            Debug 22 cache.clear | cache.clear products cleared in 2.5 ms
              cache.name=products cache.operation=clear cache.outcome=cleared cache.duration_ns=2500500 cache.request_id=#5
            """));
        Assert.That(_logs.Records.Select(static r => r.Category), Is.All.Null, "The logger is the one that the factory made.");
    }

    [Test]
    public async Task Failures_OfTiersAndLoader_TellTheTypeAndNoMore()
    {
        foreach (FakeCacheTier<string, string?> tier in new[] { _l1, _l2 }) tier.FailWhen(static _ => true, static _ => new InvalidOperationException("secret"));
        ICache<string, string?> cache = Builder().EnableLogs(_logs.Factory).Build();

        await cache.GetOrInsertAsync("k", static (_, _) => throw new TimeoutException("secret")).FaultAsync();
        await cache.InsertAsync("k", "v").FaultAsync();
        await cache.InvalidateAsync("k").FaultAsync();
        _l2.ClearFailures();
        await cache.ClearAsync().FaultAsync();

        Assert.That(_logs.Text, Is.EqualTo("""
            Error 1 cache.get_error | cache.get_error products/l1 get in 0 ns: System.InvalidOperationException
              cache.name=products cache.tier.name=l1 cache.operation=get cache.outcome=error cache.duration_ns=0 cache.fallback=False cache.request_id=#1 error.type=System.InvalidOperationException
            Error 1 cache.get_error | cache.get_error products/l2 get in 0 ns: System.InvalidOperationException
              cache.name=products cache.tier.name=l2 cache.operation=get cache.outcome=error cache.duration_ns=0 cache.fallback=True cache.request_id=#1 error.type=System.InvalidOperationException
            Error 6 cache.load_error | cache.load_error products in 0 ns: System.TimeoutException
              cache.name=products cache.operation=get_or_insert cache.outcome=error cache.duration_ns=0 cache.request_id=#1 error.type=System.TimeoutException
            Debug 23 cache.get_or_insert | cache.get_or_insert products error in 0 ns: System.TimeoutException
              cache.name=products cache.operation=get_or_insert cache.outcome=error cache.duration_ns=0 cache.request_id=#1 error.type=System.TimeoutException
            Error 2 cache.insert_error | cache.insert_error products/l1 insert in 0 ns: System.InvalidOperationException
              cache.name=products cache.tier.name=l1 cache.operation=insert cache.outcome=error cache.duration_ns=0 cache.fallback=False cache.request_id=#2 error.type=System.InvalidOperationException
            Error 2 cache.insert_error | cache.insert_error products/l2 insert in 0 ns: System.InvalidOperationException
              cache.name=products cache.tier.name=l2 cache.operation=insert cache.outcome=error cache.duration_ns=0 cache.fallback=True cache.request_id=#2 error.type=System.InvalidOperationException
            Debug 20 cache.insert | cache.insert products error in 0 ns: System.InvalidOperationException
              cache.name=products cache.operation=insert cache.outcome=error cache.duration_ns=0 cache.request_id=#2 error.type=System.InvalidOperationException
            Error 3 cache.invalidate_error | cache.invalidate_error products/l1 invalidate in 0 ns: System.InvalidOperationException
              cache.name=products cache.tier.name=l1 cache.operation=invalidate cache.outcome=error cache.duration_ns=0 cache.fallback=False cache.request_id=#3 error.type=System.InvalidOperationException
            Error 3 cache.invalidate_error | cache.invalidate_error products/l2 invalidate in 0 ns: System.InvalidOperationException
              cache.name=products cache.tier.name=l2 cache.operation=invalidate cache.outcome=error cache.duration_ns=0 cache.fallback=True cache.request_id=#3 error.type=System.InvalidOperationException
            Debug 21 cache.invalidate | cache.invalidate products error in 0 ns: System.InvalidOperationException
              cache.name=products cache.operation=invalidate cache.outcome=error cache.duration_ns=0 cache.request_id=#3 error.type=System.InvalidOperationException
            Error 4 cache.clear_error | cache.clear_error products/l1 clear in 0 ns: System.InvalidOperationException
              cache.name=products cache.tier.name=l1 cache.operation=clear cache.outcome=error cache.duration_ns=0 cache.fallback=False cache.request_id=#4 error.type=System.InvalidOperationException
            Debug 18 cache.cleared | cache.cleared products/l2 clear in 0 ns
              cache.name=products cache.tier.name=l2 cache.operation=clear cache.outcome=cleared cache.duration_ns=0 cache.fallback=True cache.request_id=#4
            Debug 22 cache.clear | cache.clear products error in 0 ns: System.InvalidOperationException
              cache.name=products cache.operation=clear cache.outcome=error cache.duration_ns=0 cache.request_id=#4 error.type=System.InvalidOperationException
            """));
        Assert.That(_logs.Records.Select(static r => r.Exception), Is.All.Null);
        Assert.That(_logs.Text, Does.Not.Contain("secret"));
    }

    [Test]
    public async Task ExpiredAndRejected_OfTiers_AreInformation()
    {
        _l1.Add("k", new CacheEntry<string?>("v", Rig.Start, TimeSpan.FromSeconds(1)));
        _l1.InsertAnswer = static _ => InsertOutcome.Rejected;
        _clock.Advance(TimeSpan.FromSeconds(2));
        ICache<string, string?> cache = Cache.Builder<string, string?>("products").Clock(_clock).Tier(_l1).EnableLogs(_logs.Factory).Build();

        await cache.GetAsync("k");
        await cache.InsertAsync("k", "v");

        Assert.That(_logs.Text, Is.EqualTo("""
            Information 9 cache.expired | cache.expired products/l1 get in 0 ns
              cache.name=products cache.tier.name=l1 cache.operation=get cache.outcome=expired cache.duration_ns=0 cache.fallback=False cache.request_id=#1
            Debug 19 cache.get | cache.get products miss in 0 ns
              cache.name=products cache.operation=get cache.outcome=miss cache.duration_ns=0 cache.request_id=#1
            Information 12 cache.insert_rejected | cache.insert_rejected products/l1 insert in 0 ns
              cache.name=products cache.tier.name=l1 cache.operation=insert cache.outcome=rejected cache.duration_ns=0 cache.fallback=False cache.request_id=#2
            Debug 20 cache.insert | cache.insert products rejected in 0 ns
              cache.name=products cache.operation=insert cache.outcome=rejected cache.duration_ns=0 cache.request_id=#2
            """));
    }

    [Test]
    public async Task PayloadThatCannotBeRead_IsAWarningWithItsSize()
    {
        using var store = new FakeStore();
        ICache<string, string> cache = Cache.Builder<string, string>("products").Clock(_clock).Distributed(store).EnableLogs(_logs.Factory).Build();
        await cache.InsertAsync("k", "v");
        store.Put(store.EntryKey, [1, 2, 3]);
        _logs.Collector.Clear();

        await cache.GetAsync("k");

        Assert.That(_logs.Text, Is.EqualTo("""
            Warning 7 cache.decode_failure | cache.decode_failure products/l1 get in 0 ns
              cache.name=products cache.tier.name=l1 cache.operation=get cache.outcome=invalid cache.duration_ns=0 cache.fallback=False cache.entry.size=3 cache.request_id=#1
            Debug 19 cache.get | cache.get products miss in 0 ns
              cache.name=products cache.operation=get cache.outcome=miss cache.duration_ns=0 cache.request_id=#1
            """));
    }

    [Test]
    public async Task Cancelled_TierCallAndLoad_HaveNoEventOfTheirOwn([Values] bool protect)
    {
        using var source = new CancellationTokenSource();
        var gate = new Gate();
        ICache<string, string?> cache = Build(b => b.StampedeProtection(protect));

        ValueTask<string?> load = cache.GetOrInsertAsync("k", async (_, token) =>
        {
            await gate.PassAsync(token);
            return "v";
        }, source.Token);
        await gate.Reached;
        await source.CancelAsync();
        Assert.That(await load.FaultAsync(), Is.InstanceOf<OperationCanceledException>());
        await Holds.UntilAsync(() => ((TieredCache<string, string?>)cache).Flights == 0);

        using var another = new CancellationTokenSource();
        _l1.Before = async (_, token) =>
        {
            await another.CancelAsync();
            token.ThrowIfCancellationRequested();
        };
        Assert.That(await cache.InvalidateAsync("k", another.Token).FaultAsync(), Is.InstanceOf<OperationCanceledException>());

        Assert.That(_logs.Messages, Is.EqualTo(new[]
        {
            "cache.miss products/l1 get in 500 ns",
            "cache.miss products/l2 get in 2.5 ms",
            "cache.get_or_insert products cancelled in 2.5 ms",
            "cache.invalidated products/l2 invalidate in 2.5 ms",
            "cache.invalidate products cancelled in 2.5 ms",
        }));
        Assert.That(_logs.Records.Select(static r => r.GetStructuredStateValue("error.type")), Is.All.Null);
    }

    [Test]
    public async Task Follower_OfALoad_IsCoalesced()
    {
        var gate = new Gate();
        ICache<string, string?> cache = Cache.Builder<string, string?>("products").Clock(_clock).Memory().EnableLogs(_logs.Factory).Build();
        ValueTask<string?> leader = cache.GetOrInsertAsync("k", async (_, token) =>
        {
            await gate.PassAsync(token);
            return "v";
        });
        await gate.Reached;
        ValueTask<string?> follower = cache.GetOrInsertAsync("k", static (_, _) => new("w"));
        gate.Open();
        await leader;
        await follower;

        string[] coalesced = [.. _logs.Records.Where(static r => r.Id.Name == "cache.get_or_insert").Select(static r => r.GetStructuredStateValue("cache.coalesced") ?? "absent")];
        Assert.That(coalesced, Is.EquivalentTo(new[] { "absent", "True" }));
    }

    [Test]
    public async Task Handler_Throws_IsAWarningOncePerPairOfTypes()
    {
        Exception next = new InvalidOperationException("secret");
        ICache<string, string?> cache = Cache.Builder<string, string?>("products").Clock(_clock).Tier(_l1)
            .EventHandler(new Throwing(() => next)).EnableLogs(_logs.Factory).Build();

        await cache.GetAsync("k");
        await cache.GetAsync("k");
        next = new TimeoutException("secret");
        await cache.GetAsync("k");

        Assert.That(_logs.Text.Split('\n').Where(static (_, i) => i is < 4 or > 11).Take(8), Is.EqualTo(new[]
        {
            "Debug 16 cache.miss | cache.miss products/l1 get in 0 ns",
            "  cache.name=products cache.tier.name=l1 cache.operation=get cache.outcome=miss cache.duration_ns=0 cache.fallback=False cache.request_id=#1",
            "Warning 8 cache.handler_error | cache.handler_error products CachetTests.LogTests+Throwing: System.InvalidOperationException",
            "  cache.name=products cache.handler.type=CachetTests.LogTests+Throwing cache.request_id=#1 error.type=System.InvalidOperationException",
            "Warning 8 cache.handler_error | cache.handler_error products CachetTests.LogTests+Throwing: System.TimeoutException",
            "  cache.name=products cache.handler.type=CachetTests.LogTests+Throwing cache.request_id=#3 error.type=System.TimeoutException",
            "Debug 19 cache.get | cache.get products miss in 0 ns",
            "  cache.name=products cache.operation=get cache.outcome=miss cache.duration_ns=0 cache.request_id=#3",
        }));
        Assert.That(_logs.Names.Count(static n => n == "cache.handler_error"), Is.EqualTo(2));
        Assert.That(_logs.Text, Does.Not.Contain("secret"));
    }

    [Test]
    public void Refresh_EachOutcome_HasAnEventThatIsItsCompletion()
    {
        var log = new CacheLog("products", _logs.Logger, new());
        foreach (CacheOutcome outcome in new[] { CacheOutcome.Refreshed, CacheOutcome.Miss, CacheOutcome.Error, CacheOutcome.Cancelled })
        {
            Exception? error = outcome is CacheOutcome.Error or CacheOutcome.Cancelled ? new OperationCanceledException() : null;
            log.OnOperationComplete(
                new()
                {
                    RequestId = 7,
                    CacheName = "products",
                    Operation = CacheOperation.Refresh,
                    Outcome = outcome,
                    TierName = outcome == CacheOutcome.Refreshed ? "l2" : null,
                    DurationNanoseconds = 1_250,
                    Exception = error,
                },
                null);
        }

        Assert.That(_logs.Text, Is.EqualTo("""
            Debug 17 cache.refresh_hit | cache.refresh_hit products/l2 refreshed in 1.3 us
              cache.name=products cache.tier.name=l2 cache.operation=refresh cache.outcome=refreshed cache.duration_ns=1250 cache.request_id=#1
            Information 10 cache.refresh_miss | cache.refresh_miss products miss in 1.3 us
              cache.name=products cache.operation=refresh cache.outcome=miss cache.duration_ns=1250 cache.request_id=#1
            Error 5 cache.refresh_error | cache.refresh_error products error in 1.3 us: System.OperationCanceledException
              cache.name=products cache.operation=refresh cache.outcome=error cache.duration_ns=1250 cache.request_id=#1 error.type=System.OperationCanceledException
            Debug 24 cache.refresh | cache.refresh products cancelled in 1.3 us
              cache.name=products cache.operation=refresh cache.outcome=cancelled cache.duration_ns=1250 cache.request_id=#1
            """));
    }

    [Test]
    public async Task Refresh_InTheBackground_IsTheRefreshersStoryWithItsKey([Values] bool news)
    {
        var events = new CacheEventRecorder();
        _l1.Add("k", new CacheEntry<string?>("v", Rig.Start));
        if (news) _l2.Add("k", new CacheEntry<string?>("w", Rig.Start.AddMilliseconds(1)));
        await using ICache<string, string?> cache = Cache.Builder<string, string?>("products").Clock(_clock)
            .Tier(_l1, static o => o.TimeToRefresh = TimeSpan.FromSeconds(1)).Tier(_l2)
            .EventHandler(events).EnableLogs(_logs.Factory, static o => o.KeyRecording = KeyRecording.Full).Build();
        _clock.Advance(TimeSpan.FromSeconds(1));

        await cache.GetAsync("k");
        await events.WaitForOperationAsync(static e => e.Operation == CacheOperation.Refresh);

        // The refresh may run before the operation that triggered it has ended.
        Assert.That(_logs.Messages.Where(static m => !m.StartsWith("cache.get ", StringComparison.Ordinal)), Is.EqualTo(news
            ? new[]
            {
                "cache.hit products/l1 get in 0 ns", "cache.hit products/l2 get in 0 ns", "cache.inserted products/l1 insert in 0 ns",
                "cache.refresh_hit products/l2 refreshed in 0 ns",
            }
            : ["cache.hit products/l1 get in 0 ns", "cache.miss products/l2 get in 0 ns", "cache.refresh_miss products miss in 0 ns"]));
        Assert.That(_logs.Keys, Is.All.EqualTo("k"));
    }

    [Test]
    public void Eviction_OfATier_HasItsReasonAndNeitherDurationNorTheOperationsKey()
    {
        var log = new CacheLog("products", _logs.Logger, new() { KeyRecording = KeyRecording.Full });
        var eviction = new CacheTierEvent
        {
            CacheName = "products",
            TierName = "l1",
            Operation = CacheOperation.Evict,
            Outcome = CacheOutcome.Evicted,
            EvictionReason = EvictionReason.Capacity,
        };

        log.OnTierEvent(in eviction, "inserted");
        log.OnTierEvent(eviction with { RequestId = 7 }, null);

        Assert.That(_logs.Text, Is.EqualTo("""
            Information 14 cache.eviction | cache.eviction products/l1 capacity
              cache.name=products cache.tier.name=l1 cache.operation=evict cache.outcome=evicted cache.fallback=False cache.eviction.reason=capacity
            Information 14 cache.eviction | cache.eviction products/l1 capacity
              cache.name=products cache.tier.name=l1 cache.operation=evict cache.outcome=evicted cache.fallback=False cache.eviction.reason=capacity cache.request_id=#1
            """));
    }

    [Test]
    public void Record_AsAList_IsTheSameHoweverItIsRead()
    {
        CacheLogRecord record = CacheLogRecord.Of(
            CacheEvent.LoadError, new CacheLoadEvent { CacheName = "products", Outcome = CacheOutcome.Error, Exception = new TimeoutException() }, "k");

        string[] names = ["cache.name", "cache.operation", "cache.outcome", "error.type", "cache.key"];
        Assert.That(Enumerable.Range(0, record.Count).Select(i => record[i].Key), Is.EqualTo(names));
        Assert.That(record.Select(static a => a.Key), Is.EqualTo(names));
        Assert.That(((System.Collections.IEnumerable)record).Cast<KeyValuePair<string, object?>>().Select(static a => a.Key), Is.EqualTo(names));
        Assert.That($"{record}", Is.EqualTo("cache.load_error products: System.TimeoutException"));
    }

    private CacheBuilder<string, string?> Builder() => Cache.Builder<string, string?>("products").Clock(_clock).Tier(_l1).Tier(_l2);

    /// <summary>A cache whose calls take 500 ns in the first tier, 2.5 ms in the second.</summary>
    private ICache<string, string?> Build(Action<CacheBuilder<string, string?>>? more = null)
    {
        _l1.Before = Taking(TimeSpan.FromTicks(5));
        _l2.Before = Taking(TimeSpan.FromMilliseconds(2.5));
        CacheBuilder<string, string?> builder = Builder().EnableLogs(_logs.Factory);
        more?.Invoke(builder);
        return builder.Build();

        Func<CacheTierCall<string, string?>, CancellationToken, Task> Taking(TimeSpan time) => (_, _) =>
        {
            _clock.Advance(time);
            return Task.CompletedTask;
        };
    }

    private sealed class Throwing(Func<Exception> error) : ICacheEventHandler
    {
        public void OnTierEvent(in CacheTierEvent tierEvent) => throw error();

        public void OnOperationComplete(in CacheOperationEvent operationEvent) => throw error();
    }
}
