using Cachet.Testing;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CachetTests.Snippets;

/// <summary>What the front page and the packages' own pages show.</summary>
[CancelAfter(30_000)]
public class ReadmeSnippetTests
{
    private static ValueTask<Product> LoadAsync(string id, CancellationToken cancellationToken) => new ProductDatabase().ReadAsync(id, cancellationToken);

    [Test]
    public async Task Use_OfTheFrontPage_Loads()
    {
        IDistributedCache redis = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));

        // snippet: readme-use
        ICache<string, Product> products = Cache.Builder<string, Product>("products")
            .Memory(o => o.Capacity = 10_000)                                   // L1: bounded, least recently used
            .Distributed(redis, o => o.TimeToLive = TimeSpan.FromMinutes(10))   // L2: any IDistributedCache
            .Build();
        Product product = await products.GetOrInsertAsync("p1", static async (key, ct) => await LoadAsync(key, ct));
        // end
        Assert.That((await products.GetAsync("p1"))?.Value, Is.SameAs(product));
        await products.DisposeAsync();
    }

    [Test]
    public void Application_OfTheFrontPage_IsRegistered()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);

        // snippet: readme-application
        builder.Services.AddCachet<string, Product>("products", c => c.Memory().Distributed());   // inject ICache<string, Product>
        builder.Services.AddOpenTelemetry()
            .WithTracing(t => t.AddCachetInstrumentation().AddOtlpExporter())
            .WithMetrics(m => m.AddCachetInstrumentation().AddOtlpExporter());
        // end
        Assert.That(builder.Services.Select(static s => s.ServiceType), Has.Member(typeof(ICache<string, Product>)));
    }

    [Test]
    public async Task Use_OfCoresPage_Loads()
    {
        IDistributedCache redis = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));

        // snippet: core-use
        ICache<string, Product> products = Cache.Builder<string, Product>("products")
            .Memory(o => { o.Capacity = 10_000; o.TimeToLive = TimeSpan.FromSeconds(30); })
            .Distributed(redis, o => o.TimeToLive = TimeSpan.FromMinutes(10))   // any IDistributedCache
            .Build();

        Product product = await products.GetOrInsertAsync("p1", static async (key, ct) => await LoadAsync(key, ct));
        // end
        Assert.That((await products.GetAsync("p1"))?.Value, Is.SameAs(product));
        await products.DisposeAsync();
    }

    [Test]
    public void Application_OfCoresPage_IsRegistered()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);

        // snippet: core-application
        builder.Services.AddCachet<string, Product>("products", c => c.Memory().Distributed());
        // end
        Assert.That(builder.Services.Select(static s => s.ServiceType), Has.Member(typeof(ICache<string, Product>)));
    }

    [Test]
    public async Task Testing_FilledAndLookedAt_TellsWhatTheCacheDid()
    {
        var product = new Product("p1", "espresso machine", 399);

        // snippet: testing
        var events = new CacheEventRecorder();
        var redis = new FakeCacheTier<string, Product> { { "p1", product } };        // filled beforehand
        ICache<string, Product> cache = Cache.Builder<string, Product>("products")
            .Memory().Tier(redis, o => o.Remote = true).EventHandler(events).Build();
        var service = new Pages(cache);

        await service.RenderAsync("p1");

        Assert.That(redis.CallLines, Is.EqualTo(new[] { "get p1" }));
        Assert.That(events.OperationLines, Is.EqualTo(new[] { "get_or_insert hit l2" }));
        // end
        await cache.DisposeAsync();
    }

    [Test]
    public async Task Testing_DownRefusingAndSlow_IsAsTold()
    {
        var redis = new FakeCacheTier<string, Product>();
        await using ICache<string, Product> cache = Cache.Builder<string, Product>("products").Memory().Tier(redis).Build();
        var service = new Pages(cache);
        await cache.InsertAsync("p2", new("p2", "coffee grinder", 249));
        await cache.ClearAsync();

        // snippet: testing-trouble
        redis.FailWhen(call => call.Operation == CacheOperation.Get, _ => new TimeoutException());
        redis.InsertAnswer = _ => InsertOutcome.Rejected;

        Gate gate = redis.Hold(CacheOperation.Get);      // the next get; HoldEvery, HoldWhen, nth: 2, after: true, cancellable: false
        Task<string> request = service.RenderAsync("p2");
        await gate.Reached;                              // the get is under way: now do what shall happen meanwhile
        gate.Open();
        await request;
        // end
        Assert.That(await request, Is.EqualTo("product p2"));
        Assert.That(redis.Entries, Is.Empty);
    }

    private sealed class Pages(ICache<string, Product> products)
    {
        public async Task<string> RenderAsync(string id) => (await products.GetOrInsertAsync(id, LoadAsync)).Name;
    }
}
