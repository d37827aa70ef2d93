using System.Globalization;
using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>The story that the QuickStart tells, through the library, over a real server: memory for 30 seconds over Redis for 10 minutes.</summary>
public sealed class StoryTests
{
    private const int Callers = 20;

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
    public async Task GetOrInsert_NothingCached_AsksBothTiersLoadsAndStoresInBoth()
    {
        await using Node<Product> node = await JoinAsync();

        Product product = await node.Cache.GetOrInsertAsync("p1", Product.LoadAsync);

        Assert.That(product, Is.EqualTo(Product.Of("p1")));
        Assert.That(_telemetry.TakeText(), Is.EqualTo("""
            cache.get_or_insert products: loaded
              cache.tier get l1: miss; fallback=False
              cache.tier get l2: miss; fallback=True
              cache.load products
              cache.tier insert l1: inserted; fallback=False
              cache.tier insert l2: inserted; fallback=True, entry.size=80
            """));
    }

    [Test]
    public async Task GetOrInsert_InMemory_AsksNobodyElse()
    {
        await using Node<Product> node = await JoinAsync();
        await LoadAndForgetAsync(node);

        Product product = await node.Cache.GetOrInsertAsync("p1", NoLoad);

        Assert.That(product, Is.EqualTo(Product.Of("p1")));
        Assert.That(_telemetry.TakeText(), Is.EqualTo("""
            cache.get_or_insert products: hit; tier.name=l1
              cache.tier get l1: hit; fallback=False
            """));
    }

    [Test]
    public async Task GetOrInsert_MemoryCopyRanOut_ComesFromRedisAndIsPromoted()
    {
        await using Node<Product> node = await JoinAsync();
        await LoadAndForgetAsync(node);
        _time.Advance(TimeSpan.FromSeconds(31));

        Product promoted = await node.Cache.GetOrInsertAsync("p1", NoLoad);
        CacheEntry<Product>? again = await node.Cache.GetAsync("p1");

        Assert.That(promoted, Is.EqualTo(Product.Of("p1")));
        Assert.That(again?.Value, Is.SameAs(promoted), "what was promoted is in memory now");
        Assert.That(_telemetry.TakeText(), Is.EqualTo("""
            cache.get_or_insert products: hit; tier.name=l2
              cache.tier get l1: expired; fallback=False
              cache.tier get l2: hit; fallback=True, entry.size=80
              cache.tier insert l1: inserted; fallback=False
            cache.get products: hit; tier.name=l1
              cache.tier get l1: hit; fallback=False
            """));
    }

    [Test]
    public async Task GetOrInsert_ManyCallersOfOneKey_LoadOnceAndFollowersLinkToTheLoad()
    {
        await using Node<Product> node = await JoinAsync();

        Product[] products = await StampedeAsync(node, "p1");

        Assert.That(products, Is.All.SameAs(products[0]).And.All.EqualTo(Product.Of("p1")));
        string leader = """
            cache.get_or_insert products: loaded
              cache.tier get l1: miss; fallback=False
              cache.tier get l2: miss; fallback=True
              cache.load products
              cache.tier insert l1: inserted; fallback=False
              cache.tier insert l2: inserted; fallback=True, entry.size=80
            """;
        string follower = """
            cache.get_or_insert products: loaded; coalesced=True, link to cache.load products
              cache.tier get l1: miss; fallback=False
            """;
        Assert.That(_telemetry.TakeText(), Is.EqualTo(string.Join('\n', [leader, .. Enumerable.Repeat(follower, Callers - 1)])));
    }

    [Test]
    public async Task GetOrInsert_BothCopiesRanOut_LoadsAgain()
    {
        await using Node<Product> node = await JoinAsync();
        await LoadAndForgetAsync(node);
        _time.Advance(TimeSpan.FromMinutes(11));

        await node.Cache.GetOrInsertAsync("p1", Product.LoadAsync);

        Assert.That(_telemetry.TakeText(), Is.EqualTo("""
            cache.get_or_insert products: loaded
              cache.tier get l1: expired; fallback=False
              cache.tier get l2: expired; fallback=True, entry.size=80
              cache.load products
              cache.tier insert l1: inserted; fallback=False
              cache.tier insert l2: inserted; fallback=True, entry.size=80
            """));
    }

    [Test]
    public async Task GetOrInsert_NobodyListensAtRedis_WalksPastItAndKeepsWhatItLoadedInMemory()
    {
        await using Node<Product> node = await JoinAsync($"127.0.0.1:{FreePort.Next()}");

        Product product = await node.Cache.GetOrInsertAsync("p1", Product.LoadAsync);
        await node.Cache.GetOrInsertAsync("p1", NoLoad);

        Assert.That(product, Is.EqualTo(Product.Of("p1")));
        Assert.That(_telemetry.TakeText(), Is.EqualTo("""
            cache.get_or_insert products: loaded
              cache.tier get l1: miss; fallback=False
              cache.tier get l2: error; fallback=True, error.type=StackExchange.Redis.RedisConnectionException, status=Error
              cache.load products
              cache.tier insert l1: inserted; fallback=False
              cache.tier insert l2: error; fallback=True, error.type=StackExchange.Redis.RedisConnectionException, status=Error
            cache.get_or_insert products: hit; tier.name=l1
              cache.tier get l1: hit; fallback=False
            """));
    }

    [Test]
    public async Task WholeStory_Metrics_CountEachCallOfEachTierOnce()
    {
        await using Node<Product> node = await JoinAsync();
        await using Node<Product> cutOff = await JoinAsync($"127.0.0.1:{FreePort.Next()}");

        await node.Cache.GetOrInsertAsync("p1", Product.LoadAsync); // loaded
        await node.Cache.GetOrInsertAsync("p1", NoLoad); // L1 hit
        _time.Advance(TimeSpan.FromSeconds(31));
        await node.Cache.GetOrInsertAsync("p1", NoLoad); // L2 hit, promoted
        await StampedeAsync(node, "p2"); // 20 callers, one load
        _time.Advance(TimeSpan.FromMinutes(11));
        await node.Cache.GetOrInsertAsync("p1", Product.LoadAsync); // both expired
        await cutOff.Cache.GetOrInsertAsync("p1", Product.LoadAsync); // L2 walked past

        const string Error = "StackExchange.Redis.RedisConnectionException";
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_telemetry.TierCounts(), Is.EqualTo(new[]
            {
                "l1 get expired - 2",
                "l1 get hit - 1",
                string.Create(CultureInfo.InvariantCulture, $"l1 get miss - {1 + Callers + 1}"),
                "l1 insert inserted - 5",
                $"l2 get error {Error} 1",
                "l2 get expired - 1",
                "l2 get hit - 1",
                "l2 get miss - 2",
                $"l2 insert error {Error} 1",
                "l2 insert inserted - 3",
            }));
            Assert.That(_telemetry.OperationCounts(), Is.EqualTo(new[]
            {
                "get_or_insert hit l1 - 1",
                "get_or_insert hit l2 - 1",
                "get_or_insert loaded - - 4",
                string.Create(CultureInfo.InvariantCulture, $"get_or_insert loaded - True {Callers - 1}"),
            }));
            Assert.That(_telemetry.LoadCounts(), Is.EqualTo(new[] { "loaded 4" }));
        }
    }

    private static ValueTask<Product> NoLoad(string id, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("It is cached: there is nothing to load.");

    // The leader's loader is held open until all the others have come.
    private static async Task<Product[]> StampedeAsync(Node<Product> node, string key)
    {
        var gate = new Gate();
        Task<Product> leader = CallAsync();
        await gate.Reached;
        Task<Product>[] followers = [.. Enumerable.Range(1, Callers - 1).Select(_ => CallAsync())];
        gate.Open();
        return [await leader, .. await Task.WhenAll(followers)];

        Task<Product> CallAsync() => node.Cache.GetOrInsertAsync(key, async (id, cancellationToken) =>
        {
            await gate.PassAsync(cancellationToken);
            return Product.Of(id);
        }).AsTask();
    }

    private Task<Node<Product>> JoinAsync(string? endPoint = null)
    {
        var options = new NodeOptions("products", _time) { KeyPrefix = $"{TestContext.CurrentContext.Test.ID}:" };
        return Node<Product>.JoinAsync(endPoint is null ? options : options with { EndPoint = endPoint });
    }

    private async Task LoadAndForgetAsync(Node<Product> node)
    {
        await node.Cache.GetOrInsertAsync("p1", Product.LoadAsync);
        _telemetry.Take();
    }
}
