using System.Diagnostics;
using Cachet;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace CachetTests;

/// <summary>Two providers in one process, who want different things of spans that they share.</summary>
public sealed class ProviderMergeTests
{
    private readonly List<Activity> _first = [];
    private readonly List<Activity> _second = [];
    private ICache<string, string> _cache = null!;

    [SetUp]
    public void SetUp() => _cache = Cache.Builder<string, string>("products")
        .Memory().Tier(new FakeCacheTier<string, string>(), static o => o.Remote = true).Build();

    [TearDown]
    public ValueTask TearDown() => _cache.DisposeAsync();

    [Test]
    public async Task TierSpans_EachProvider_SeesThoseItAskedFor()
    {
        using TracerProvider one = Traces(_first, static o => o.LocalTierSpans = false);
        using TracerProvider other = Traces(_second, static o => o.RemoteTierSpans = false);
        await _cache.InsertAsync("k", "v");
        Assert.That(_first.Select(static s => s.DisplayName), Is.EquivalentTo(["cache.tier insert l2", "cache.insert products"]));
        Assert.That(_second.Select(static s => s.DisplayName), Is.EquivalentTo(["cache.tier insert l1", "cache.insert products"]));
    }

    [Test]
    public async Task Filter_OneAcceptsWhatTheOtherRefuses_BothSeeTheSpans()
    {
        using TracerProvider one = Traces(_first, static o => o.Filter = static (_, operation) => operation == CacheOperation.Get);
        using TracerProvider other = Traces(_second, static o => o.Filter = static (_, operation) => operation == CacheOperation.Insert);
        await _cache.InsertAsync("k", "v");
        await _cache.GetAsync("k");
        await _cache.InvalidateAsync("k");
        string[] seen = ["cache.insert products", "cache.get products"];
        Assert.That(Operations(_first), Is.EqualTo(seen));
        Assert.That(Operations(_second), Is.EqualTo(seen));
    }

    [Test]
    public async Task Filter_OneHasNone_EverythingIsAccepted()
    {
        using TracerProvider one = Traces(_first, static o => o.Filter = static (_, _) => false);
        using TracerProvider other = Traces(_second, static _ => { });
        await _cache.InsertAsync("k", "v");
        Assert.That(Operations(_first), Is.EqualTo(["cache.insert products"]));
        Assert.That(Operations(_second), Is.EqualTo(["cache.insert products"]));
    }

    [Test]
    public async Task Enrich_OfBoth_Runs()
    {
        using TracerProvider one = Traces(_first, static o => o.Enrich = static (span, _) => span.SetTag("a", 1));
        using TracerProvider other = Traces(_second, static o => o.Enrich = static (span, _) => span.SetTag("b", 2));
        await _cache.InsertAsync("k", "v");
        Assert.That(_first[^1].TagObjects.Where(static t => t.Key is "a" or "b").Select(static t => t.Value), Is.EqualTo(new object[] { 1, 2 }));
        Assert.That(_second[^1], Is.SameAs(_first[^1]));
    }

    [TestCase("None", "Full", null)]
    [TestCase("None", "Hash", null)]
    [TestCase("Full", "Hash", "^[0-9a-f]{16}$")]
    [TestCase("Hash", "Redact", "^[0-9a-f]{16}$")]
    [TestCase("Full", "Redact", "^redacted$")]
    [TestCase("Redact", "Redact", null)]
    [TestCase("Full", "Full", "^k$")]
    public async Task KeyRecording_TheOneThatTellsLeast_CountsForAll(string first, string second, string? told)
    {
        using var log = new FaultLog();
        using TracerProvider one = Traces(_first, o => o.KeyRecording = Of(first));
        Assert.That(log.Lines, Is.Empty);
        using TracerProvider other = Traces(_second, o => o.KeyRecording = Of(second));
        await _cache.InsertAsync("k", "v");
        Assert.That(_first[^1].GetTagItem("cache.key"), told is null ? Is.Null : Does.Match(told));
        Assert.That(log.Lines, first == "Full" && second == "Full" ? Is.Empty : Has.One.StartsWith("Tracer providers differ in the option KeyRecording: "));

        static KeyRecording Of(string name) => name switch
        {
            "None" => KeyRecording.None,
            "Hash" => KeyRecording.Hash,
            "Full" => KeyRecording.Full,
            _ => KeyRecording.Redact<string>(static _ => "redacted"),
        };
    }

    [Test]
    public async Task KeyRecording_TheOneThatToldLeastIsGone_TheOthersCounts()
    {
        TracerProvider discreet = Traces(_first, static _ => { });
        using TracerProvider open = Traces(_second, static o => o.KeyRecording = KeyRecording.Full);
        await _cache.InsertAsync("k", "v");
        discreet.Dispose();
        await _cache.InsertAsync("k", "v");
        Assert.That(_second.Where(static s => s.OperationName == "cache.insert").Select(static s => s.GetTagItem("cache.key")), Is.EqualTo(new[] { null, "k" }));
    }

    [Test]
    public async Task Provider_DisposedAndAddedAgain_OnlyTheNewOptionsCount()
    {
        Traces(_first, static o =>
        {
            o.Filter = static (_, _) => false;
            o.Enrich = static (span, _) => span.SetTag("old", true);
            o.KeyRecording = KeyRecording.Hash;
        }).Dispose();
        using TracerProvider again = Traces(_second, static o => o.KeyRecording = KeyRecording.Full);
        await _cache.InsertAsync("k", "v");
        Assert.That(_first, Is.Empty);
        Assert.That(_second[^1].GetTagItem("cache.key"), Is.EqualTo("k"));
        Assert.That(_second[^1].GetTagItem("old"), Is.Null);
    }

    [Test]
    public async Task AddedTwiceToOneProvider_TheLastConfigurationCountsAndEverythingRunsOnce()
    {
        int enriched = 0;
        using TracerProvider provider = Sdk.CreateTracerProviderBuilder()
            .AddCachetInstrumentation(o => (o.LocalTierSpans, o.Enrich) = (false, (_, _) => enriched++))
            .AddCachetInstrumentation(static o => o.RemoteTierSpans = false)
            .AddInMemoryExporter(_first)
            .Build();
        await _cache.InsertAsync("k", "v");
        Assert.That(_first.Select(static s => s.DisplayName), Is.EqualTo(["cache.insert products"]));
        Assert.That(enriched, Is.EqualTo(1));
    }

    private static TracerProvider Traces(List<Activity> exported, Action<CachetTraceOptions> configure) =>
        Sdk.CreateTracerProviderBuilder().AddCachetInstrumentation(configure).AddInMemoryExporter(exported).Build();

    private static IEnumerable<string> Operations(IEnumerable<Activity> spans) =>
        spans.Where(static s => s.OperationName != "cache.tier").Select(static s => s.DisplayName);
}
