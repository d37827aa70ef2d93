using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CachetTests.Snippets;

/// <summary>What an application says of telemetry.</summary>
[CancelAfter(30_000)]
public class ObservabilityTests
{
    private static readonly Product _product = new("p1", "espresso machine", 399);

    private readonly List<Activity> _spans = [];

    private IEnumerable<string> Names => _spans.Select(static s => s.DisplayName);

    [SetUp]
    public void SetUp() => _spans.Clear();

    [Test]
    public void Setup_OfAHost_IsRegistered()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);

        // snippet: observability-setup
        builder.Services.AddOpenTelemetry()
            .AddCachetInstrumentation()
            .WithTracing()
            .WithMetrics(m => m.SetExemplarFilter(ExemplarFilterType.TraceBased))   // for the way from a slow bucket to its trace
            .WithLogging()
            .UseOtlpExporter();
        // end
        Assert.That(
            builder.Services.Select(static s => s.ServiceType),
            Is.SupersetOf(new[] { typeof(TracerProvider), typeof(MeterProvider), typeof(LoggerProvider) }));
    }

    [Test]
    public async Task ExemplarFilter_OfTheEnvironment_IsAsInCode()
    {
        HostApplicationBuilder builder = Traced();
        List<Metric> metrics = [];
        builder.Configuration["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based"; // As a host reads it from the environment.
        builder.Services.AddOpenTelemetry().AddCachetInstrumentation().WithMetrics(m => m.AddInMemoryExporter(metrics));
        await RunAsync(builder, static products => products.GetAsync("p1").AsTask());
        List<ActivityTraceId> found = [];
        foreach (ref readonly MetricPoint point in metrics.Single(static m => m.Name == TelemetryNames.OperationDuration).GetMetricPoints())
        {
            if (!point.TryGetExemplars(out ReadOnlyExemplarCollection exemplars)) continue;
            foreach (ref readonly Exemplar exemplar in exemplars) found.Add(exemplar.TraceId);
        }

        Assert.That(found, Is.Not.Empty.And.SubsetOf(_spans.Select(static s => s.TraceId)));
    }

    [Test]
    public async Task Scrape_OfAWebApplication_HasTheMetrics()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();

        // snippet: observability-scrape
        builder.Services.AddOpenTelemetry()
            .AddCachetInstrumentation()
            .WithTracing(t => t.AddOtlpExporter())
            .WithMetrics(m => m.SetExemplarFilter(ExemplarFilterType.TraceBased).AddPrometheusExporter());

        WebApplication app = builder.Build();
        app.MapPrometheusScrapingEndpoint();   // GET /metrics
        // end
        await app.StartAsync();
        await using ICache<string, Product> products = Cache.Builder<string, Product>("scraped").Memory().Build();
        using (var request = new Activity("request")) // One that is not sampled: there is nobody to send its spans to.
        {
            request.SetIdFormat(ActivityIdFormat.W3C).Start();
            await products.InsertAsync("p1", _product);
        }

        using var client = new HttpClient();
        string scrape = await client.GetStringAsync(new Uri(app.Urls.Single() + "/metrics"));
        Assert.That(scrape, Does.Contain("cache_operation_duration_seconds_count{").And.Contain("cache_name=\"scraped\""));
        await app.DisposeAsync();
    }

    [Test]
    public async Task TierSwitches_LocalOff_AHitInMemoryIsOneSpan()
    {
        HostApplicationBuilder builder = Traced();

        // snippet: tier-switches
        builder.Services.AddOpenTelemetry().AddCachetInstrumentation(o => o.LocalTierSpans = false);
        // end
        await RunAsync(builder, static products => products.GetAsync("p1").AsTask());
        Assert.That(Names, Is.EqualTo(new[] { "cache.insert products", "cache.get products" }));
    }

    [Test]
    public async Task SpanFilter_OfACacheAndAnOperation_LeavesTheOthers()
    {
        HostApplicationBuilder builder = Traced();

        // snippet: span-filter
        builder.Services.AddOpenTelemetry().AddCachetInstrumentation(o =>
            o.Filter = (cache, operation) => cache.Name != "sessions" && operation != CacheOperation.Get);
        // end
        await RunAsync(builder, static async products =>
        {
            await products.GetAsync("p1");
            await using ICache<string, Product> sessions = Cache.Builder<string, Product>("sessions").Memory().Build();
            await sessions.InsertAsync("s1", _product);
        });
        Assert.That(Names, Is.EqualTo(new[] { "cache.tier insert l1", "cache.insert products" }));
    }

    [Test]
    public async Task SpanEnrich_OfASlowOperation_MarksIt()
    {
        HostApplicationBuilder builder = Traced();
        var clock = new FakeTimeProvider();

        // snippet: span-enrich
        builder.Services.AddOpenTelemetry().AddCachetInstrumentation(o => o.Enrich = (span, operation) =>
        {
            if (operation.Duration > TimeSpan.FromMilliseconds(100)) span.SetTag("shop.slow", true);
        });
        // end
        await RunAsync(
            builder,
            products => products.GetOrInsertAsync("p2", (_, _) =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(101));
                return new(_product);
            }).AsTask(),
            clock);
        Assert.That(_spans.Where(static s => s.GetTagItem("shop.slow") is true).Select(static s => s.DisplayName), Is.EqualTo(new[] { "cache.get_or_insert products" }));
    }

    [Test]
    public async Task SpanKeys_Redacted_TellAPart()
    {
        HostApplicationBuilder builder = Traced();

        // snippet: span-keys
        builder.Services.AddOpenTelemetry().AddCachetInstrumentation(o =>
            o.KeyRecording = KeyRecording.Redact<string>(key => key.Split('/')[0]));   // of acme/p1 the tenant, acme
        // end
        await RunAsync(builder, static products => products.GetAsync("acme/p1").AsTask());
        Assert.That(_spans[^1].GetTagItem(TelemetryNames.Key), Is.EqualTo("acme"));
    }

    private static async Task RunAsync(HostApplicationBuilder builder, Func<ICache<string, Product>, Task> story, TimeProvider? clock = null)
    {
        using IHost host = builder.Build();
        await host.StartAsync();
        await using ICache<string, Product> products = Cache.Builder<string, Product>("products").Memory().Clock(clock ?? TimeProvider.System).Build();
        await products.InsertAsync("p1", _product);
        await story(products);
        await host.StopAsync();
    }

    private HostApplicationBuilder Traced()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddOpenTelemetry().WithTracing(t => t.AddInMemoryExporter(_spans));
        return builder;
    }
}
