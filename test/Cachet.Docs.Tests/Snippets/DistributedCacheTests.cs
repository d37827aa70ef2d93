using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CachetTests.Snippets;

public class DistributedCacheTests
{
    [Test]
    public async Task AddCachetDistributedCache_AfterAStore_TakesItOver()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);

        // snippet: distributed-cache
        builder.Services.AddDistributedMemoryCache();                      // or AddStackExchangeRedisCache, AddSqlServerCache …
        builder.Services.AddCachetDistributedCache("sessions");            // what asks for an IDistributedCache gets this one
        // end
        using IHost host = builder.Build();
        await host.StartAsync();
        IDistributedCache cache = host.Services.GetRequiredService<IDistributedCache>();
        await cache.SetStringAsync("k", "v", new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(20) });
        Assert.That(cache.GetString("k"), Is.EqualTo("v"));
        Assert.That(cache, Is.SameAs(host.Services.GetRequiredService<IBufferDistributedCache>()));
        await host.StopAsync();
    }

    [Test]
    public async Task AddCachetDistributedCache_WithOptions_HasThem()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        var store = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
        builder.Services.AddKeyedSingleton<IDistributedCache>("redis", store).AddLogging().AddSingleton<HitRatio>();

        // snippet: distributed-cache-options
        builder.Services.AddCachetDistributedCache("sessions", (services, o) =>
        {
            o.Store = services.GetRequiredKeyedService<IDistributedCache>("redis");   // instead of the one that was registered before
            o.LocalTimeToLive = TimeSpan.FromSeconds(10);                             // 1 minute unless set; zero: nothing in memory
            o.LocalCapacity = 50_000;                                                 // 10,000 unless set
            o.KeyPrefix = "shop/sessions/";                                           // the name and ':' unless set
            o.EnableLogs().EventHandler(services.GetRequiredService<HitRatio>());
        });
        // end
        using IHost host = builder.Build();
        await host.StartAsync();
        await host.Services.GetRequiredService<IDistributedCache>().SetStringAsync("k", "v");
        Assert.That(await store.GetAsync("shop/sessions/k"), Is.Not.Null);
        await host.StopAsync();
    }

    [Test]
    public async Task DistributedCache_WithoutAContainer_IsOverAStore()
    {
        var redis = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));

        // snippet: distributed-cache-alone
        IBufferDistributedCache sessions = Cache.DistributedCache("sessions", o => o.Store = redis);
        // end
        await sessions.SetStringAsync("k", "v");
        Assert.That(await sessions.GetStringAsync("k"), Is.EqualTo("v"));
    }
}
