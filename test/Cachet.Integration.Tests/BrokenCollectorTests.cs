using System.Globalization;
using Cachet;
using CachetTests.Otlp;
using OpenTelemetry.Exporter;

namespace CachetTests;

/// <summary>A collector that is down, slow or refuses what it is sent costs the cache nothing, and no caller a result.</summary>
[TestFixture(OtlpExportProtocol.Grpc)]
[TestFixture(OtlpExportProtocol.HttpProtobuf)]
public sealed class BrokenCollectorTests(OtlpExportProtocol protocol)
{
    private const int Rounds = 100;
    private const int OperationsARound = 5;
    private const int LimitMilliseconds = 30_000;

    // The exporters would wait far longer for an answer than a test may take.
    private static readonly Pace _pace = new(Queue: 64, Batch: 32, DelayMilliseconds: 20, TimeoutMilliseconds: 600_000);

    private ExporterFaults _faults = null!;

    [SetUp]
    public void Begin() => _faults = new();

    [TearDown]
    public void End() => _faults.Dispose();

    [Test]
    [CancelAfter(LimitMilliseconds)]
    public async Task Operations_NobodyListens_AreAllRight()
    {
        await using (ObservedShop shop = await OpenAsync(FreePort.Next()))
        {
            await TradeAsync(shop);
            shop.Flush();
        }

        Assert.That(_faults.Heard, Is.Not.Empty, "It was tried.");
    }

    [TestCase(CollectorAnswer.Unavailable)]
    [TestCase(CollectorAnswer.Refused)]
    [CancelAfter(LimitMilliseconds)]
    public async Task Operations_CollectorRefuses_AreAllRight(CollectorAnswer answer)
    {
        await using Collector collector = await Collector.StartAsync(protocol, answer);
        await using (ObservedShop shop = await OpenAsync(collector.Port))
        {
            await TradeAsync(shop);
            shop.Flush();
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(collector.Answers, Is.Positive);
            Assert.That(_faults.Heard, Is.Not.Empty, "It was refused.");
        }
    }

    [Test]
    [CancelAfter(LimitMilliseconds)]
    public async Task Operations_CollectorHoldsItsAnswer_CompleteMeanwhileAndWhatWaitsIsBounded(CancellationToken cancellationToken)
    {
        var hold = new Gate();
        await using CancellationTokenRegistration limit = cancellationToken.Register(hold.Open); // Whoever waits for the collector ends, and fails.
        await using Collector collector = await Collector.StartAsync(protocol, hold: hold);
        int spans;
        int logs;
        int answers;
        await using (ObservedShop shop = await OpenAsync(collector.Port))
        {
            await HoldAsync(shop, collector);
            spans = collector.Received.Spans.Count;
            logs = collector.Received.Logs.Count;
            await TradeAsync(shop);
            answers = collector.Answers;
            hold.Open();
        }

        IEnumerable<HistogramDataPoint> operations = collector.Received.Metric(TelemetryNames.OperationDuration).Data.Histogram.DataPoints;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answers, Is.Zero, "All of it happened while the collector held its answers.");
            Assert.That(collector.Received.Spans, Has.Count.EqualTo(spans + _pace.Queue), "The queue was full, and the rest was dropped.");
            Assert.That(collector.Received.Logs, Has.Count.EqualTo(logs + _pace.Queue));
            Assert.That(operations.Sum(static p => (long)p.Count), Is.EqualTo(1 + (Rounds * OperationsARound)), "Metrics add up: nothing is lost.");
        }
    }

    [Test]
    [CancelAfter(LimitMilliseconds)]
    public async Task Shutdown_CollectorHoldsItsAnswer_EndsInTheTimeItIsGiven(CancellationToken cancellationToken)
    {
        var hold = new Gate();
        await using CancellationTokenRegistration limit = cancellationToken.Register(hold.Open);
        await using Collector collector = await Collector.StartAsync(protocol, hold: hold);
        await using ObservedShop shop = await OpenAsync(collector.Port);
        await HoldAsync(shop, collector);

        shop.ShutTelemetryDown(timeoutMilliseconds: 500);
        int answers = collector.Answers;
        await TradeAsync(shop);

        Assert.That(answers, Is.Zero, "The collector still held its answers.");
        hold.Open();
    }

    /// <summary>Waits until the collector holds a request of every signal.</summary>
    private static async Task HoldAsync(ObservedShop shop, Collector collector)
    {
        await shop.Products.GetAsync("first");
        await collector.Received.UntilAsync(static r => r.HasAllSignals);
    }

    private static async Task TradeAsync(ObservedShop shop)
    {
        var failure = new TimeoutException();
        for (int i = 0; i < Rounds; i++)
        {
            string key = $"p{i.ToString(CultureInfo.InvariantCulture)}";
            Product loaded = await shop.Products.GetOrInsertAsync(key, Product.LoadAsync);
            CacheEntry<Product>? found = await shop.Products.GetAsync(key);
            await shop.Products.InvalidateAsync(key);
            CacheEntry<Product>? gone = await shop.Products.GetAsync(key);

            Assert.That(loaded, Is.EqualTo(Product.Of(key)));
            Assert.That(found?.Value, Is.SameAs(loaded));
            Assert.That(gone, Is.Null);
            Assert.That(async () => await shop.Products.GetOrInsertAsync(key, (_, _) => throw failure), Throws.Exception.SameAs(failure));
        }
    }

    private Task<ObservedShop> OpenAsync(int port) => ObservedShop.OpenAsync(Exporters.Otlp(protocol, port, pace: _pace));
}
