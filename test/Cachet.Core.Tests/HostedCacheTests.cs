using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CachetTests;

/// <summary>Caches as an application has them: injected, configured, and gone with their container.</summary>
public class HostedCacheTests
{
    [Test]
    public async Task Host_TwoCachesOfOneTypeWithConfigurationEach_AreInjectedByName()
    {
        using var store = new FakeStore();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Cachet:products:L1:InsertPolicy"] = "Never",
            ["Cachet:products:L2:KeyPrefix"] = "shop/",
            ["Cachet:prices:L1:KeyPrefix"] = "money/",
        });
        builder.Services
            .AddSingleton<IDistributedCache>(store)
            .AddCachet<string, int>("products", c => c.Memory().Distributed().Configuration(builder.Configuration.GetSection("Cachet:products")))
            .AddCachet<string, int>("prices", static (p, c) =>
                c.Distributed().Configuration(p.GetRequiredService<IConfiguration>().GetSection("Cachet:prices")))
            .AddSingleton<Shop>()
            .AddHostedService(static p => p.GetRequiredService<Shop>());
        using IHost host = builder.Build();

        await host.StartAsync();

        Assert.That(host.Services.GetRequiredService<Shop>().Found, Is.EqualTo("products 1, prices 2"));
        Assert.That(
            store.Entries.Keys.Where(static k => k.EndsWith(":k", StringComparison.Ordinal)).Select(static k => k[..k.IndexOf('/')]),
            Is.EquivalentTo(new[] { "shop", "money" }));
        await host.StopAsync();
    }

    [Test]
    public async Task Host_OnlyOneOfItsType_IsInjectedWithoutAKey()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddCachet<string, int>("products", static c => c.Memory()).AddTransient<Owner>();
        using IHost host = builder.Build();
        await host.StartAsync();

        Assert.That(host.Services.GetRequiredService<Owner>().Cache.Name, Is.EqualTo("products"));
        await host.StopAsync();
    }

    [Test]
    public async Task Resolve_InScopes_IsTheSameCacheAndOutlivesThem()
    {
        await using ServiceProvider provider = new ServiceCollection()
            .AddCachet<string, int>("products", static c => c.Memory())
            .BuildServiceProvider(validateScopes: true);
        ICache<string, int> first;
        await using (AsyncServiceScope scope = provider.CreateAsyncScope())
        {
            first = scope.ServiceProvider.GetRequiredService<ICache<string, int>>();
        }

        await first.InsertAsync("k", 1);

        await using AsyncServiceScope another = provider.CreateAsyncScope();
        Assert.That(another.ServiceProvider.GetRequiredKeyedService<ICache<string, int>>("products"), Is.SameAs(first));
    }

    [Test]
    public async Task Resolve_ByAnyKey_GivesAllOfAType()
    {
        await using ServiceProvider provider = new ServiceCollection()
            .AddCachet<string, int>("one", static c => c.Memory())
            .AddCachet<string, int>("two", static c => c.Memory())
            .BuildServiceProvider();

        Assert.That(
            provider.GetKeyedServices<ICache<string, int>>(KeyedService.AnyKey).Select(static c => c.Name), Is.EquivalentTo(new[] { "one", "two" }));
    }

    [Test]
    public async Task Resolve_FromManyThreads_BuildsOnce()
    {
        int builds = 0;
        await using ServiceProvider provider = new ServiceCollection()
            .AddCachet<string, int>("products", c =>
            {
                Interlocked.Increment(ref builds);
                c.Memory();
            })
            .BuildServiceProvider();

        ICache<string, int>[] caches = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => provider.GetRequiredService<ICache<string, int>>())));

        Assert.That(caches.Distinct().Count(), Is.EqualTo(1));
        Assert.That(builds, Is.EqualTo(1));
    }

    [Test]
    public async Task Dispose_CacheThatWasNeverAskedFor_DoesNotBuildIt([Values] bool asynchronous)
    {
        int builds = 0;
        ServiceProvider provider = new ServiceCollection().AddCachet<string, int>("products", _ => builds++).BuildServiceProvider();

        if (asynchronous) await provider.DisposeAsync();
        else provider.Dispose();

        Assert.That(builds, Is.Zero);
    }

    [Test]
    public async Task Dispose_OfTheContainer_DisposesOfTheCacheBeforeItsStore([Values] bool asynchronous)
    {
        ICache<string, int>? cache = null;
        bool? cacheWasGone = null;
        ServiceProvider provider = new ServiceCollection()
            .AddCachet<string, int>("products", static c => c.Memory().Distributed())
            .AddSingleton<IDistributedCache>(_ => new Witness(() => cacheWasGone = IsGone(cache!)))
            .BuildServiceProvider();
        cache = provider.GetRequiredService<ICache<string, int>>();

        if (asynchronous) await provider.DisposeAsync();
        else provider.Dispose();

        Assert.That(cacheWasGone, Is.True);
    }

    [Test]
    public async Task Dispose_OfTheContainer_LeavesAloneWhatWasHandedIn([Values] bool asynchronous)
    {
        using var store = new FakeStore();
        var handler = new DisposableHandler();
        ServiceProvider provider = new ServiceCollection()
            .AddCachet<string, int>("products", c => c.Memory().Distributed(store).EventHandler(handler))
            .BuildServiceProvider();
        ICache<string, int> cache = provider.GetRequiredService<ICache<string, int>>();

        if (asynchronous) await provider.DisposeAsync();
        else provider.Dispose();

        Assert.That(IsGone(cache), Is.True);
        Assert.That(store.Disposals, Is.Zero);
        Assert.That(handler.IsDisposed, Is.False);
    }

    [Test]
    public async Task Dispose_OfTheHost_DisposesOfCachesThatOnlyTheStartBuilt()
    {
        ICache<string, int>? cache = null;
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddCachet<string, int>("products", static c => c.Memory());
        using (IHost host = builder.Build())
        {
            await host.StartAsync();
            cache = host.Services.GetRequiredService<ICache<string, int>>();
            await host.StopAsync();
            Assert.That(IsGone(cache), Is.False);
        }

        Assert.That(IsGone(cache), Is.True);
    }

    [Test]
    public async Task EventHandler_MerelyRegistered_IsNotCalled()
    {
        var events = new CacheEventRecorder();
        await using ServiceProvider provider = new ServiceCollection()
            .AddSingleton<ICacheEventHandler>(events)
            .AddCachet<string, int>("products", static c => c.Memory())
            .BuildServiceProvider();

        await provider.GetRequiredService<ICache<string, int>>().GetAsync("k");

        Assert.That(events.TierEvents, Is.Empty);
    }

    private static bool IsGone(ICache<string, int> cache)
    {
        try
        {
            _ = cache.GetAsync("k");
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    private sealed record Owner(ICache<string, int> Cache);

    private sealed class Shop(
        [FromKeyedServices("products")] ICache<string, int> products, [FromKeyedServices("prices")] ICache<string, int> prices) : BackgroundService
    {
        public string? Found { get; private set; }

        public override async Task StartAsync(CancellationToken cancellationToken)
        {
            await products.InsertAsync("k", 1, cancellationToken);
            await prices.InsertAsync("k", 2, cancellationToken);
            Found = $"{products.Name} {(await products.GetAsync("k", cancellationToken))?.Value}, "
                + $"{prices.Name} {(await prices.GetAsync("k", cancellationToken))?.Value}";
        }

        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
    }

    private sealed class Witness(Action disposed) : IDistributedCache, IDisposable
    {
        public void Dispose() => disposed();

        public byte[]? Get(string key) => null;

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Task.FromResult<byte[]?>(null);

        public void Refresh(string key) => throw new NotSupportedException();

        public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

        public void Remove(string key) => throw new NotSupportedException();

        public Task RemoveAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => Task.CompletedTask;
    }

    private sealed class DisposableHandler : ICacheEventHandler, IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void OnTierEvent(in CacheTierEvent tierEvent)
        {
        }

        public void OnOperationComplete(in CacheOperationEvent operationEvent)
        {
        }

        public void Dispose() => IsDisposed = true;
    }
}
