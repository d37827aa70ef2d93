using System.Diagnostics;
using System.Globalization;

namespace CachetTests.Consumers;

/// <summary>.NET's HybridCache on two nodes that share one server, and the traces that it makes. A call that can be cancelled it runs on another thread,
/// without its caller's context: that must not show.</summary>
[TestFixture(false)]
[TestFixture(true)]
[CancelAfter(60_000)]
public sealed class HybridCacheTests(bool cancellable)
{
    private const int Many = 100;

    private const string Loaded = """
        GET /products/p1
          cache.get_or_insert products: loaded
            cache.tier get l2: miss; fallback=True
            cache.load products
              SELECT p1
            cache.tier insert l2: inserted; fallback=True, entry.size=69
        """;

    private const string FromMemory = """
        GET /products/p1
          cache.get_or_insert products: hit
        """;

    private const string FromRedis = """
        GET /products/p1
          cache.get_or_insert products: hit
            cache.tier get l2: hit; fallback=True, entry.size=69
        """;

    private Telemetry _telemetry = null!;
    private CancellationTokenSource _caller = null!;

    private CancellationToken Token => cancellable ? _caller.Token : default;

    [SetUp]
    public void Begin()
    {
        _telemetry = new();
        _caller = new();
    }

    [TearDown]
    public void End()
    {
        _caller.Dispose();
        _telemetry.Dispose();
    }

    [Test]
    public async Task GetOrCreate_OverRedis_IsOneTraceFromTheCallerToTheServerAndTheLoad()
    {
        await using HybridNode a = await HybridNode.StartAsync(SecondLevel.DecoratedRedis, _telemetry);
        await using HybridNode b = await HybridNode.StartAsync(SecondLevel.DecoratedRedis, _telemetry);

        Product loaded = await AskAsync(a, "p1");
        await _telemetry.EndedAsync("cache.tier insert l2"); // It stores in the background.
        Product inMemory = await AskAsync(a, "p1");
        Product shared = await AskAsync(b, "p1");

        Assert.That(new[] { loaded, inMemory, shared }, Is.All.EqualTo(Product.Of("p1")));
        Assert.That(_telemetry.TakeText(), Is.EqualTo($"{Loaded}\n{FromMemory}\n{FromRedis}"));
    }

    [Test]
    public void Page_ForAdopters_ShowsTheseTraces() =>
        Assert.That(AdoptionPage.Text, Does.Contain($"\n{Loaded}\n```").And.Contain($"\n{FromRedis}\n```"));

    [Test]
    public async Task Writes_OverRedis_AreAboveWhatTheyDoOnTheServer()
    {
        await using HybridNode node = await HybridNode.StartAsync(SecondLevel.DecoratedRedis, _telemetry);

        using (Telemetry.Tests.StartActivity("caller"))
        {
            await node.Cache.SetAsync("p1", Product.Of("p1"), cancellationToken: Token);
            await node.Cache.RemoveAsync("p1", Token);
            await node.Cache.RemoveByTagAsync("dear", Token);
        }

        Assert.That(_telemetry.TakeText(), Is.EqualTo("""
            caller
              cache.insert products: inserted
                cache.tier insert l2: inserted; fallback=True, entry.size=69
              cache.invalidate products: invalidated
                cache.tier invalidate l2: invalidated; fallback=True
              cache.invalidate products: invalidated; scope=tag
                cache.tier insert l2: inserted; fallback=True, entry.size=8
            """));
    }

    [Test]
    public async Task GetOrCreate_ManyAtOnceOverRedis_EachTraceHoldsItsOwnSpansAndNoOthers()
    {
        await using HybridNode node = await HybridNode.StartAsync(SecondLevel.DecoratedRedis, _telemetry);

        string[] keys = [.. Enumerable.Range(100, Many).Select(static i => $"k{i.ToString(CultureInfo.InvariantCulture)}")];
        await Task.WhenAll(keys.Select(key => Task.Run(() => AskAsync(node, key))));
        IReadOnlyList<Activity> spans = await _telemetry.TakeAsync(6 * Many);

        string[] trees = [.. spans.GroupBy(static s => s.TraceId).Select(static g => TraceText.Of([.. g])).Order(StringComparer.Ordinal)];
        Assert.That(trees, Is.EqualTo(keys.Select(static key => $"""
            GET /products/{key}
              cache.get_or_insert products: loaded
                cache.tier get l2: miss; fallback=True
                cache.load products
                  SELECT {key}
                cache.tier insert l2: inserted; fallback=True, entry.size=75
            """)));
    }

    [Test]
    public async Task GetOrCreate_OverRedis_CountsEachCallOnce()
    {
        await using HybridNode a = await HybridNode.StartAsync(SecondLevel.DecoratedRedis, _telemetry);
        await using HybridNode b = await HybridNode.StartAsync(SecondLevel.DecoratedRedis, _telemetry);

        await AskAsync(a, "p1");
        await _telemetry.EndedAsync("cache.tier insert l2");
        await AskAsync(a, "p1");
        await AskAsync(b, "p1");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_telemetry.OperationCounts(), Is.EqualTo(new[] { "get_or_insert hit - - 2", "get_or_insert loaded - - 1" }));
            Assert.That(
                _telemetry.TierCounts(),
                Is.EqualTo(new[] { "l2 get hit - 1", "l2 get miss - 3", "l2 insert inserted - 1" }),
                "two of the misses are of the two starts");
            Assert.That(_telemetry.LoadCounts(), Is.EqualTo(new[] { "loaded 1" }));
        }
    }

    [Test]
    public async Task GetOrCreate_OverACachetThatIsATier_IsOneTraceDownToItsOwnTier()
    {
        await using HybridNode a = await HybridNode.StartAsync(SecondLevel.FaceAsTier, _telemetry);
        await using HybridNode b = await HybridNode.StartAsync(SecondLevel.FaceAsTier, _telemetry);

        Product loaded = await AskAsync(a, "p1");
        await _telemetry.EndedAsync("cache.tier insert l2", count: 2);
        Product shared = await AskAsync(b, "p1");

        Assert.That(new[] { loaded, shared }, Is.All.EqualTo(Product.Of("p1")));
        Assert.That(_telemetry.TakeText(), Is.EqualTo("""
            GET /products/p1
              cache.get_or_insert products: loaded
                cache.tier get l2: miss; fallback=True
                  cache.get second-level: miss
                    cache.tier get l2: miss; fallback=False
                cache.load products
                  SELECT p1
                cache.tier insert l2: inserted; fallback=True, entry.size=69
                  cache.insert second-level: inserted
                    cache.tier insert l2: inserted; fallback=False, entry.size=113
            GET /products/p1
              cache.get_or_insert products: hit
                cache.tier get l2: hit; fallback=True, entry.size=69
                  cache.get second-level: hit; tier.name=l2
                    cache.tier get l2: hit; fallback=False, entry.size=113
            """));
    }

    [Test]
    public async Task GetOrCreate_OverACachetAsItIs_ShowsItWhereTheHybridCacheLeavesIt()
    {
        await using HybridNode a = await HybridNode.StartAsync(SecondLevel.Face, _telemetry);
        await using HybridNode b = await HybridNode.StartAsync(SecondLevel.Face, _telemetry);

        Product loaded = await AskAsync(a, "p1");
        await _telemetry.EndedAsync("cache.insert second-level");
        Product shared = await AskAsync(b, "p1");

        Assert.That(new[] { loaded, shared }, Is.All.EqualTo(Product.Of("p1")));
        Assert.That(_telemetry.TakeText(), Is.EqualTo(cancellable
            ? """
                GET /products/p1
                  cache.get_or_insert products: loaded
                    cache.load products
                      SELECT p1
                cache.get second-level: miss
                  cache.tier get l2: miss; fallback=False
                cache.insert second-level: inserted
                  cache.tier insert l2: inserted; fallback=False, entry.size=113
                GET /products/p1
                  cache.get_or_insert products: hit
                cache.get second-level: hit; tier.name=l2
                  cache.tier get l2: hit; fallback=False, entry.size=113
                """
            : """
                GET /products/p1
                  cache.get_or_insert products: loaded
                    cache.get second-level: miss
                      cache.tier get l2: miss; fallback=False
                    cache.load products
                      SELECT p1
                    cache.insert second-level: inserted
                      cache.tier insert l2: inserted; fallback=False, entry.size=113
                GET /products/p1
                  cache.get_or_insert products: hit
                    cache.get second-level: hit; tier.name=l2
                      cache.tier get l2: hit; fallback=False, entry.size=113
                """));
    }

    private async Task<Product> AskAsync(HybridNode node, string key)
    {
        using Activity? caller = Telemetry.Tests.StartActivity($"GET /products/{key}");
        return await node.Cache.GetOrCreateAsync(
            key,
            key,
            static async (id, _) =>
            {
                await Task.Yield();
                using Activity? database = Telemetry.Tests.StartActivity($"SELECT {id}");
                return Product.Of(id);
            },
            cancellationToken: Token);
    }
}
