using BitFaster.Caching.Lfu;
using BitFaster.Caching.Lru;
using Cachet;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using ZiggyCreatures.Caching.Fusion;

namespace CachetBenchmarks;

/// <summary>The caches that are compared, each as its users would make it, filled with the workload.</summary>
internal static class Contenders
{
    public static ICache<string, Product> Cachet(
        EvictionPolicy policy, TimeSpan? timeToLive = null, Action<CacheBuilder<string, Product>>? more = null)
    {
        CacheBuilder<string, Product> builder = Cache.Builder<string, Product>("products").Memory(o =>
        {
            o.Capacity = Workload.Capacity;
            o.EvictionPolicy = policy;
            o.TimeToLive = timeToLive;
        });
        more?.Invoke(builder);
        ICache<string, Product> cache = builder.Build();
        for (int i = 0; i < Workload.Count; i++) cache.InsertAsync(Workload.Keys[i], Workload.Products[i]).AsTask().GetAwaiter().GetResult();
        return cache;
    }

    public static ConcurrentLru<string, Product> BitFasterLru()
    {
        var cache = new ConcurrentLru<string, Product>(Workload.Capacity);
        for (int i = 0; i < Workload.Count; i++) cache.AddOrUpdate(Workload.Keys[i], Workload.Products[i]);
        return cache;
    }

    public static ConcurrentTLru<string, Product> BitFasterLruExpiring()
    {
        var cache = new ConcurrentTLru<string, Product>(Workload.Capacity, Workload.TimeToLive);
        for (int i = 0; i < Workload.Count; i++) cache.AddOrUpdate(Workload.Keys[i], Workload.Products[i]);
        return cache;
    }

    public static ConcurrentLfu<string, Product> BitFasterLfu()
    {
        var cache = new ConcurrentLfu<string, Product>(Workload.Capacity);
        for (int i = 0; i < Workload.Count; i++) cache.AddOrUpdate(Workload.Keys[i], Workload.Products[i]);
        return cache;
    }

    public static BitFaster.Caching.ICache<string, Product> BitFasterLfuExpiring()
    {
        BitFaster.Caching.ICache<string, Product> cache =
            new ConcurrentLfuBuilder<string, Product>().WithCapacity(Workload.Capacity).WithExpireAfterWrite(Workload.TimeToLive).Build();
        for (int i = 0; i < Workload.Count; i++) cache.AddOrUpdate(Workload.Keys[i], Workload.Products[i]);
        return cache;
    }

    public static MemoryCache MemoryCache(TimeSpan? timeToLive = null)
    {
        var cache = new MemoryCache(new MemoryCacheOptions());
        var options = new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = timeToLive };
        for (int i = 0; i < Workload.Count; i++) cache.Set(Workload.Keys[i], Workload.Products[i], options);
        return cache;
    }

    public static HybridCache Hybrid(Action<IServiceCollection>? more = null)
    {
        HybridCache cache = EmptyHybrid(more);
        for (int i = 0; i < Workload.Count; i++) cache.SetAsync(Workload.Keys[i], Workload.Products[i]).AsTask().GetAwaiter().GetResult();
        return cache;
    }

    public static HybridCache EmptyHybrid(Action<IServiceCollection>? more = null)
    {
        var services = new ServiceCollection();
        more?.Invoke(services);
        services.AddHybridCache(static o =>
            o.DefaultEntryOptions = new() { Expiration = Workload.TimeToLive, LocalCacheExpiration = Workload.TimeToLive });
        return services.BuildServiceProvider().GetRequiredService<HybridCache>();
    }

    public static FusionCache Fusion()
    {
        var cache = new FusionCache(new FusionCacheOptions { DefaultEntryOptions = new() { Duration = Workload.TimeToLive } });
        for (int i = 0; i < Workload.Count; i++) cache.Set(Workload.Keys[i], Workload.Products[i]);
        return cache;
    }
}
