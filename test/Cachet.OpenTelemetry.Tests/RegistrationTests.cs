using System.Diagnostics;
using Cachet;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CachetTests;

/// <summary>AddCachetInstrumentation(): when caches are seen, by whom, how often, and when no more.</summary>
public sealed class RegistrationTests
{
    private const string Spans = """
        cache.insert products [Internal Unset] cache.name=products cache.operation=insert cache.outcome=inserted
          cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
        """;

    private const string Measurements = """
        cache.operation.duration 0 cache.name=products cache.operation=insert cache.outcome=inserted
        cache.tier.duration 0 cache.fallback=false cache.name=products cache.outcome=inserted cache.tier.name=l1 cache.tier.operation=insert
        """;

    [Test]
    public async Task Tracing_CacheBuiltBefore_IsSeen()
    {
        ICache<string, string> cache = Build();
        List<Activity> exported = [];
        using TracerProvider provider = Traces(exported);
        await cache.InsertAsync("k", "v");
        Assert.That(TraceText.Of(exported), Is.EqualTo(Spans));
    }

    [Test]
    public async Task Tracing_CacheBuiltAfter_IsSeen()
    {
        List<Activity> exported = [];
        using TracerProvider provider = Traces(exported);
        await Build().InsertAsync("k", "v");
        Assert.That(TraceText.Of(exported), Is.EqualTo(Spans));
    }

    [Test]
    public async Task Metrics_CacheBuiltBeforeOrAfter_IsSeen()
    {
        ICache<string, string> before = Build();
        List<Metric> exported = [];
        using MeterProvider provider = Metrics(exported);
        await before.InsertAsync("k", "v");
        await Build().InsertAsync("k", "v");
        Assert.That(Counts(provider, exported), Is.EqualTo(["cache.operation.duration 2", "cache.tier.duration 2"]));
    }

    [Test]
    public async Task Tracing_CalledTwice_RecordsOnce()
    {
        List<Activity> exported = [];
        using TracerProvider provider = Sdk.CreateTracerProviderBuilder()
            .AddCachetInstrumentation().AddCachetInstrumentation().AddInMemoryExporter(exported).Build();
        await Build().InsertAsync("k", "v");
        Assert.That(TraceText.Of(exported), Is.EqualTo(Spans));
    }

    [Test]
    public async Task Metrics_CalledTwice_RecordsOnce()
    {
        List<Metric> exported = [];
        using MeterProvider provider = Sdk.CreateMeterProviderBuilder()
            .AddCachetInstrumentation().AddCachetInstrumentation().AddInMemoryExporter(exported).Build();
        await Build().InsertAsync("k", "v");
        Assert.That(Counts(provider, exported), Is.EqualTo(["cache.operation.duration 1", "cache.tier.duration 1"]));
    }

    [Test]
    public async Task CalledTwice_ProviderDisposed_IsSilent()
    {
        Sdk.CreateTracerProviderBuilder().AddCachetInstrumentation().AddCachetInstrumentation().Build().Dispose();
        Sdk.CreateMeterProviderBuilder().AddCachetInstrumentation().AddCachetInstrumentation().Build().Dispose();
        await AssertSilent(Build());
    }

    [Test]
    public async Task Tracing_TwoProviders_EachSeesEverything()
    {
        List<Activity> first = [], second = [];
        using TracerProvider one = Traces(first);
        using TracerProvider other = Traces(second);
        await Build().InsertAsync("k", "v");
        Assert.That(TraceText.Of(first), Is.EqualTo(Spans));
        Assert.That(TraceText.Of(second), Is.EqualTo(Spans));
    }

    [Test]
    public async Task Metrics_TwoProviders_EachSeesEverything()
    {
        List<Metric> first = [], second = [];
        using MeterProvider one = Metrics(first);
        using MeterProvider other = Metrics(second);
        await Build().InsertAsync("k", "v");
        Assert.That(Counts(one, first), Is.EqualTo(["cache.operation.duration 1", "cache.tier.duration 1"]));
        Assert.That(Counts(other, second), Is.EqualTo(["cache.operation.duration 1", "cache.tier.duration 1"]));
    }

    [Test]
    public async Task TwoProviders_OneDisposed_TheOtherGoesOn()
    {
        List<Activity> first = [], second = [];
        TracerProvider one = Traces(first);
        using TracerProvider other = Traces(second);
        one.Dispose();
        await Build().InsertAsync("k", "v");
        Assert.That(first, Is.Empty);
        Assert.That(TraceText.Of(second), Is.EqualTo(Spans));
    }

    [Test]
    public async Task TracesAndMetrics_TracesDisposed_MetricsGoOnWithoutSpans()
    {
        List<Activity> spans = [];
        List<Metric> exported = [];
        TracerProvider traces = Traces(spans);
        using MeterProvider metrics = Metrics(exported);
        traces.Dispose();
        await Build().InsertAsync("k", "v");
        Assert.That(spans, Is.Empty);
        Assert.That(Counts(metrics, exported), Is.EqualTo(["cache.operation.duration 1", "cache.tier.duration 1"]));
    }

    [Test]
    public async Task LastProvider_Disposed_CachesAreSilentAndFree()
    {
        ICache<string, string> cache = Build();
        TracerProvider traces = Traces([]);
        MeterProvider metrics = Metrics([]);
        await cache.InsertAsync("k", "v");
        metrics.Dispose();
        traces.Dispose();
        await AssertSilent(cache);
        Assert.That(Allocations.OfHits(Allocations.Warm()), Is.EqualTo(Allocations.None));
    }

    [Test]
    public async Task Provider_DisposedTwice_TakesOnlyItsOwnShare()
    {
        List<Activity> exported = [];
        TracerProvider one = Traces([]);
        using TracerProvider other = Traces(exported);
        one.Dispose();
        one.Dispose();
        await Build().InsertAsync("k", "v");
        Assert.That(TraceText.Of(exported), Is.EqualTo(Spans));
    }

    [Test]
    public async Task Provider_DisposedDuringAnOperation_TheOperationEndsAndTheCallersCurrentIsBack()
    {
        var tier = new FakeCacheTier<string, string>();
        Gate gate = tier.HoldWhen(static _ => true);
        ICache<string, string> cache = Cache.Builder<string, string>("products").Tier(tier).Build();
        TracerProvider provider = Traces([]);
        ValueTask<InsertOutcome> insert = cache.InsertAsync("k", "v");
        await gate.Reached;
        provider.Dispose();
        gate.Open();
        Assert.That(await insert, Is.EqualTo(InsertOutcome.Accepted));
        Assert.That(Activity.Current, Is.Null);
        await AssertSilent(cache);
    }

    [Test]
    public async Task Provider_BuiltDuringAnOperation_SeesTheNextOne()
    {
        var tier = new FakeCacheTier<string, string>();
        Gate gate = tier.HoldWhen(static _ => true);
        ICache<string, string> cache = Cache.Builder<string, string>("products").Tier(tier).Build();
        ValueTask<InsertOutcome> insert = cache.InsertAsync("k", "v");
        await gate.Reached;
        List<Activity> exported = [];
        using TracerProvider provider = Traces(exported);
        gate.Open();
        await insert;
        Assert.That(exported, Is.Empty);
        await cache.InsertAsync("k", "v");
        Assert.That(TraceText.Of(exported), Is.EqualTo(Spans));
    }

    [Test]
    public async Task Metrics_Alone_MakeNoSpans()
    {
        using MeterProvider metrics = Metrics([]);
        List<Activity> exported = [];
        using TracerProvider traces = Sdk.CreateTracerProviderBuilder().AddInMemoryExporter(exported).Build();
        Activity? seen = null;
        await Build().GetOrInsertAsync("k", (_, _) =>
        {
            seen = Activity.Current;
            return new("v");
        });
        Assert.That(seen, Is.Null);
        Assert.That(exported, Is.Empty);
    }

    [Test]
    public async Task Traces_Alone_MakeNoMeasurements()
    {
        List<Activity> spans = [];
        using TracerProvider traces = Traces(spans);
        List<Metric> exported = [];
        using MeterProvider metrics = Sdk.CreateMeterProviderBuilder().AddInMemoryExporter(exported).Build();
        await Build().InsertAsync("k", "v");
        Assert.That(TraceText.Of(spans), Is.EqualTo(Spans));
        Assert.That(Counts(metrics, exported), Is.Empty);
    }

    [Test]
    public async Task SourcesAndMeter_SubscribedByNameOnly_NothingIsAttached()
    {
        List<Activity> spans = [];
        List<Metric> exported = [];
        using TracerProvider traces = Sdk.CreateTracerProviderBuilder().AddSource("Cachet*").AddInMemoryExporter(spans).Build();
        using MeterProvider metrics = Sdk.CreateMeterProviderBuilder().AddMeter("Cachet").AddInMemoryExporter(exported).Build();
        await Build().InsertAsync("k", "v");
        Assert.That(spans, Is.Empty);
        Assert.That(Counts(metrics, exported), Is.Empty);
    }

    [Test]
    public async Task Hosting_TracingAndMetrics_BothSeeTheContainersCaches()
    {
        List<Activity> spans = [];
        List<Metric> exported = [];
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddCachet<string, string>("products", static c => c.Memory());
        builder.Services.AddOpenTelemetry()
            .WithTracing(t => t.AddCachetInstrumentation().AddInMemoryExporter(spans))
            .WithMetrics(m => m.AddCachetInstrumentation().AddInMemoryExporter(exported));
        ICache<string, string> outside = Build();
        using (IHost host = builder.Build())
        {
            await host.StartAsync();
            await host.Services.GetRequiredService<ICache<string, string>>().InsertAsync("k", "v");
            Assert.That(TraceText.Of(spans), Is.EqualTo(Spans));
            Assert.That(
                Counts(host.Services.GetRequiredService<MeterProvider>(), exported),
                Is.EqualTo(["cache.operation.duration 1", "cache.tier.duration 1"]));
            await host.StopAsync();
        }

        await AssertSilent(outside);
    }

    [Test]
    public async Task Hosting_CacheUsedBeforeTheHostStarts_IsSeenFromTheStartOn()
    {
        List<Activity> spans = [];
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddCachet<string, string>("products", static c => c.Memory());
        builder.Services.AddOpenTelemetry().WithTracing(t => t.AddCachetInstrumentation().AddInMemoryExporter(spans));
        using IHost host = builder.Build();
        ICache<string, string> cache = host.Services.GetRequiredService<ICache<string, string>>();
        await cache.InsertAsync("k", "v");
        Assert.That(spans, Is.Empty);
        await host.StartAsync();
        await cache.InsertAsync("k", "v");
        Assert.That(TraceText.Of(spans), Is.EqualTo(Spans));
        await host.StopAsync();
    }

    [Test]
    public async Task Hosting_OneHostStopped_TheOthersGoOn()
    {
        List<Activity> first = [], second = [];
        IHost one = Hosted(first);
        using IHost other = Hosted(second);
        await one.StartAsync();
        await other.StartAsync();
        await one.StopAsync();
        one.Dispose();
        await Build().InsertAsync("k", "v");
        Assert.That(first, Is.Empty);
        Assert.That(TraceText.Of(second), Is.EqualTo(Spans));
        await other.StopAsync();

        static IHost Hosted(List<Activity> spans)
        {
            HostApplicationBuilder builder = Host.CreateApplicationBuilder();
            builder.Logging.ClearProviders();
            builder.Services.AddOpenTelemetry().WithTracing(t => t.AddCachetInstrumentation().AddInMemoryExporter(spans));
            return builder.Build();
        }
    }

    [Test]
    public async Task Providers_TracesAndMetricsAndCollectors_EachOperationIsMeasuredOnce()
    {
        using var trace = new TraceRecorder();
        using var other = new TraceRecorder();
        using var metrics = new MetricRecorder();
        using var more = new MetricRecorder();
        var clock = new FakeTimeProvider();
        await Cache.Builder<string, string>("products").Clock(clock).Memory().Build().InsertAsync("k", "v");
        Assert.That(trace.Text, Is.EqualTo(Spans));
        Assert.That(other.Text, Is.EqualTo(Spans));
        Assert.That(metrics.Text, Is.EqualTo(Measurements));
        Assert.That(more.Text, Is.EqualTo(Measurements));
    }

    [Test]
    public void Builders_AsExtensions_ReturnThemselves()
    {
        TracerProviderBuilder traces = Sdk.CreateTracerProviderBuilder();
        MeterProviderBuilder metrics = Sdk.CreateMeterProviderBuilder();
        Assert.That(traces.AddCachetInstrumentation(), Is.SameAs(traces));
        Assert.That(metrics.AddCachetInstrumentation(), Is.SameAs(metrics));
    }

    [Test]
    public void Builders_Null_AreRefusedByName()
    {
        Assert.That(
            Assert.Throws<ArgumentNullException>(static () => ((TracerProviderBuilder)null!).AddCachetInstrumentation())!.ParamName, Is.EqualTo("builder"));
        Assert.That(
            Assert.Throws<ArgumentNullException>(static () => ((MeterProviderBuilder)null!).AddCachetInstrumentation())!.ParamName, Is.EqualTo("builder"));
    }

    private static ICache<string, string> Build() => Cache.Builder<string, string>("products").Memory().Build();

    private static TracerProvider Traces(List<Activity> exported) =>
        Sdk.CreateTracerProviderBuilder().AddCachetInstrumentation().AddInMemoryExporter(exported).Build();

    private static MeterProvider Metrics(List<Metric> exported) =>
        Sdk.CreateMeterProviderBuilder().AddCachetInstrumentation().AddInMemoryExporter(exported).Build();

    /// <summary>How many measurements of each histogram a provider exports.</summary>
    private static string[] Counts(MeterProvider provider, List<Metric> exported)
    {
        exported.Clear();
        provider.ForceFlush();
        List<string> counts = [];
        foreach (Metric metric in exported.Where(static m => m.MetricType == MetricType.Histogram))
        {
            long count = 0;
            foreach (ref readonly MetricPoint point in metric.GetMetricPoints()) count += point.GetHistogramCount();
            counts.Add($"{metric.Name} {count}");
        }

        return [.. counts.Order(StringComparer.Ordinal)];
    }

    /// <summary>Even somebody who listens to everything hears nothing: no instrumentation is attached that could make a span or a measurement.</summary>
    private static async Task AssertSilent(ICache<string, string> cache)
    {
        List<Activity> started = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = started.Add,
        };
        ActivitySource.AddActivityListener(listener);
        (string Name, MetricCollector<double> Measured)[] measured = [.. MetricRecorder.Collectors()];
        await cache.InsertAsync("k", "v");
        await cache.GetAsync("k");
        Assert.That(started, Is.Empty);
        Assert.That(MetricRecorder.Lines(measured), Is.Empty);
        foreach ((_, MetricCollector<double> collector) in measured) collector.Dispose();
    }
}
