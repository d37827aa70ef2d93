using System.Diagnostics;
using System.Globalization;
using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>Whose span is whose child, with a store whose client makes spans, and with many operations on one connection.</summary>
public sealed class ParentageTests
{
    private const int Many = 200;

    private FakeTimeProvider _time = null!;
    private Telemetry _telemetry = null!;

    [SetUp]
    public void Begin()
    {
        _time = new();
        _telemetry = new();
    }

    [TearDown]
    public void End() => _telemetry.Dispose();

    [Test]
    public async Task ClientSpans_OfEveryOperation_AreBelowTheTierSpanAndTheCallerGetsItsOwnBack()
    {
        await using Node<Product> node = await JoinAsync();
        using (Activity? caller = Telemetry.Tests.StartActivity("caller"))
        {
            await node.Cache.GetOrInsertAsync("p1", Product.LoadAsync);
            Assert.That(Activity.Current, Is.SameAs(caller));
            await node.Cache.InsertAsync("p1", Product.Of("p1"));
            _time.Advance(TimeSpan.FromSeconds(31));
            await node.Cache.GetAsync("p1");
            await node.Cache.InvalidateAsync("p1");
            await node.Cache.ClearAsync();
            Assert.That(Activity.Current, Is.SameAs(caller));
        }

        Assert.That(_telemetry.TakeText(), Is.EqualTo("""
            caller
              cache.get_or_insert products: loaded
                cache.tier get l1: miss; fallback=False
                cache.tier get l2: miss; fallback=True
                  HMGET ~generation; kind=Client
                  HSET ~generation; kind=Client
                  HMGET p1; kind=Client
                cache.load products
                cache.tier insert l1: inserted; fallback=False
                cache.tier insert l2: inserted; fallback=True, entry.size=80
                  HSET p1; kind=Client
              cache.insert products: inserted
                cache.tier insert l1: inserted; fallback=False
                cache.tier insert l2: inserted; fallback=True, entry.size=80
                  HSET p1; kind=Client
              cache.get products: hit; tier.name=l2
                cache.tier get l1: expired; fallback=False
                cache.tier get l2: hit; fallback=True, entry.size=80
                  HMGET ~generation; kind=Client
                  HMGET p1; kind=Client
                cache.tier insert l1: inserted; fallback=False
              cache.invalidate products: invalidated
                cache.tier invalidate l1: invalidated; fallback=False
                cache.tier invalidate l2: invalidated; fallback=True
                  DEL p1; kind=Client
              cache.clear products: cleared
                cache.tier clear l1: cleared; fallback=False
                cache.tier clear l2: cleared; fallback=True
                  HSET ~generation; kind=Client
            """));
    }

    [Test]
    public async Task GetOrInsert_ManyAtOnceOnOneConnection_EachTreeHoldsItsOwnSpansAndNoOthers()
    {
        await using Node<Product> node = await JoinAsync();
        await node.Cache.InsertAsync("warm", Product.Of("up")); // The generation is read: from here on every operation does the same.
        _telemetry.Take();

        string[] keys = [.. Enumerable.Range(100, Many).Select(static i => $"k{i.ToString(CultureInfo.InvariantCulture)}")];
        await Task.WhenAll(keys.Select(key => Task.Run(async () =>
        {
            using Activity? caller = Telemetry.Tests.StartActivity($"caller of {key}");
            Product product = await node.Cache.GetOrInsertAsync(key, static async (id, _) =>
            {
                await Task.Yield();
                using Activity? database = Telemetry.Tests.StartActivity($"SELECT {id}");
                return Product.Of(id);
            });
            Assert.That(product, Is.EqualTo(Product.Of(key)));
        })));

        string[] trees = [.. _telemetry.Take().GroupBy(static s => s.TraceId).Select(static g => TraceText.Of([.. g])).Order(StringComparer.Ordinal)];
        Assert.That(trees, Is.EqualTo(keys.Select(static key => $"""
            caller of {key}
              cache.get_or_insert products: loaded
                cache.tier get l1: miss; fallback=False
                cache.tier get l2: miss; fallback=True
                  HMGET {key}; kind=Client
                cache.load products
                  SELECT {key}
                cache.tier insert l1: inserted; fallback=False
                cache.tier insert l2: inserted; fallback=True, entry.size=84
                  HSET {key}; kind=Client
            """)));
    }

    [Test]
    public async Task Redis_ItsClient_MakesNoSpansOfItsOwnOrTheyAreBelowATierSpan()
    {
        await using Node<Product> node = await Node<Product>.JoinAsync(Options());

        await node.Cache.GetOrInsertAsync("p1", Product.LoadAsync);

        IReadOnlyList<Activity> spans = _telemetry.Take();
        var tiers = spans.Where(static s => s.OperationName == TelemetryNames.TierSpan).Select(static s => s.SpanId).ToHashSet();
        Assert.That(
            spans.Where(s => !s.Source.Name.StartsWith(TelemetryNames.Scope, StringComparison.Ordinal) && !tiers.Contains(s.ParentSpanId)),
            Is.Empty);
    }

    private NodeOptions Options() => new("products", _time) { KeyPrefix = $"{TestContext.CurrentContext.Test.ID}:" };

    private Task<Node<Product>> JoinAsync() => Node<Product>.JoinAsync(Options() with { Wrap = static store => new ClientSpanStore(store) });
}
