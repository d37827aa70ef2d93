using System.Diagnostics;
using System.Globalization;
using Cachet;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Metrics;

namespace CachetTests;

/// <summary>What is measured: instruments, attributes, durations. In these tests a call on l1 takes a millisecond, one on l2 twenty.</summary>
public sealed class MetricTests
{
    private readonly FakeTimeProvider _clock = new();
    private MetricRecorder _metrics = null!;
    private FakeSynchronousCacheTier<string, string> _l1 = null!;
    private FakeCacheTier<string, string> _l2 = null!;
    private ICache<string, string> _cache = null!;

    [SetUp]
    public void SetUp()
    {
        _metrics = new();
        _l1 = new();
        _l2 = new();
        _l1.FailWhen(Take(1));
        _l2.FailWhen(Take(20));
        _cache = Cache.Builder<string, string>("products").Clock(_clock).Tier(_l1).Tier(_l2).Build();
    }

    [TearDown]
    public async Task TearDown()
    {
        await _cache.DisposeAsync();
        _metrics.Dispose();
    }

    [Test]
    public async Task GetAsync_NothingCached_IsAMissOfEveryTier()
    {
        await _cache.GetAsync("k"); // The leader of the flight looks at l1 once more, unseen: a millisecond of the operation.
        Assert.That(_metrics.Text, Is.EqualTo("""
            cache.operation.duration 0.022 cache.name=products cache.operation=get cache.outcome=miss
            cache.tier.duration 0.001 cache.fallback=false cache.name=products cache.outcome=miss cache.tier.name=l1 cache.tier.operation=get
            cache.tier.duration 0.02 cache.fallback=true cache.name=products cache.outcome=miss cache.tier.name=l2 cache.tier.operation=get
            """));
    }

    [Test]
    public async Task GetAsync_InThePrimary_IsServedByIt()
    {
        _l1.Entries["k"] = new("v");
        await _cache.GetAsync("k");
        Assert.That(_metrics.Text, Is.EqualTo("""
            cache.operation.duration 0.001 cache.name=products cache.operation=get cache.outcome=hit cache.tier.name=l1
            cache.tier.duration 0.001 cache.fallback=false cache.name=products cache.outcome=hit cache.tier.name=l1 cache.tier.operation=get
            """));
    }

    [Test]
    public async Task GetAsync_InAFallback_IsServedByItAndThePromotionIsACallToo()
    {
        _l2.Entries["k"] = new("v");
        await _cache.GetAsync("k");
        Assert.That(_metrics.Text, Is.EqualTo("""
            cache.operation.duration 0.023 cache.name=products cache.operation=get cache.outcome=hit cache.tier.name=l2
            cache.tier.duration 0.001 cache.fallback=false cache.name=products cache.outcome=miss cache.tier.name=l1 cache.tier.operation=get
            cache.tier.duration 0.02 cache.fallback=true cache.name=products cache.outcome=hit cache.tier.name=l2 cache.tier.operation=get
            cache.tier.duration 0.001 cache.fallback=false cache.name=products cache.outcome=inserted cache.tier.name=l1 cache.tier.operation=insert
            """));
    }

    [Test]
    public async Task GetOrInsertAsync_NothingCached_MeasuresTheLoad()
    {
        await _cache.GetOrInsertAsync("k", Load); // l1 is looked at again before the lookup and before the load.
        Assert.That(_metrics.Text, Is.EqualTo("""
            cache.operation.duration 0.344 cache.name=products cache.operation=get_or_insert cache.outcome=loaded
            cache.tier.duration 0.001 cache.fallback=false cache.name=products cache.outcome=miss cache.tier.name=l1 cache.tier.operation=get
            cache.tier.duration 0.02 cache.fallback=true cache.name=products cache.outcome=miss cache.tier.name=l2 cache.tier.operation=get
            cache.tier.duration 0.001 cache.fallback=false cache.name=products cache.outcome=inserted cache.tier.name=l1 cache.tier.operation=insert
            cache.tier.duration 0.02 cache.fallback=true cache.name=products cache.outcome=inserted cache.tier.name=l2 cache.tier.operation=insert
            cache.load.duration 0.3 cache.name=products cache.outcome=loaded
            """));
    }

    [Test]
    public async Task GetOrInsertAsync_LoaderThrows_OnlyOperationAndLoadHaveAnErrorType()
    {
        await Assert.ThrowsAsync<TimeoutException>(async () => await _cache.GetOrInsertAsync("k", (_, _) =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(300));
            throw new TimeoutException();
        }));
        Assert.That(_metrics.Text, Is.EqualTo("""
            cache.operation.duration 0.323 cache.name=products cache.operation=get_or_insert cache.outcome=error error.type=System.TimeoutException
            cache.tier.duration 0.001 cache.fallback=false cache.name=products cache.outcome=miss cache.tier.name=l1 cache.tier.operation=get
            cache.tier.duration 0.02 cache.fallback=true cache.name=products cache.outcome=miss cache.tier.name=l2 cache.tier.operation=get
            cache.load.duration 0.3 cache.name=products cache.outcome=error error.type=System.TimeoutException
            """));
    }

    [Test]
    public async Task GetOrInsertEntryAsync_LoaderGivesNothing_IsSkipped()
    {
        await _cache.GetOrInsertEntryAsync("k", static (_, _) => new((CacheEntry<string>?)null));
        Assert.That(_metrics.Text, Is.EqualTo("""
            cache.operation.duration 0.023 cache.name=products cache.operation=get_or_insert cache.outcome=skipped
            cache.tier.duration 0.001 cache.fallback=false cache.name=products cache.outcome=miss cache.tier.name=l1 cache.tier.operation=get
            cache.tier.duration 0.02 cache.fallback=true cache.name=products cache.outcome=miss cache.tier.name=l2 cache.tier.operation=get
            cache.load.duration 0 cache.name=products cache.outcome=skipped
            """));
    }

    [Test]
    public async Task GetOrInsertAsync_AFollower_IsCoalesced()
    {
        var gate = new Gate();
        ValueTask<string> leader = _cache.GetOrInsertAsync("k", async (_, token) =>
        {
            await gate.PassAsync(token);
            return "v";
        });
        await gate.Reached;
        _metrics.Forget();
        ValueTask<string> follower = _cache.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException());
        _clock.Advance(TimeSpan.FromMilliseconds(300));
        gate.Open();
        await leader;
        await follower;
        Assert.That(_metrics.Text.Split('\n').Where(static l => l.Contains("operation.duration", StringComparison.Ordinal)).Order(StringComparer.Ordinal), Is.EqualTo(
        [
            "cache.operation.duration 0.322 cache.coalesced=true cache.name=products cache.operation=get_or_insert cache.outcome=loaded",
            "cache.operation.duration 0.345 cache.name=products cache.operation=get_or_insert cache.outcome=loaded",
        ]));
    }

    [Test]
    public async Task GetOrInsertAsync_TheOnlyCallerLeaves_IsCancelledAndHasNoErrorType()
    {
        using var caller = new CancellationTokenSource();
        var gate = new Gate();
        ValueTask<string> call = _cache.GetOrInsertAsync("k", async (_, token) =>
        {
            await gate.PassAsync(token);
            return "v";
        }, caller.Token);
        await gate.Reached;
        _metrics.Forget();
        using var loads = new MetricCollector<double>(null, "Cachet", "cache.load.duration");
        await caller.CancelAsync();
        await Assert.CatchAsync<OperationCanceledException>(async () => await call);
        await loads.WaitForMeasurementsAsync(1);
        Assert.That(_metrics.Text, Is.EqualTo("""
            cache.operation.duration 0.023 cache.name=products cache.operation=get_or_insert cache.outcome=cancelled
            cache.load.duration 0 cache.name=products cache.outcome=cancelled
            """));
    }

    [Test]
    public async Task Writes_EveryTier_OneMeasurementPerCallAndOnePerOperation()
    {
        await _cache.InsertAsync("k", "v");
        await _cache.InvalidateAsync("k");
        await _cache.ClearAsync();
        Assert.That(_metrics.Text, Is.EqualTo("""
            cache.operation.duration 0.021 cache.name=products cache.operation=insert cache.outcome=inserted
            cache.operation.duration 0.021 cache.name=products cache.operation=invalidate cache.outcome=invalidated
            cache.operation.duration 0.021 cache.name=products cache.operation=clear cache.outcome=cleared
            cache.tier.duration 0.001 cache.fallback=false cache.name=products cache.outcome=inserted cache.tier.name=l1 cache.tier.operation=insert
            cache.tier.duration 0.02 cache.fallback=true cache.name=products cache.outcome=inserted cache.tier.name=l2 cache.tier.operation=insert
            cache.tier.duration 0.001 cache.fallback=false cache.name=products cache.outcome=invalidated cache.tier.name=l1 cache.tier.operation=invalidate
            cache.tier.duration 0.02 cache.fallback=true cache.name=products cache.outcome=invalidated cache.tier.name=l2 cache.tier.operation=invalidate
            cache.tier.duration 0.001 cache.fallback=false cache.name=products cache.outcome=cleared cache.tier.name=l1 cache.tier.operation=clear
            cache.tier.duration 0.02 cache.fallback=true cache.name=products cache.outcome=cleared cache.tier.name=l2 cache.tier.operation=clear
            """));
    }

    [Test]
    public async Task Writes_ATierFails_TierAndOperationHaveTheErrorType()
    {
        _l2.ClearFailures();
        _l2.FailWhen(static _ => true);
        await Assert.ThrowsAsync<IOException>(async () => await _cache.InsertAsync("k", "v"));
        Assert.That(_metrics.Text, Is.EqualTo("""
            cache.operation.duration 0.001 cache.name=products cache.operation=insert cache.outcome=error error.type=System.IO.IOException
            cache.tier.duration 0.001 cache.fallback=false cache.name=products cache.outcome=inserted cache.tier.name=l1 cache.tier.operation=insert
            cache.tier.duration 0 cache.fallback=true cache.name=products cache.outcome=error cache.tier.name=l2 cache.tier.operation=insert error.type=System.IO.IOException
            """));
    }

    [Test]
    public async Task Writes_EveryTierRefuses_IsRejected()
    {
        _l1.InsertAnswer = _l2.InsertAnswer = static _ => InsertOutcome.Rejected;
        await _cache.InsertAsync("k", "v");
        Assert.That(_metrics.Text, Is.EqualTo("""
            cache.operation.duration 0.021 cache.name=products cache.operation=insert cache.outcome=rejected
            cache.tier.duration 0.001 cache.fallback=false cache.name=products cache.outcome=rejected cache.tier.name=l1 cache.tier.operation=insert
            cache.tier.duration 0.02 cache.fallback=true cache.name=products cache.outcome=rejected cache.tier.name=l2 cache.tier.operation=insert
            """));
    }

    [Test]
    public async Task GetAsync_ATierFails_OnlyThatTierHasAnErrorType()
    {
        _l1.ClearFailures();
        _l1.FailWhen(static _ => true);
        await _cache.GetAsync("k");
        Assert.That(_metrics.Text, Is.EqualTo("""
            cache.operation.duration 0.02 cache.name=products cache.operation=get cache.outcome=miss
            cache.tier.duration 0 cache.fallback=false cache.name=products cache.outcome=error cache.tier.name=l1 cache.tier.operation=get error.type=System.IO.IOException
            cache.tier.duration 0.02 cache.fallback=true cache.name=products cache.outcome=miss cache.tier.name=l2 cache.tier.operation=get
            """));
    }

    [Test]
    public async Task GetAsync_Expired_TheTierSaysSo()
    {
        _l1.Entries["k"] = new("v", _clock.GetUtcNow() - TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1));
        await _cache.ContainsAsync("k");
        Assert.That(_metrics.Text, Is.EqualTo("""
            cache.operation.duration 0.021 cache.name=products cache.operation=get cache.outcome=miss
            cache.tier.duration 0.001 cache.fallback=false cache.name=products cache.outcome=expired cache.tier.name=l1 cache.tier.operation=get
            cache.tier.duration 0.02 cache.fallback=true cache.name=products cache.outcome=miss cache.tier.name=l2 cache.tier.operation=get
            """));
    }

    [Test]
    public async Task Attributes_Booleans_AreBooleans()
    {
        using var tiers = new MetricCollector<double>(null, "Cachet", "cache.tier.duration");
        await _cache.GetAsync("k");
        Assert.That(tiers.GetMeasurementSnapshot().Select(static m => m.Tags["cache.fallback"]), Is.EqualTo([false, true]));
    }

    [Test]
    public async Task Instruments_AsExported_HaveUnitsDescriptionsAndBucketsWithoutAView()
    {
        await _cache.GetOrInsertAsync("k", Load);
        const string Buckets = "5E-07 1E-06 5E-06 1E-05 5E-05 0.0001 0.0005 0.001 0.005 0.01 0.05 0.1 0.5 1 5 10";
        const string LoadBuckets = "0.001 0.005 0.01 0.05 0.1 0.5 1 5 10";
        Assert.That(_metrics.Export().Select(Describe), Is.EqualTo(
        [
            "cache.entries LongSumNonMonotonic {entry} 'Entries in the tiers that can count without waiting, about.' ",
            "cache.load.active LongSumNonMonotonic {load} 'Functions that are computing values missing in a cache now.' ",
            $"cache.load.duration Histogram s '{Text("load")}' {LoadBuckets}",
            $"cache.operation.duration Histogram s '{Text("operation")}' {Buckets}",
            $"cache.tier.duration Histogram s '{Text("tier")}' {Buckets}",
        ]));

        static string Text(string instrument) => instrument switch
        {
            "load" => "Duration of the functions that compute values missing in a cache.",
            "operation" => "Duration of cache operations, by what they came to and the tier that served them.",
            _ => "Duration of calls on the tiers of a cache, by tier and by what they came to.",
        };
    }

    [Test]
    public async Task Histograms_MicrosecondsAndMilliseconds_FallIntoDifferentBuckets()
    {
        _l1.ClearFailures();
        _l2.ClearFailures();
        _l1.FailWhen(TakeTime(TimeSpan.FromTicks(8))); // 800 ns
        _l2.FailWhen(TakeTime(TimeSpan.FromMilliseconds(2)));
        await _cache.GetAsync("k");
        Metric tiers = _metrics.Export().Single(static m => m.Name == "cache.tier.duration");
        List<string> filled = [];
        foreach (ref readonly MetricPoint point in tiers.GetMetricPoints())
        {
            foreach (HistogramBucket bucket in point.GetHistogramBuckets())
            {
                if (bucket.BucketCount > 0) filled.Add($"<= {bucket.ExplicitBound.ToString(CultureInfo.InvariantCulture)}: {bucket.BucketCount}");
            }
        }

        Assert.That(filled, Is.EqualTo(["<= 1E-06: 1", "<= 0.005: 1"]));
    }

    [Test]
    public async Task Exemplars_FilteredByTrace_LeadToTheSpanThatWasMeasured([Values] bool suppressed)
    {
        using var trace = new TraceRecorder();
        using var metrics = new MetricRecorder(static b => b.SetExemplarFilter(ExemplarFilterType.TraceBased));
        _l2.Before = static async (_, token) => await Task.Run(static () => { }, token);
        ValueTask<string> call;
        using (suppressed ? ExecutionContext.SuppressFlow() : (AsyncFlowControl?)null) call = _cache.GetOrInsertAsync("k", Load);
        await call;
        List<(string Metric, string? Span)> found = [];
        foreach (Metric metric in metrics.Export())
        {
            foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
            {
                if (!point.TryGetExemplars(out ReadOnlyExemplarCollection exemplars)) continue;
                foreach (ref readonly Exemplar exemplar in exemplars)
                {
                    ActivitySpanId id = exemplar.SpanId;
                    ActivityTraceId traceId = exemplar.TraceId;
                    found.Add((metric.Name, trace.Spans.SingleOrDefault(s => s.SpanId == id && s.TraceId == traceId)?.DisplayName));
                }
            }
        }

        Assert.That(found, Is.EquivalentTo(
        [
            ("cache.operation.duration", "cache.get_or_insert products"),
            ("cache.tier.duration", "cache.tier get l1"),
            ("cache.tier.duration", "cache.tier get l2"),
            ("cache.tier.duration", "cache.tier insert l1"),
            ("cache.tier.duration", "cache.tier insert l2"),
            ("cache.load.duration", "cache.load products"),
        ]));
    }

    [Test]
    public async Task Measurements_WithSpans_AreTheSameAndAsLongAsTheSpans()
    {
        await _cache.GetOrInsertAsync("k", Load);
        string alone = _metrics.Text;
        _metrics.Forget();
        _l1.Entries.Clear();
        _l2.Entries.Clear();
        using var trace = new TraceRecorder();
        await _cache.GetOrInsertAsync("k", Load);
        Assert.That(_metrics.Text, Is.EqualTo(alone));
        Assert.That(
            trace.Spans.Select(static s => (s.DisplayName, s.Duration.TotalMilliseconds)),
            Is.EqualTo(
            [
                ("cache.tier get l1", 1d),
                ("cache.tier get l2", 20d),
                ("cache.load products", 300d),
                ("cache.tier insert l1", 1d),
                ("cache.tier insert l2", 20d),
                ("cache.get_or_insert products", 344d),
            ]));
    }

    [Test]
    public async Task Measurements_NoListener_NothingIsRecordedOrTimed()
    {
        _metrics.Dispose();
        var clock = new TickingClock();
        ICache<string, string> cache = Cache.Builder<string, string>("products").Clock(clock).Tier(_l1).Tier(_l2).Build();
        await cache.GetOrInsertAsync("k", static (_, _) => new("v"));
        Assert.That(clock.Readings, Is.Zero);
        (string Name, MetricCollector<double> Measured)[] later = [.. MetricRecorder.Collectors()];
        Assert.That(MetricRecorder.Lines(later), Is.Empty);
        foreach ((_, MetricCollector<double> measured) in later) measured.Dispose();
    }

    [Test]
    public async Task Measurements_TwoCaches_AreToldApartByName()
    {
        ICache<string, string> prices = Cache.Builder<string, string>("prices").Clock(_clock).Memory(static o => o.Name = "ram").Build();
        await prices.GetAsync("k");
        await _cache.InvalidateAsync("k");
        Assert.That(_metrics.Text, Is.EqualTo("""
            cache.operation.duration 0 cache.name=prices cache.operation=get cache.outcome=miss
            cache.operation.duration 0.021 cache.name=products cache.operation=invalidate cache.outcome=invalidated
            cache.tier.duration 0 cache.fallback=false cache.name=prices cache.outcome=miss cache.tier.name=ram cache.tier.operation=get
            cache.tier.duration 0.001 cache.fallback=false cache.name=products cache.outcome=invalidated cache.tier.name=l1 cache.tier.operation=invalidate
            cache.tier.duration 0.02 cache.fallback=true cache.name=products cache.outcome=invalidated cache.tier.name=l2 cache.tier.operation=invalidate
            """));
    }

    [Test]
    public async Task Measurements_SameOutcomeAgain_AreOneSeries()
    {
        _l1.Entries["k"] = new("v");
        for (int i = 0; i < 3; i++) await _cache.GetAsync("k");
        Metric operations = _metrics.Export().Single(static m => m.Name == "cache.operation.duration");
        List<long> counts = [];
        foreach (ref readonly MetricPoint point in operations.GetMetricPoints()) counts.Add(point.GetHistogramCount());
        Assert.That(counts, Is.EqualTo([3]));
    }

    private static string Describe(Metric metric)
    {
        List<string> bounds = [];
        foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
        {
            bounds.Clear();
            if (metric.MetricType != MetricType.Histogram) continue;
            foreach (HistogramBucket bucket in point.GetHistogramBuckets()) bounds.Add(bucket.ExplicitBound.ToString(CultureInfo.InvariantCulture));
        }

        return $"{metric.Name} {metric.MetricType} {metric.Unit} '{metric.Description}' {string.Join(' ', bounds.SkipLast(1))}"; // the last is infinity
    }

    private ValueTask<string> Load(string key, CancellationToken token)
    {
        _clock.Advance(TimeSpan.FromMilliseconds(300));
        return new("v");
    }

    // The one hook that synchronous calls have too: it fails nothing, and takes its time to decide that.
    private Func<CacheTierCall<string, string>, bool> Take(int milliseconds) => TakeTime(TimeSpan.FromMilliseconds(milliseconds));

    private Func<CacheTierCall<string, string>, bool> TakeTime(TimeSpan time) => _ =>
    {
        _clock.Advance(time);
        return false;
    };
}
