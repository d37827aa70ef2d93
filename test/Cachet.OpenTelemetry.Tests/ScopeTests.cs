using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using OpenTelemetry.Trace;

namespace CachetTests;

/// <summary>The instrumentation scopes: names, version, schema.</summary>
public sealed class ScopeTests
{
    private static readonly string _version = typeof(CachetTracerProviderBuilderExtensions).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private TraceRecorder _trace = null!;

    [SetUp]
    public void SetUp() => _trace = new();

    [TearDown]
    public void TearDown() => _trace.Dispose();

    [Test]
    public async Task Spans_EachKind_ComesFromItsSource()
    {
        ICache<string, string> cache = Cache.Builder<string, string>("products")
            .Memory()
            .Tier(new FakeCacheTier<string, string>(), static o => o.Remote = true)
            .Tier(new FakeCacheTier<string, string>())
            .Build();
        await cache.GetOrInsertAsync("k", static (_, _) => new("v"));
        Assert.That(
            _trace.Spans.Select(static s => $"{s.Source.Name}: {s.DisplayName}").Distinct().Order(StringComparer.Ordinal),
            Is.EqualTo(
            [
                "Cachet.Tiers.Local: cache.tier get l1",
                "Cachet.Tiers.Local: cache.tier get l3",
                "Cachet.Tiers.Local: cache.tier insert l1",
                "Cachet.Tiers.Local: cache.tier insert l3",
                "Cachet.Tiers.Remote: cache.tier get l2",
                "Cachet.Tiers.Remote: cache.tier insert l2",
                "Cachet: cache.get_or_insert products",
                "Cachet: cache.load products",
            ]));
    }

    [Test]
    public async Task Spans_DistributedTierSaidToBeLocal_ComesFromTheLocalSource()
    {
        var store = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
        ICache<string, string> local = Cache.Builder<string, string>("a").Distributed(store, static o => o.Remote = false).Build();
        ICache<string, string> remote = Cache.Builder<string, string>("b").Distributed(store).Build();
        await local.GetAsync("k");
        await remote.GetAsync("k");
        Assert.That(
            _trace.Spans.Where(static s => s.OperationName == "cache.tier").Select(static s => s.Source.Name),
            Is.EqualTo(["Cachet.Tiers.Local", "Cachet.Tiers.Remote"]));
    }

    [Test]
    public async Task Sources_All_HaveTheVersionWithoutTheCommitAndASchema()
    {
        ICache<string, string> cache = Cache.Builder<string, string>("products")
            .Memory().Tier(new FakeCacheTier<string, string>(), static o => o.Remote = true).Build();
        await cache.GetAsync("k");
        ActivitySource[] sources = [.. _trace.Spans.Select(static s => s.Source).Distinct()];
        Assert.That(sources, Has.Length.EqualTo(3));
        Assert.That(sources.Select(static s => s.Version), Is.All.EqualTo(_version.Split('+')[0]));
        Assert.That(sources.Select(static s => s.TelemetrySchemaUrl), Is.All.Matches(@"^https://opentelemetry\.io/schemas/\d+\.\d+\.\d+$"));
        Assert.That(sources.SelectMany(static s => s.Tags ?? []), Is.Empty);
    }

    [Test]
    public async Task Meter_Instruments_AreOfOneMeterWithTheVersionAndASchema()
    {
        List<Instrument> published = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == "Cachet") published.Add(instrument);
            },
        };
        listener.Start();
        using var metrics = new MetricRecorder();
        ICache<string, string> cache = Cache.Builder<string, string>("products").Memory().Build();
        await cache.GetOrInsertAsync("k", static (_, _) => new("v"));
        Meter meter = published.Select(static i => i.Meter).Distinct().Single();
        Assert.That(meter.Version, Is.EqualTo(_version.Split('+')[0]));
        Assert.That(meter.TelemetrySchemaUrl, Does.Match(@"^https://opentelemetry\.io/schemas/\d+\.\d+\.\d+$"));
        Assert.That(meter.TelemetrySchemaUrl, Is.EqualTo(_trace.Spans[^1].Source.TelemetrySchemaUrl));
        Assert.That(metrics.Export().Select(static m => (m.MeterName, m.MeterVersion)), Is.All.EqualTo(("Cachet", _version.Split('+')[0])));
    }
}
