using System.Diagnostics;
using Cachet;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CachetTests;

/// <summary>What a provider can choose: which spans, what is on them.</summary>
public sealed class TraceOptionsTests
{
    private const string Operation = "cache.insert products [Internal Unset] cache.name=products cache.operation=insert cache.outcome=inserted";

    private const string Local = """
          cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
        """;

    private const string Remote = """
          cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted
        """;

    private readonly List<Activity> _spans = [];
    private ICache<string, string> _cache = null!;

    [SetUp]
    public void SetUp() => _cache = Build("products");

    [TearDown]
    public ValueTask TearDown() => _cache.DisposeAsync();

    [Test]
    public async Task LocalTierSpans_Off_TiersInTheProcessMakeNone()
    {
        using TracerProvider provider = Traces(static o => o.LocalTierSpans = false);
        await _cache.InsertAsync("k", "v");
        Assert.That(TraceText.Of(_spans), Is.EqualTo($"{Operation}\n{Remote}"));
    }

    [Test]
    public async Task RemoteTierSpans_Off_TiersOutsideTheProcessMakeNone()
    {
        using TracerProvider provider = Traces(static o => o.RemoteTierSpans = false);
        await _cache.InsertAsync("k", "v");
        Assert.That(TraceText.Of(_spans), Is.EqualTo($"{Operation}\n{Local}"));
    }

    [Test]
    public async Task TierSpans_BothOff_TheOperationIsAloneAndTiersAreMeasuredAllTheSame()
    {
        using TracerProvider provider = Traces(static o => o.LocalTierSpans = o.RemoteTierSpans = false);
        using var metrics = new MetricRecorder();
        await _cache.InsertAsync("k", "v");
        Assert.That(TraceText.Of(_spans), Is.EqualTo(Operation));
        Assert.That(metrics.Text.Split('\n').Count(static l => l.StartsWith("cache.tier.duration", StringComparison.Ordinal)), Is.EqualTo(2));
    }

    [Test]
    public async Task Filter_Refuses_NoSpansOfTheOperationItsTiersAndItsLoadButMeasurements()
    {
        using TracerProvider provider = Traces(static o => o.Filter = static (cache, operation) => (cache.Name, operation) != ("products", CacheOperation.GetOrInsert));
        using var metrics = new MetricRecorder();
        Activity? seen = null;
        await _cache.GetOrInsertAsync("k", (_, _) =>
        {
            seen = Activity.Current;
            return new("v");
        });
        await Build("prices").GetAsync("k");
        await _cache.GetAsync("other");
        Assert.That(seen, Is.Null);
        Assert.That(
            _spans.Where(static s => s.OperationName != "cache.tier").Select(static s => s.DisplayName), Is.EqualTo(["cache.get prices", "cache.get products"]));
        Assert.That(metrics.Text, Does.Contain("cache.name=products cache.operation=get_or_insert cache.outcome=loaded"));
        Assert.That(metrics.Text, Does.Contain("cache.load.duration").And.Contain("cache.tier.name=l2"));
    }

    [Test]
    public async Task Filter_Refuses_OtherCachesThatTheLoaderUsesKeepTheCallersParent()
    {
        using TracerProvider provider = Traces(static o => o.Filter = static (cache, _) => cache.Name != "products");
        ICache<string, string> prices = Cache.Builder<string, string>("prices").Memory().Build();
        using (Activity request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start())
        {
            request.ActivityTraceFlags = ActivityTraceFlags.Recorded;
            await _cache.GetOrInsertAsync("k", async (key, token) => await prices.GetOrInsertAsync(key, static (_, _) => new("v"), token));
            Assert.That(_spans.Single(static s => s.DisplayName == "cache.get_or_insert prices").ParentSpanId, Is.EqualTo(request.SpanId));
            Assert.That(_spans.Where(static s => s.DisplayName.EndsWith("products", StringComparison.Ordinal)), Is.Empty);
        }
    }

    [Test]
    public async Task Enrich_Operation_IsToldWhatItCameToWhileItsSpanIsCurrent()
    {
        List<string> seen = [];
        using TracerProvider provider = Traces(o => o.Enrich = (span, e) =>
        {
            seen.Add($"{e.CacheName} {e.Operation} {e.Outcome} {e.TierName} current {ReferenceEquals(span, Activity.Current)} stopped {span.IsStopped}");
            span.SetTag("tenant", "blue");
        });
        await _cache.GetOrInsertAsync("k", static async (_, _) =>
        {
            await Task.Yield();
            return "v";
        });
        await _cache.GetAsync("k");
        Assert.That(seen, Is.EqualTo(["products GetOrInsert Loaded  current True stopped False", "products Get Hit l1 current True stopped False"]));
        Assert.That(
            _spans.Where(static s => s.GetTagItem("tenant") is "blue").Select(static s => s.DisplayName),
            Is.EqualTo(["cache.get_or_insert products", "cache.get products"]));
    }

    [Test]
    public async Task Enrich_SpanNotRecorded_IsNotCalled()
    {
        int calls = 0;
        using TracerProvider provider = Sdk.CreateTracerProviderBuilder()
            .AddCachetInstrumentation(o => o.Enrich = (_, _) => calls++).SetSampler(new AlwaysOffSampler()).Build();
        await _cache.InsertAsync("k", "v");
        Assert.That(calls, Is.Zero);
    }

    [Test]
    public async Task KeyRecording_Default_TellsNothing()
    {
        using TracerProvider provider = Traces(static _ => { });
        await _cache.InsertAsync("secret", "v");
        Assert.That(_spans.SelectMany(static s => s.TagObjects).Where(static t => t.Key == "cache.key"), Is.Empty);
    }

    [Test]
    public async Task KeyRecording_Full_TheKeyIsOnOperationsButNotOnAClear()
    {
        using TracerProvider provider = Traces(static o => o.KeyRecording = KeyRecording.Full);
        await _cache.GetOrInsertAsync("p1", static (_, _) => new("v"));
        await _cache.GetAsync("p1");
        await _cache.InsertAsync("p1", "v");
        await _cache.InvalidateAsync("p1");
        await _cache.ClearAsync();
        Assert.That(
            _spans.Where(static s => s.OperationName is not ("cache.tier" or "cache.load")).Select(static s => $"{s.OperationName} {s.GetTagItem("cache.key")}"),
            Is.EqualTo(["cache.get_or_insert p1", "cache.get p1", "cache.insert p1", "cache.invalidate p1", "cache.clear "]));
        Assert.That(_spans.Where(static s => s.OperationName is "cache.tier" or "cache.load").Select(static s => s.GetTagItem("cache.key")), Is.All.Null);
    }

    [Test]
    public async Task KeyRecording_Hash_IsTheSameForOneKeyAndDoesNotHoldIt()
    {
        using TracerProvider provider = Traces(static o => o.KeyRecording = KeyRecording.Hash);
        await _cache.InsertAsync("p1", "v");
        await _cache.GetAsync("p1");
        await _cache.GetAsync("p2");
        string?[] keys = [.. _spans.Where(static s => s.OperationName != "cache.tier").Select(static s => (string?)s.GetTagItem("cache.key"))];
        Assert.That(keys, Is.All.Match("^[0-9a-f]{16}$"));
        Assert.That(keys[1], Is.EqualTo(keys[0]));
        Assert.That(keys[2], Is.Not.EqualTo(keys[0]));
    }

    [Test]
    public async Task KeyRecording_Redactor_TellsWhatItSays()
    {
        using TracerProvider provider = Traces(static o => o.KeyRecording = KeyRecording.Redact<string>(static k => k.Split(':')[0]));
        await _cache.InsertAsync("user:4711", "v");
        Assert.That(_spans[^1].GetTagItem("cache.key"), Is.EqualTo("user"));
    }

    [Test]
    public void KeyRecording_Null_IsRefusedByName() =>
        Assert.That(
            Assert.Throws<ArgumentNullException>(static () => new CachetTraceOptions().KeyRecording = null!)!.Message, Does.Contain("KeyRecording.None"));

    [Test]
    public async Task Options_BoundFromConfiguration_Count()
    {
        await RunHosted(
            new() { ["Tracing:LocalTierSpans"] = "false", ["Tracing:KeyRecording"] = "full" },
            static b => b.Services.Configure<CachetTraceOptions>(b.Configuration.GetSection("Tracing")),
            static t => t.AddCachetInstrumentation());
        Assert.That(TraceText.Of(_spans), Is.EqualTo($"{Operation.Replace(" cache.outcome", " cache.key=k cache.outcome", StringComparison.Ordinal)}\n{Remote}"));
    }

    [Test]
    public async Task Options_Named_AreToldFromThoseWithoutAName()
    {
        await RunHosted(
            new() { ["Quiet:LocalTierSpans"] = "false", ["Loud:RemoteTierSpans"] = "false" },
            static b =>
            {
                b.Services.Configure<CachetTraceOptions>("quiet", b.Configuration.GetSection("Quiet"));
                b.Services.Configure<CachetTraceOptions>(b.Configuration.GetSection("Loud"));
            },
            static t => t.AddCachetInstrumentation("quiet", null));
        Assert.That(TraceText.Of(_spans), Is.EqualTo($"{Operation}\n{Remote}"));
    }

    [Test]
    public async Task Options_ConfigurationThatMakesNoSense_FailsAsTheHostStarts()
    {
        InvalidOperationException? fault = await Assert.ThrowsAsync<InvalidOperationException>(() => RunHosted(
            new() { ["Tracing:KeyRecording"] = "hsh" },
            static b => b.Services.Configure<CachetTraceOptions>(b.Configuration.GetSection("Tracing")),
            static t => t.AddCachetInstrumentation()));
        Assert.That(fault!.ToString(), Does.Contain("Tracing:KeyRecording").And.Contain("'hsh': write None, Hash or Full."));
    }

    [Test]
    public async Task OpenTelemetryBuilder_OneLine_TracesAndMeasures()
    {
        List<Metric> metrics = [];
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddOpenTelemetry()
            .AddCachetInstrumentation(static o => o.LocalTierSpans = false)
            .WithTracing(t => t.AddInMemoryExporter(_spans))
            .WithMetrics(m => m.AddInMemoryExporter(metrics));
        using IHost host = builder.Build();
        await host.StartAsync();
        await _cache.InsertAsync("k", "v");
        host.Services.GetRequiredService<MeterProvider>().ForceFlush();
        Assert.That(TraceText.Of(_spans), Is.EqualTo($"{Operation}\n{Remote}"));
        Assert.That(metrics.Select(static m => m.Name), Does.Contain("cache.operation.duration").And.Contain("cache.tier.duration"));
        await host.StopAsync();
    }

    [Test]
    public void OpenTelemetryBuilder_Null_IsRefusedByName() =>
        Assert.That(
            Assert.Throws<ArgumentNullException>(static () => ((IOpenTelemetryBuilder)null!).AddCachetInstrumentation())!.ParamName, Is.EqualTo("builder"));

    private static ICache<string, string> Build(string name) => Cache.Builder<string, string>(name)
        .Memory().Tier(new FakeCacheTier<string, string>(), static o => o.Remote = true).Build();

    private TracerProvider Traces(Action<CachetTraceOptions> configure) =>
        Sdk.CreateTracerProviderBuilder().AddCachetInstrumentation(configure).AddInMemoryExporter(_spans).Build();

    private async Task RunHosted(
        Dictionary<string, string?> settings, Action<HostApplicationBuilder> configure, Func<TracerProviderBuilder, TracerProviderBuilder> instrument)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings);
        configure(builder);
        builder.Services.AddOpenTelemetry().WithTracing(t => instrument(t).AddInMemoryExporter(_spans));
        using IHost host = builder.Build();
        await host.StartAsync();
        await _cache.InsertAsync("k", "v");
        await host.StopAsync();
    }
}
