using Cachet;
using CachetTests.Otlp;
using OpenTelemetry.Exporter;

namespace CachetTests;

/// <summary>Metrics, and the exemplars that lead from them to spans, as a collector is sent them by the real exporters, over both protocols of
/// OTLP.</summary>
[TestFixture(OtlpExportProtocol.Grpc, OtlpExportCompression.None)]
[TestFixture(OtlpExportProtocol.Grpc, OtlpExportCompression.GZip)]
[TestFixture(OtlpExportProtocol.HttpProtobuf, OtlpExportCompression.None)]
[TestFixture(OtlpExportProtocol.HttpProtobuf, OtlpExportCompression.GZip)]
public sealed class OtlpMetricTests(OtlpExportProtocol protocol, OtlpExportCompression compression) : OtlpFixture(protocol, compression)
{
    // Seconds, as the telemetry contract has them.
    private static readonly double[] _bounds =
        [0.0000005, 0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

    private static readonly double[] _loadBounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
    private static readonly double[] _sizeBounds = [64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304];

    [Test]
    public void Metrics_AreOfTheScopeOfTheContractAndHaveUnitAndDescription()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (Received<Metric> metric in Received.Metrics)
            {
                Assert.That($"{metric.Origin}", Is.EqualTo($"Cachet {VersionAndSchema}"), metric.Data.Name);
                Assert.That(metric.Data.Unit, Is.Not.Empty, metric.Data.Name);
                Assert.That(metric.Data.Description, Does.EndWith("."), metric.Data.Name);
            }
        }
    }

    [Test]
    public void OperationDuration_CountsEachOperationOnce() => AssertHistogram(TelemetryNames.OperationDuration, "s", _bounds, """
        coalesced=True, operation=get_or_insert, outcome=loaded: 1
        operation=get, outcome=hit, tier.name=l1: 1
        operation=get, outcome=hit, tier.name=l2: 1
        operation=get_or_insert, outcome=error, error.type=System.TimeoutException: 1
        operation=get_or_insert, outcome=hit, tier.name=l1: 1
        operation=get_or_insert, outcome=loaded: 2
        operation=refresh, outcome=refreshed: 1
        """);

    [Test]
    public void TierDuration_CountsEachCallOnce() => AssertHistogram(TelemetryNames.TierDuration, "s", _bounds, """
        fallback=False, outcome=expired, tier.name=l1, tier.operation=get: 1
        fallback=False, outcome=hit, tier.name=l1, tier.operation=get: 2
        fallback=False, outcome=inserted, tier.name=l1, tier.operation=insert: 4
        fallback=False, outcome=miss, tier.name=l1, tier.operation=get: 4
        fallback=True, outcome=hit, tier.name=l2, tier.operation=get: 2
        fallback=True, outcome=inserted, tier.name=l2, tier.operation=insert: 3
        fallback=True, outcome=miss, tier.name=l2, tier.operation=get: 3
        """);

    [Test]
    public void LoadDuration_CountsEachLoadOnce() => AssertHistogram(TelemetryNames.LoadDuration, "s", _loadBounds, """
        outcome=error, error.type=System.TimeoutException: 1
        outcome=loaded: 3
        """);

    [Test]
    public void EntrySize_CountsWhatWasReadAndStored() => AssertHistogram(TelemetryNames.EntrySize, "By", _sizeBounds, """
        tier.name=l2, tier.operation=get: 2
        tier.name=l2, tier.operation=insert: 3
        """);

    [Test]
    public async Task Counts_WhileALoadIsUnderWay_AreSumsThatOnlyGrowWhereTheyMust()
    {
        var gate = new Gate();
        await using Collector collector = await StartCollectorAsync();
        await using (ObservedShop shop = await OpenShopAsync(collector))
        {
            await shop.Products.InsertAsync("p1", Product.Of("p1"));
            shop.MoveOn(TimeSpan.FromSeconds(31));
            await shop.Products.GetAsync("p1"); // Memory drops its copy, and is given another.
            Task<Product> load = shop.Products.GetOrInsertAsync("p2", async (id, cancellationToken) =>
            {
                await gate.PassAsync(cancellationToken);
                return Product.Of(id);
            }).AsTask();
            await gate.Reached;
            shop.Flush();
            gate.Open();
            await load;
        }

        string[] sums = [TelemetryNames.Entries, TelemetryNames.EntryEvictions, TelemetryNames.LoadActive];
        Assert.That(
            sums.Select(name => SumText.Of(collector.Received.Metrics.Select(static m => m.Data).First(m => m.Name == name))),
            Is.EqualTo(new[]
            {
                "cache.entries, {entry}: name=products, tier.name=l1: 1",
                "cache.entry.evictions, {eviction}, monotonic: eviction.reason=expired, name=products, tier.name=l1: 1",
                "cache.load.active, {load}: name=products: 1",
            }));
    }

    [TestCase(TelemetryNames.OperationDuration)]
    [TestCase(TelemetryNames.TierDuration)]
    [TestCase(TelemetryNames.LoadDuration)]
    public void Exemplars_OfEveryPoint_LeadToASpanThatIsCountedThere(string name)
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (HistogramDataPoint point in Received.Metric(name).Data.Histogram.DataPoints)
            {
                Assert.That(point.Exemplars, Is.Not.Empty, $"{point.Attributes}");
                foreach (Exemplar exemplar in point.Exemplars)
                {
                    Span? span = Find(exemplar.TraceId, exemplar.SpanId);
                    Assert.That(span, Is.Not.Null, $"{point.Attributes}");
                    Assert.That(Told(point.Attributes), Is.EqualTo(Told(span!.Attributes)), span.Name);
                    Assert.That(exemplar.AsDouble * 1e9, Is.EqualTo((double)(span.EndTimeUnixNano - span.StartTimeUnixNano)).Within(200), span.Name);
                }
            }
        }

        // What a point and a span both say. A load's outcome is on its point alone.
        string Told(IEnumerable<KeyValue> attributes) => string.Join(", ", attributes.ByName()
            .Where(a => name != TelemetryNames.LoadDuration || a.Key != TelemetryNames.Outcome)
            .Where(static a => a.Key != TelemetryNames.EntrySize)
            .Select(static a => $"{a.Key}={a.Value}")
            .Order(StringComparer.Ordinal));
    }

    [Test]
    public void Exemplars_OfSizes_LeadToTheTierCallThatReadOrStoredThem()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (HistogramDataPoint point in Received.Metric(TelemetryNames.EntrySize).Data.Histogram.DataPoints)
            {
                Assert.That(point.Exemplars, Has.Count.EqualTo(1), "All are of one size, so of one bucket.");
                Span? span = Find(point.Exemplars[0].TraceId, point.Exemplars[0].SpanId);
                Assert.That(span?.Name, Is.EqualTo($"cache.tier {point.Attributes.ByName()[TelemetryNames.TierOperation]} l2"));
                Assert.That(span?.Attributes.ByName()[TelemetryNames.EntrySize], Is.EqualTo(point.Exemplars[0].AsDouble));
            }
        }
    }

    private void AssertHistogram(string name, string unit, double[] bounds, string points)
    {
        Metric metric = Received.Metric(name).Data;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(metric.Unit, Is.EqualTo(unit));
            Assert.That(metric.Histogram.AggregationTemporality, Is.EqualTo(AggregationTemporality.Cumulative));
            Assert.That(metric.Histogram.DataPoints.Select(static p => p.ExplicitBounds), Is.All.EqualTo(bounds));
            Assert.That(metric.Histogram.DataPoints.Select(static p => p.BucketCounts.Count), Is.All.EqualTo(bounds.Length + 1));
            Assert.That(metric.Histogram.DataPoints.Where(static p => p.BucketCounts.Sum(static c => (long)c) != (long)p.Count), Is.Empty);
            Assert.That(HistogramText.Of(metric), Is.EqualTo(points));
        }
    }
}
