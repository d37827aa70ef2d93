using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.RegularExpressions;
using Cachet;
using CachetTests.Registry;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace CachetTests;

/// <summary>How many series there can be is bounded, and docs/observability.md tells the bound.</summary>
[CancelAfter(120_000)]
public sealed partial class SeriesBudgetTests
{
    private const int Caches = 1_000;
    private const string Overflow = "otel.metric.overflow";

    private static readonly string[] _tiers = ["l1", "l2", "l3"];

    private readonly List<Metric> _exported = [];
    private readonly string _prefix = $"busy-{Guid.NewGuid():N}-"; // Caches of other tests may still be alive.

    private static IReadOnlyList<string[]> Table => ObservabilityPage.Table("| instrument | points of a cache, at most |");

    [Test]
    public void Points_OfACache_AreBoundedAsThePageSays([Range(1, 5)] int count)
    {
        string[] tiers = [.. Enumerable.Range(1, count).Select(static i => $"l{i}")];
        var without = new PossibleSeries(tiers, tiers[1..], tiers[..1], tiers[..1], failing: false);
        var with = new PossibleSeries(tiers, tiers[1..], tiers[..1], tiers[..1], failing: true);

        Assert.That(Table.Select(static r => r[0].Trim('`')), Is.SupersetOf(with.Instruments).And.Unique);
        Assert.That(Table, Has.Count.EqualTo(7));
        using IDisposable all = Assert.EnterMultipleScope();
        foreach (string[] row in Table)
        {
            string instrument = row[0].Trim('`');
            if (count == 1 && instrument == TelemetryNames.EntrySize) continue; // Nothing is serialized then.
            Assert.That(Evaluate(row[1], count, count - 1, 1, 1), Is.EqualTo(without[instrument].Count), instrument);
            Assert.That(Evaluate(row[2], count, 0, 0, 0), Is.EqualTo(with[instrument].Count - without[instrument].Count), $"{instrument}, more for a type of exception");
        }
    }

    [Test]
    public void Points_OfAThousandCaches_AreAsManyAsThePageSays()
    {
        int each = Table.Sum(static r => Evaluate(r[1], 3, 2, 1, 1));
        int more = Table.Sum(static r => Evaluate(r[2], 3, 2, 1, 1));
        int largest = Table.Max(static r => Evaluate(r[1], 3, 2, 1, 1));

        Assert.That(ObservabilityPage.Sentence("A cache of a memory tier"), Is.EqualTo(string.Create(CultureInfo.InvariantCulture,
            $"A cache of a memory tier and two distributed ones has at most {each} points, and {more} more for each type of exception; 1,000 such caches have at most {1_000 * each:N0}")));
        Assert.That(
            ObservabilityPage.Sentence("That is"),
            Is.EqualTo($"That is {2_000 / largest} caches of three tiers if all that can happen does happen"));
    }

    [Test]
    public async Task Points_OfAStoryInWhichEverythingHappens_AreAmongThePossible(CancellationToken cancellationToken)
    {
        using var recorder = new EmissionRecorder();
        await new Story(recorder, cancellationToken).TellAsync();
        string[] tiers = _tiers[..2];
        var possible = new PossibleSeries(tiers, tiers, tiers, tiers, failing: true);

        Emission[] measured = [.. recorder.Measurements.Emissions.Where(static e => e.Attributes is not null)];
        HashSet<string?> ours = [.. measured.Where(static e => e.Name == TelemetryNames.LoadActive).Select(CacheOf)];
        ILookup<bool, Emission> byOurs = measured.ToLookup(e => ours.Contains(CacheOf(e)));

        Assert.That(byOurs[true].Select(Series).Distinct(), Is.Not.Empty.And.SubsetOf(All(possible)));
        Assert.That(byOurs[false], Is.Not.Empty, "caches that are decorated: they have no loads under way");
        using IDisposable all = Assert.EnterMultipleScope();
        foreach (IGrouping<(string? Cache, string Instrument), Emission> points in byOurs[false].GroupBy(static e => (CacheOf(e), e.Name)))
        {
            string[] row = Table.Single(r => r[0].Trim('`') == points.Key.Instrument);
            int bound = Evaluate(row[1], 1, 1, 1, 1) + Evaluate(row[2], 1, 1, 1, 1);
            Assert.That(points.Select(Series).Distinct().Count(), Is.AtMost(bound), $"{points.Key}, as of one tier");
        }

        static string? CacheOf(Emission emission) => emission.Find(TelemetryNames.CacheName);

        static string Series(Emission emission) => $"{emission.Name} {PossibleSeries.Write(emission.Attributes!
            .Where(static a => a.Name != TelemetryNames.CacheName)
            .Select(static a => a.Name == TelemetryNames.ErrorType ? $"{a.Name}={PossibleSeries.ErrorType}" : $"{a.Name}={a.Text}"))}".TrimEnd();
    }

    [Test]
    public async Task Points_OfAThousandBusyCaches_AreWithinTheBound()
    {
        var possible = new PossibleSeries(_tiers, _tiers[1..], _tiers[..1], _tiers[..1], failing: true);
        using MeterProvider provider = Provider(static _ => new MetricStreamConfiguration { CardinalityLimit = 50_000 });
        await LiveAsync(provider);

        Dictionary<string, string[]> byCache = Points().GroupBy(static p => p.Cache, static p => p.Series).ToDictionary(static c => c.Key, static c => c.ToArray());
        Assert.That(byCache, Has.Count.EqualTo(Caches), "no cache lost its name");
        string[] first = [.. byCache.First().Value.Order(StringComparer.Ordinal)];
        Assert.That(first, Is.Unique.And.SubsetOf(All(possible)));
        Assert.That(byCache.Values.Select(static c => c.Length), Is.All.EqualTo(first.Length), "all went through the same");
        int usual = first.Count(static s => !s.Contains("error", StringComparison.Ordinal));
        Assert.That(ObservabilityPage.Sentence("What usually happens"), Is.EqualTo($"What usually happens to a cache leaves {usual} of them"));
    }

    [Test]
    public async Task Points_BeyondTheSdksLimit_AreOneWithoutNamesAndNothingIsLostOfTheSum()
    {
        using MeterProvider provider = Provider(static _ => null);
        await LiveAsync(provider);

        Metric tiers = _exported.Single(static m => m.Name == TelemetryNames.TierDuration);
        List<(string Tags, long Count)> points = [];
        foreach (ref readonly MetricPoint point in tiers.GetMetricPoints()) points.Add((Tags(point), point.GetHistogramCount()));
        long named = points.Where(static p => !p.Tags.Contains(Overflow, StringComparison.Ordinal)).Sum(static p => p.Count);
        (_, long folded) = points.Single(static p => p.Tags == $"{Overflow}=true");
        Assert.That(points, Has.Count.InRange(2_000, 2_001));
        Assert.That(named + folded, Is.EqualTo(Caches * await CallsOnTiersAsync()));
    }

    /// <summary>What a bound in the page comes to.</summary>
    private static int Evaluate(string cell, int tiers, int serializing, int evicting, int counting)
    {
        if (cell.Length == 0) return 0;
        Match terms = Terms().Match(cell);
        Assert.That(terms.Success, Is.True, $"'{cell}' is no bound");
        int kind = terms.Groups["tiers"].Value switch
        {
            "" => 0,
            "tiers" => tiers,
            "tiers that serialize" => serializing,
            "tiers that evict" => evicting,
            "tiers that can count" => counting,
            string other => throw new AssertionException($"'{other}' is no kind of tiers"),
        };
        return (Number("factor", 1) * kind) + Number("constant", 0);

        int Number(string group, int otherwise) =>
            terms.Groups[group].Success ? int.Parse(terms.Groups[group].Value, CultureInfo.InvariantCulture) : otherwise;
    }

    private static IEnumerable<string> All(PossibleSeries possible) =>
        possible.Instruments.SelectMany(i => possible[i].Select(s => $"{i} {s}".TrimEnd()));

    private static string Tags(in MetricPoint point)
    {
        List<string> tags = [];
        foreach ((string name, object? value) in point.Tags) tags.Add($"{name}={TraceText.Text(value)}");
        return PossibleSeries.Write(tags);
    }

    [GeneratedRegex(@"^((?<factor>\d+) × )?(?<tiers>tiers[a-z ]*?)?( \+ )?(?<constant>\d+)?$")]
    private static partial Regex Terms();

    private MeterProvider Provider(Func<Instrument, MetricStreamConfiguration?> view) =>
        Sdk.CreateMeterProviderBuilder().AddCachetInstrumentation().AddView(view).AddInMemoryExporter(_exported).Build();

    /// <summary>Lets a thousand caches live, and exports what there is before they go.</summary>
    private async Task LiveAsync(MeterProvider provider)
    {
        var clock = new FakeTimeProvider();
        List<BusyCache> caches = [];
        for (int i = 0; i < Caches; i++)
        {
            caches.Add(new($"{_prefix}{i}", clock));
            await caches[^1].LiveAsync();
        }

        provider.ForceFlush();
        foreach (BusyCache cache in caches) await cache.DisposeAsync();
    }

    /// <summary>The points of this test's caches, each with its instrument and its attributes but for the cache's name.</summary>
    private List<(string Cache, string Series)> Points()
    {
        List<(string Cache, string Series)> points = [];
        foreach (Metric metric in _exported)
        {
            foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
            {
                string[] tags = Tags(point).Split(' ');
                string? cache = Array.Find(tags, t => t.StartsWith($"cache.name={_prefix}", StringComparison.Ordinal));
                if (cache is not null) points.Add((cache, $"{metric.Name} {string.Join(' ', tags.Except([cache]))}".TrimEnd()));
            }
        }

        return points;
    }

    /// <summary>How many calls on tiers one busy cache makes.</summary>
    private async Task<long> CallsOnTiersAsync()
    {
        using var calls = new MetricCollector<double>(null, TelemetryNames.Scope, TelemetryNames.TierDuration);
        await using var cache = new BusyCache($"{_prefix}counted", new());
        await cache.LiveAsync();
        return calls.GetMeasurementSnapshot().Count;
    }
}
