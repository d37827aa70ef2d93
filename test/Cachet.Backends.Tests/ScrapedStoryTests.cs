using System.Diagnostics;
using System.Net;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CachetTests;

/// <summary>A story with known counts, scraped by Debian's Prometheus: the queries that the pages show give the right numbers, and exemplars lead to
/// the traces that were recorded.</summary>
/// <remarks>Between two scrapes every series grows by what a round adds, so that what Prometheus extrapolates is the same share of each. Ratios come out
/// exactly, and rates are compared with one that is known.</remarks>
[CancelAfter(120_000)]
public sealed class ScrapedStoryTests
{
    private const string KnownRate = """sum(rate(cache_load_duration_seconds_count{cache_name="products", cache_outcome="loaded"}[5m]))""";
    private const int KnownPerRound = 8;
    private const string AllOperations = "sum(cache_operation_duration_seconds_count)";

    private static readonly string[] _live = ["load-active", "entries"]; // What holds at the moment, with tests of their own.

    private readonly int _port = FreePort.Next();
    private readonly List<Activity> _spans = [];
    private readonly ScrapedStory _story = new();
    private TracerProvider _traces = null!;
    private MeterProvider _metrics = null!;
    private PrometheusServer _prometheus = null!;
    private string _end = null!;

    private static IEnumerable<string> Figures => Expected.Figures.Keys;

    private static IEnumerable<string> Rates => Expected.Rates.Keys;

    [OneTimeSetUp]
    public async Task TellAsync()
    {
        _traces = Sdk.CreateTracerProviderBuilder().AddCachetInstrumentation().AddInMemoryExporter(_spans).Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .AddCachetInstrumentation()
            .SetExemplarFilter(ExemplarFilterType.TraceBased)
            .AddPrometheusHttpListener(o => (o.Host, o.Port) = ("127.0.0.1", _port))
            .Build();
        await _story.TellRoundAsync();
        _prometheus = await PrometheusServer.StartNewAsync(_port);
        await _prometheus.WhenAsync(AllOperations, ScrapedStory.OperationsPerRound);
        await _story.TellRoundAsync();
        _end = await _prometheus.WhenAsync(AllOperations, 2 * ScrapedStory.OperationsPerRound);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_prometheus is not null) await _prometheus.DisposeAsync();
        _metrics?.Dispose();
        _traces?.Dispose();
        await _story.DisposeAsync();
    }

    [TestCaseSource(nameof(Figures))]
    public async Task Query_OfAFigure_GivesIt(string name) =>
        Assert.That(await AnswerAsync(name), Is.EquivalentTo(Expected.Figures[name]).Using<KeyValuePair<string, double>>(AreEqual));

    [TestCaseSource(nameof(Rates))]
    public async Task Query_OfARate_GivesWhatARoundAdds(string name)
    {
        double perRound = (await _prometheus.SeriesAsync(KnownRate, _end))[""] / KnownPerRound;
        Dictionary<string, double> rounds = (await AnswerAsync(name)).ToDictionary(static s => s.Key, s => s.Value / perRound);

        Assert.That(rounds, Is.EquivalentTo(Expected.Rates[name]).Using<KeyValuePair<string, double>>(AreEqual));
    }

    [Test]
    public async Task Query_OfEntries_CountsThemNow() => Assert.That(await AnswerAsync("entries"), Is.EquivalentTo(await _story.EntriesAsync()));

    [Test]
    public async Task Query_OfLoadsUnderWay_CountsThemNow()
    {
        string query = Text("load-active");
        var gate = new Gate();
        Task load = await _story.LoadHeldAsync(gate);

        await Poll.UntilAsync(
            async () => (await _prometheus.SeriesAsync(query)).GetValueOrDefault("prices") == 1, () => $"'{query}' never counted the load.");

        gate.Open();
        await load;
        Assert.That((await AnswerAsync("load-active")).Keys, Is.EquivalentTo(new[] { "products", "prices", "sessions", "pages" }));
        Assert.That((await AnswerAsync("load-active")).Values, Is.All.Zero, "as of the end of the story");
    }

    [Test]
    public async Task Series_OfAPoint_AreAsManyAsThePageSays()
    {
        Dictionary<string, string> points = new()
        {
            ["cache.operation.duration"] = "cache_operation_duration_seconds_count",
            ["cache.tier.duration"] = "cache_tier_duration_seconds_count",
            ["cache.load.duration"] = "cache_load_duration_seconds_count",
            ["cache.load.active"] = "cache_load_active",
            ["cache.entry.size"] = "cache_entry_size_bytes_count",
            ["cache.entry.evictions"] = "cache_entry_evictions_total",
            ["cache.entries"] = "cache_entries",
        };
        IReadOnlyList<string[]> table = ObservabilityPage.Table("| instrument | points of a cache, at most |");
        Dictionary<string, double> counted = [];
        foreach ((string instrument, string point) in points)
        {
            string all = point.Replace("_count", "_.+", StringComparison.Ordinal).Replace("_total", "_.+", StringComparison.Ordinal);
            counted[instrument] = (await _prometheus.SeriesAsync($$"""count({__name__=~"{{all}}"}) / count({{point}})""", _end))[""];
        }

        Assert.That(table.ToDictionary(static r => r[0].Trim('`'), static r => Exposition.Number(r[3])), Is.EquivalentTo(counted));
    }

    [Test]
    public void Queries_OfThePages_AreAllTested()
    {
        Assert.That(PageQuery.All.Select(static q => q.Name), Is.EquivalentTo(Figures.Concat(Rates).Concat(_live)));
        Assert.That(PageQuery.Blocks, Is.EqualTo(PageQuery.All.Count), "blocks of PromQL, each below a comment with its name");
    }

    [Test]
    public async Task Exemplars_OfEverySeriesThatHasSome_AreSpansOfRecordedTraces()
    {
        IReadOnlyList<(IReadOnlyDictionary<string, string> Series, IReadOnlyDictionary<string, string> Own)> exemplars =
            await _prometheus.ExemplarsAsync("""{__name__=~"cache_.+"}""");

        Assert.That(exemplars.Select(static e => e.Series["__name__"]).Distinct(), Is.EquivalentTo(new[]
        {
            "cache_operation_duration_seconds_bucket", "cache_tier_duration_seconds_bucket", "cache_load_duration_seconds_bucket",
            "cache_entry_size_bytes_bucket", "cache_entry_evictions_total",
        }));
        using IDisposable all = Assert.EnterMultipleScope();
        foreach ((IReadOnlyDictionary<string, string> series, IReadOnlyDictionary<string, string> own) in exemplars)
        {
            Activity? span = _spans.SingleOrDefault(s => s.TraceId.ToHexString() == own["trace_id"] && s.SpanId.ToHexString() == own["span_id"]);
            Assert.That(span?.DisplayName, Is.EqualTo(SpanOf(series)));
        }
    }

    [Test]
    public async Task Scrape_UnderAHostNameThatTheListenerWasNotGiven_IsNotFound()
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{_port}/metrics"));
        request.Headers.Host = "host.docker.internal";

        using HttpResponseMessage response = await client.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Promtool_CheckMetricsOfAllInstruments_HasNothingToSay()
    {
        string scrape = await QuickStart.ScrapeAsync(_port);
        Assert.That(Exposition.Parse(scrape).Types.Where(static t => t.Key.StartsWith("cache_", StringComparison.Ordinal)), Is.EquivalentTo(new Dictionary<string, string>
        {
            ["cache_operation_duration_seconds"] = "histogram",
            ["cache_tier_duration_seconds"] = "histogram",
            ["cache_load_duration_seconds"] = "histogram",
            ["cache_load_active"] = "gauge",
            ["cache_entry_size_bytes"] = "histogram",
            ["cache_entry_evictions_total"] = "counter",
            ["cache_entries"] = "gauge",
        }));

        await using ChildProcess promtool = ChildProcess.Start("promtool", ["check", "metrics"], input: scrape);
        int code = await promtool.ExitAsync(TimeSpan.FromSeconds(30));

        Assert.That((code, string.Join('\n', promtool.Output.Concat(promtool.Error))), Is.EqualTo((0, "")));
    }

    private static string Text(string name) => PageQuery.All.Single(q => q.Name == name).Text;

    // Sums of durations are rounded, and so are the products of them.
    private static bool AreEqual(KeyValuePair<string, double> actual, KeyValuePair<string, double> expected) =>
        actual.Key == expected.Key && Math.Abs(actual.Value - expected.Value) <= 1e-9 * Math.Abs(expected.Value);

    private static string SpanOf(IReadOnlyDictionary<string, string> series) => series["__name__"] switch
    {
        "cache_operation_duration_seconds_bucket" => $"cache.{series["cache_operation"]} {series["cache_name"]}",
        "cache_load_duration_seconds_bucket" => $"cache.load {series["cache_name"]}",
        "cache_entry_evictions_total" => $"cache.tier insert {series["cache_tier_name"]}",
        _ => $"cache.tier {series["cache_tier_operation"]} {series["cache_tier_name"]}",
    };

    private Task<IReadOnlyDictionary<string, double>> AnswerAsync(string name) => _prometheus.SeriesAsync(Text(name), _end);
}
