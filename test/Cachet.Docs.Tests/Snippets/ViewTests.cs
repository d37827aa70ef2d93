using System.Diagnostics.Metrics;
using Cachet.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace CachetTests.Snippets;

/// <summary>What views do to Cachet's instruments.</summary>
[CancelAfter(60_000)]
public class ViewTests
{
    private readonly List<Metric> _exported = [];

    [SetUp]
    public void SetUp() => _exported.Clear();

    [Test]
    public async Task Limit_RaisedForAThousandCaches_NamesThemAll()
    {
        MeterProviderBuilder metrics = Metrics();

        // snippet: view-limit
        metrics.AddView(static instrument => instrument.Meter.Name == TelemetryNames.Scope
            ? new MetricStreamConfiguration { CardinalityLimit = 50_000 }
            : null);
        // end
        using MeterProvider provider = metrics.Build();
        for (int i = 0; i < 1_000; i++) await TellAsync($"cache-{i}");
        string[] points = Points(provider, TelemetryNames.OperationDuration);
        Assert.That(points, Has.Length.EqualTo(3_000).And.None.Contains("overflow"));
        Assert.That(points, Has.All.EndsWith(" 16 bounds"), "and the advice counts as ever");
    }

    [Test]
    public async Task Drop_OfAnInstrument_LeavesTheOthersAndCostsNothing()
    {
        MeterProviderBuilder metrics = Metrics();

        // snippet: view-drop
        metrics.AddView(TelemetryNames.TierDuration, MetricStreamConfiguration.Drop);
        // end
        using MeterProvider provider = metrics.Build();
        await TellAsync("products");
        provider.ForceFlush();
        Assert.That(_exported.Select(static m => m.Name), Has.Member(TelemetryNames.OperationDuration).And.No.Member(TelemetryNames.TierDuration));
        List<string> off = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == TelemetryNames.Scope && !instrument.Enabled) off.Add(instrument.Name);
        };
        listener.Start();
        Assert.That(off, Is.EqualTo(new[] { TelemetryNames.TierDuration }));
    }

    [Test]
    public async Task Tags_ThatAreKept_AreTheOnlyOnes()
    {
        MeterProviderBuilder metrics = Metrics();

        // snippet: view-tags
        metrics.AddView(
            TelemetryNames.OperationDuration,
            new MetricStreamConfiguration { TagKeys = [TelemetryNames.CacheName, TelemetryNames.Operation, TelemetryNames.Outcome] });
        // end
        using MeterProvider provider = metrics.Build();
        await TellAsync("products");
        Assert.That(Points(provider, TelemetryNames.OperationDuration), Is.EquivalentTo(new[]
        {
            "1 for cache.name=products cache.operation=insert cache.outcome=inserted, 16 bounds",
            "2 for cache.name=products cache.operation=get cache.outcome=hit, 16 bounds", // in l1 and in l2
        }));
    }

    [Test]
    public async Task Buckets_Chosen_AreTheOnlyOnes()
    {
        MeterProviderBuilder metrics = Metrics();

        // snippet: view-buckets
        metrics.AddView(
            TelemetryNames.TierDuration,
            new ExplicitBucketHistogramConfiguration { Boundaries = [0.000001, 0.0001, 0.001, 0.01, 0.1, 1] });
        // end
        using MeterProvider provider = metrics.Build();
        await TellAsync("products");
        Assert.That(Points(provider, TelemetryNames.TierDuration), Is.Not.Empty.And.All.EndsWith(", 6 bounds"));
        Assert.That(Points(provider, TelemetryNames.OperationDuration), Is.Not.Empty.And.All.EndsWith(", 16 bounds"));
    }

    [Test]
    public async Task Exponential_FromNanosecondsToMinutes_IsOnePointWithBucketsAFifthApart()
    {
        MeterProviderBuilder metrics = Metrics();

        // snippet: view-exponential
        metrics.AddView(static instrument => instrument.Meter.Name == TelemetryNames.Scope && instrument.Unit == "s"
            ? new Base2ExponentialBucketHistogramConfiguration()
            : null);
        // end
        using MeterProvider provider = metrics.Build();
        var clock = new FakeTimeProvider();
        await using ICache<string, int> cache = Cache.Builder<string, int>("products").Memory().Clock(clock).Build();
        foreach (TimeSpan time in new[] { TimeSpan.FromTicks(1), TimeSpan.FromMinutes(2) })
        {
            await cache.GetOrInsertAsync($"{time}", (_, _) =>
            {
                clock.Advance(time);
                return new(1);
            });
        }

        provider.ForceFlush();
        Metric operations = _exported.Single(static m => m.Name == TelemetryNames.OperationDuration);
        Assert.That(operations.MetricType, Is.EqualTo(MetricType.ExponentialHistogram));
        List<int> scales = [];
        foreach (ref readonly MetricPoint point in operations.GetMetricPoints()) scales.Add(point.GetExponentialHistogramData().Scale);
        Assert.That(scales, Is.EqualTo(new[] { 2 }), "each bound is the fourth root of two times the last: 1.19");
    }

    [Test]
    public async Task Exponential_InPrometheus_IsLeftOut()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddOpenTelemetry().AddCachetInstrumentation().WithMetrics(static m => m
            .AddView(static i => i.Unit == "s" ? new Base2ExponentialBucketHistogramConfiguration() : null).AddPrometheusExporter());
        await using WebApplication app = builder.Build();
        app.MapPrometheusScrapingEndpoint();
        await app.StartAsync();
        await using ICache<string, int> cache = Cache.Builder<string, int>("products").Memory().Build();
        await cache.InsertAsync("p1", 1);
        using var client = new HttpClient();
        string scrape = await client.GetStringAsync(new Uri(app.Urls.Single() + "/metrics"));
        Assert.That(scrape, Does.Contain("cache_entries").And.Not.Contain("duration"));
    }

    [Test]
    public async Task Views_TwoOfOneInstrument_ExportItTwice()
    {
        using MeterProvider provider = Metrics()
            .AddView(TelemetryNames.LoadDuration, new MetricStreamConfiguration { TagKeys = [] })
            .AddView(TelemetryNames.LoadDuration, new MetricStreamConfiguration { CardinalityLimit = 10 })
            .Build();
        await using ICache<string, int> cache = Cache.Builder<string, int>("products").Memory().Build();
        await cache.GetOrInsertAsync("p1", static (_, _) => new(1));
        provider.ForceFlush();
        Assert.That(_exported.Where(static m => m.Name == TelemetryNames.LoadDuration), Has.Exactly(2).Items);
    }

    /// <summary>An insert, a hit in l1 and one in l2.</summary>
    private static async Task TellAsync(string name)
    {
        var l1 = new FakeSynchronousCacheTier<string, int>();
        await using ICache<string, int> cache = Cache.Builder<string, int>(name).Tier(l1).Tier(new FakeCacheTier<string, int>()).Build();
        await cache.InsertAsync("p1", 1);
        await cache.GetAsync("p1");
        l1.Entries.Clear();
        await cache.GetAsync("p1");
    }

    private MeterProviderBuilder Metrics() => Sdk.CreateMeterProviderBuilder().AddCachetInstrumentation().AddInMemoryExporter(_exported);

    /// <summary>The points of a histogram, one per line: how many measurements, of which attributes, in how many buckets below infinity.</summary>
    private string[] Points(MeterProvider provider, string instrument)
    {
        _exported.Clear();
        provider.ForceFlush();
        List<string> points = [];
        foreach (Metric metric in _exported.Where(m => m.Name == instrument))
        {
            foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
            {
                List<string> tags = [];
                foreach ((string name, object? value) in point.Tags) tags.Add($"{name}={value}");
                int buckets = 0;
                foreach (HistogramBucket bucket in point.GetHistogramBuckets()) buckets++;
                points.Add($"{point.GetHistogramCount()} for {string.Join(' ', tags)}, {buckets - 1} bounds");
            }
        }

        return [.. points];
    }
}
