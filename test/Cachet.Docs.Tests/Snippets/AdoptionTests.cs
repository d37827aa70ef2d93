using System.Text.Json;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Trace;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Serialization.SystemTextJson;

namespace CachetTests.Snippets;

/// <summary>Applications as they are, and what they add to have Cachet's telemetry, or a Cachet.</summary>
[CancelAfter(30_000)]
public sealed class AdoptionTests
{
    private ServiceCollection _services = null!;
    private ProductDatabase _database = null!;
    private SpanLog _spans = null!;
    private TracerProvider _tracing = null!;
    private ServiceProvider? _provider;

    [SetUp]
    public void SetUp()
    {
        _provider = null;
        _services = [];
        _database = new();
        _spans = new();
        _tracing = Sdk.CreateTracerProviderBuilder().AddCachetInstrumentation().AddProcessor(_spans).Build();
    }

    [TearDown]
    public async Task TearDown()
    {
        if (_provider is not null) await _provider.DisposeAsync();
        _tracing.Dispose();
    }

    [Test]
    public void Redis_Before_IsThere()
    {
        IServiceCollection services = _services;

        // snippet: adopt-redis-before
        services.AddStackExchangeRedisCache(o => o.Configuration = "localhost:6379");
        // end
        Assert.That(Get<IDistributedCache>(), Is.InstanceOf<RedisCache>());
    }

    [Test]
    public void Redis_Instrumented_CanDoWhatItCould()
    {
        IServiceCollection services = _services;

        // snippet: adopt-redis-instrumented
        services.AddStackExchangeRedisCache(o => o.Configuration = "localhost:6379");
        services.InstrumentDistributedCache("sessions");
        // end
        Assert.That(Get<IDistributedCache>(), Is.InstanceOf<IBufferDistributedCache>().And.Not.InstanceOf<RedisCache>());
    }

    [Test]
    public void Redis_BehindACachet_IsItsStore()
    {
        IServiceCollection services = _services;

        // snippet: adopt-redis-face
        services.AddStackExchangeRedisCache(o => o.Configuration = "localhost:6379");
        services.AddCachetDistributedCache("sessions", o => o.LocalTimeToLive = TimeSpan.Zero);   // nothing in memory: the store alone
        // end
        Assert.That(Get<IDistributedCache>(), Is.SameAs(Get<IBufferDistributedCache>()).And.Not.InstanceOf<RedisCache>());
    }

    [Test]
    public async Task CacheAside_OverADistributedCache_IsOneCallOnACachet()
    {
        IServiceCollection services = _services.AddDistributedMemoryCache();
        ProductDatabase database = _database;
        CancellationToken ct = default;

        // snippet: adopt-typed
        services.AddCachet<string, Product>("products", c => c.Memory().Distributed(o => o.TimeToLive = TimeSpan.FromMinutes(10)));
        // end
        IDistributedCache cache = Get<IDistributedCache>();

        // snippet: adopt-cache-aside-before
        byte[]? bytes = await cache.GetAsync("p1", ct);
        Product? product = bytes is null ? null : JsonSerializer.Deserialize<Product>(bytes);
        if (product is null)
        {
            product = await database.ReadAsync("p1", ct);
            bytes = JsonSerializer.SerializeToUtf8Bytes(product);
            await cache.SetAsync("p1", bytes, new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(10) }, ct);
        }
        // end
        ICache<string, Product> products = Get<ICache<string, Product>>();
        Product before = product;

        // snippet: adopt-cache-aside
        product = await products.GetOrInsertAsync("p1", async (key, ct) => await database.ReadAsync(key, ct), ct);
        // end
        Assert.That(product, Is.EqualTo(before));
        Assert.That(database.Reads, Is.EqualTo(2), "what was stored before is left alone");
        Assert.That(_spans.Lines.Where(static l => !l.Contains(" in ", StringComparison.Ordinal)), Is.EqualTo(["cache.get_or_insert products: loaded"]));
    }

    [Test]
    public async Task MemoryStore_Instrumented_ShowsItsCalls()
    {
        IServiceCollection services = _services;

        // snippet: adopt-memory-store
        services.AddDistributedMemoryCache();
        services.InstrumentDistributedCache("sessions");
        // end
        await Get<IDistributedCache>().SetStringAsync("k", "v");
        Get<IDistributedCache>().GetString("k");
        Assert.That(_spans.Lines, Is.EqualTo(["cache.insert sessions: inserted", "cache.get sessions: hit"]));
    }

    [Test]
    public async Task MemoryStore_ReplacedByACachet_IsBounded()
    {
        IServiceCollection services = _services;

        // snippet: adopt-memory-store-face
        services.AddCachetDistributedCache("sessions", o => o.LocalCapacity = 50_000);   // entries; 10,000 unless set
        // end
        await Get<IDistributedCache>().SetStringAsync("k", "v", new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(20) });
        Get<IDistributedCache>().GetString("k");
        Assert.That(_spans.Lines, Is.EqualTo([
            "cache.tier insert l1: inserted in cache.insert sessions",
            "cache.insert sessions: inserted",
            "cache.tier get l1: hit in cache.get sessions",
            "cache.get sessions: hit",
        ]));
    }

    [Test]
    public async Task Hybrid_BeforeAndInstrumented_AnswersTheSameAndShowsItsCalls()
    {
        IServiceCollection services = _services;

        // snippet: adopt-hybrid-before
        services.AddStackExchangeRedisCache(o => o.Configuration = "localhost:6379");
        services.AddHybridCache();
        // end
        UseMemoryForRedis();

        // snippet: adopt-hybrid
        services.InstrumentDistributedCache("products", tier: "l2");   // after AddStackExchangeRedisCache
        services.InstrumentHybridCache("products");                    // after AddHybridCache
        // end
        Assert.That(await UseHybridAsync(expected: 6), Is.EquivalentTo([
            "cache.tier get l2: miss", // It asks at its start whether everything was invalidated.
            "cache.tier get l2: miss in cache.get_or_insert products",
            "cache.load products: - in cache.get_or_insert products",
            "cache.get_or_insert products: loaded",
            "cache.tier insert l2: inserted in cache.get_or_insert products",
            "cache.get_or_insert products: hit",
        ]));
    }

    [Test]
    public async Task Hybrid_OverACachetThatIsItsTier_HasItInItsTraces()
    {
        IServiceCollection services = _services.AddDistributedMemoryCache();
        services.AddHybridCache();

        // snippet: adopt-hybrid-face
        services.AddCachetDistributedCache("products-shared", o => o.LocalTimeToLive = TimeSpan.Zero);   // HybridCache has memory itself
        services.InstrumentDistributedCache("products", tier: "l2");
        services.InstrumentHybridCache("products");
        // end
        Assert.That(await UseHybridAsync(expected: 12), Is.SupersetOf([
            "cache.tier get l2: miss in cache.get_or_insert products",
            "cache.get products-shared: miss in cache.tier get l2",
            "cache.tier get l2: miss in cache.get products-shared",
            "cache.insert products-shared: inserted in cache.tier insert l2",
        ]));
    }

    [Test]
    public async Task Hybrid_ReplacedByACachet_IsOneCallToo()
    {
        _services.AddDistributedMemoryCache().AddHybridCache();
        _services.AddCachet<string, Product>("products", static c => c.Memory().Distributed());
        HybridCache hybrid = Get<HybridCache>();
        ICache<string, Product> products = Get<ICache<string, Product>>();
        ProductDatabase database = _database;
        CancellationToken ct = default;

        // snippet: adopt-hybrid-call-before
        Product product = await hybrid.GetOrCreateAsync("p1", async ct => await database.ReadAsync("p1", ct), cancellationToken: ct);
        // end
        Product before = product;

        // snippet: adopt-hybrid-call
        product = await products.GetOrInsertAsync("p1", async (key, ct) => await database.ReadAsync(key, ct), ct);
        // end
        Assert.That(product, Is.EqualTo(before));
    }

    [Test]
    public void MemoryCache_Instrumented_ShowsItsCalls()
    {
        IServiceCollection services = _services;

        // snippet: adopt-memory
        services.AddMemoryCache();
        services.InstrumentMemoryCache("views");
        // end
        IMemoryCache memory = Get<IMemoryCache>();
        memory.GetOrCreate("p1", static entry => 1);
        memory.Remove("p1");
        Assert.That(_spans.Lines, Is.EqualTo(["cache.get views: miss", "cache.insert views: inserted", "cache.invalidate views: invalidated"]));
    }

    [Test]
    public async Task MemoryCache_CacheAside_IsOneCallOnACachet()
    {
        IServiceCollection services = _services;
        ProductDatabase database = _database;
        CancellationToken ct = default;
        using var memory = new MemoryCache(new MemoryCacheOptions());

        // snippet: adopt-memory-typed
        services.AddCachet<string, Product>("products", c => c.Memory(o => o.TimeToLive = TimeSpan.FromMinutes(10)));
        // end
        ICache<string, Product> products = Get<ICache<string, Product>>();

        // snippet: adopt-memory-call-before
        Product? product = await memory.GetOrCreateAsync("p1", async entry =>
        {
            entry.AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(10);
            return await database.ReadAsync("p1", ct);
        });
        // end
        Product? before = product;

        // snippet: adopt-memory-call
        product = await products.GetOrInsertAsync("p1", async (key, ct) => await database.ReadAsync(key, ct), ct);
        // end
        Assert.That(product, Is.EqualTo(before));
    }

    [Test]
    public async Task MemoryCache_OfAHybridCache_IsSeenAsTheApplications()
    {
        _services.AddHybridCache();
        _services.InstrumentHybridCache("products");
        _services.InstrumentMemoryCache("views");

        await Get<HybridCache>().GetOrCreateAsync("p1", static _ => new ValueTask<int>(1));

        Assert.That(_spans.Lines, Has.Member("cache.get views: miss in cache.get_or_insert products"), "they share one");
    }

    [Test]
    public async Task Fusion_OverAnInstrumentedStore_ShowsItsCallsOnIt()
    {
        IServiceCollection services = _services;
        ProductDatabase database = _database;

        // snippet: adopt-fusion-before
        services.AddStackExchangeRedisCache(o => o.Configuration = "localhost:6379");
        services.AddFusionCache()
            .WithSerializer(new FusionCacheSystemTextJsonSerializer())
            .WithRegisteredDistributedCache();
        // end
        UseMemoryForRedis();

        // snippet: adopt-fusion
        services.InstrumentDistributedCache("products", tier: "l2");   // after AddStackExchangeRedisCache
        // end
        await Get<IFusionCache>().GetOrSetAsync<Product>("p1", async (_, token) => await database.ReadAsync("p1", token));
        Assert.That(_spans.Lines, Is.EqualTo(["cache.tier get l2: miss", "cache.tier insert l2: inserted"]));
    }

    [Test]
    public async Task Fusion_AsAHybridCache_IsInstrumentedAsOne()
    {
        IServiceCollection services = _services.AddDistributedMemoryCache().InstrumentDistributedCache("products", tier: "l2");

        // snippet: adopt-fusion-hybrid
        services.AddFusionCache()
            .WithSerializer(new FusionCacheSystemTextJsonSerializer())
            .WithRegisteredDistributedCache()
            .AsHybridCache();
        services.InstrumentHybridCache("products");
        // end
        Assert.That(await UseHybridAsync(expected: 7), Is.EqualTo([
            "cache.tier get l2: miss in cache.get_or_insert products",
            "cache.load products: - in cache.get_or_insert products",
            "cache.tier insert l2: inserted in cache.get_or_insert products",
            "cache.get_or_insert products: loaded",
            "cache.tier get l2: miss in cache.get_or_insert products", // It looks whether all was cleared, in either of its two ways.
            "cache.tier get l2: miss in cache.get_or_insert products",
            "cache.get_or_insert products: hit",
        ]));
    }

    [Test]
    public async Task Fusion_ThatGivesAStaleValue_ShowsTheLoadThatFailed()
    {
        _services.AddFusionCache().WithDefaultEntryOptions(static o => o.IsFailSafeEnabled = true).AsHybridCache();
        _services.InstrumentHybridCache("products");
        await Get<HybridCache>().SetAsync("p1", 1);
        await Get<IFusionCache>().ExpireAsync("p1");

        int stale = await Get<HybridCache>().GetOrCreateAsync("p1", static _ => ValueTask.FromException<int>(new TimeoutException()));

        Assert.That(stale, Is.EqualTo(1));
        Assert.That(_spans.Lines, Is.EqualTo([
            "cache.insert products: inserted", "cache.load products: - in cache.get_or_insert products", "cache.get_or_insert products: loaded",
        ]));
    }

    [Test]
    public void MemoryStore_OfRazorPages_IsThereUnlessAnotherIs()
    {
        _services.AddRazorPages();
        Assert.That(_services.Select(static s => s.ImplementationType), Has.Exactly(1).EqualTo(typeof(MemoryDistributedCache)));

        var others = new ServiceCollection();
        others.AddStackExchangeRedisCache(static _ => { }).AddControllersWithViews();
        Assert.That(others.Where(static s => s.ServiceType == typeof(IDistributedCache)), Has.Exactly(1).Items);
    }

    [Test]
    public async Task Anything_WithoutAContainer_IsInstrumentedByAnExtension()
    {
        IDistributedCache redis = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));

        // snippet: adopt-alone
        IDistributedCache sessions = redis.Instrumented("sessions");
        // end
        await sessions.GetAsync("k");
        Assert.That(_spans.Lines, Is.EqualTo(["cache.get sessions: miss"]));
    }

    private T Get<T>()
        where T : notnull => (_provider ??= _services.BuildServiceProvider()).GetRequiredService<T>();

    // No server is needed to show what belongs to whom.
    private void UseMemoryForRedis()
    {
        _services.Remove(_services.Single(static s => s.ServiceType == typeof(IDistributedCache)));
        _services.AddDistributedMemoryCache();
    }

    private async Task<IReadOnlyList<string>> UseHybridAsync(int expected)
    {
        HybridCache products = Get<HybridCache>();
        using var caller = new CancellationTokenSource();
        for (int i = 0; i < 2; i++) await products.GetOrCreateAsync("p1", async token => await _database.ReadAsync("p1", token), cancellationToken: caller.Token);
        Assert.That(_database.Reads, Is.EqualTo(1));
        return await _spans.LinesAsync(expected);
    }
}
