using BenchmarkDotNet.Attributes;
using BitFaster.Caching.Lfu;
using BitFaster.Caching.Lru;
using Cachet;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using ZiggyCreatures.Caching.Fusion;

namespace CachetBenchmarks;

/// <summary>The contenders' fields and the walk through the keys. A class of benchmarks fills the field that its case needs, and no other.</summary>
public abstract class Hits
{
    private int _next;

    internal ICache<string, Product> Cachet { get; set; } = null!;

    internal HybridCache Hybrid { get; set; } = null!;

    internal FusionCache Fusion { get; set; } = null!;

    internal string NextKey() => Workload.Keys[_next++ & Workload.Mask];

    internal CacheEntry<Product>? GetCachet()
    {
        ValueTask<CacheEntry<Product>?> found = Cachet.GetAsync(NextKey());
        return found.IsCompletedSuccessfully ? found.Result : throw new InvalidOperationException("Not a hit.");
    }

    internal Product GetOrInsertCachet()
    {
        ValueTask<Product> found = Cachet.GetOrInsertAsync(NextKey(), this, static (_, _, _) => throw new InvalidOperationException("Not a hit."));
        return found.IsCompletedSuccessfully ? found.Result : throw new InvalidOperationException("Not a hit.");
    }

    internal Product GetOrInsertCachetStateless()
    {
        ValueTask<Product> found = Cachet.GetOrInsertAsync(NextKey(), static (_, _) => throw new InvalidOperationException("Not a hit."));
        return found.IsCompletedSuccessfully ? found.Result : throw new InvalidOperationException("Not a hit.");
    }

    internal Product GetHybrid()
    {
        ValueTask<Product> found = Hybrid.GetOrCreateAsync<Hits, Product>(
            NextKey(), this, static (_, _) => throw new InvalidOperationException("Not a hit."));
        return found.IsCompletedSuccessfully ? found.Result : throw new InvalidOperationException("Not a hit.");
    }

    internal MaybeValue<Product> GetFusion()
    {
        ValueTask<MaybeValue<Product>> found = Fusion.TryGetAsync<Product>(NextKey());
        return found.IsCompletedSuccessfully && found.Result.HasValue ? found.Result : throw new InvalidOperationException("Not a hit.");
    }
}

/// <summary>Rows 1, 2, 3 and 9: a hit in memory that nobody records, and what attaching, loading and listening add to it.</summary>
public class HitBenchmarks : Hits
{
    private readonly CountingHandler _handler = new();
    private readonly IStateful<string> _floor = new Stateful<string>();
    private ConcurrentLru<string, Product> _lru = null!;
    private ConcurrentTLru<string, Product> _lruExpiring = null!;
    private ConcurrentLfu<string, Product> _lfu = null!;
    private BitFaster.Caching.ICache<string, Product> _lfuExpiring = null!;
    private MemoryCache _memory = null!;

    [GlobalSetup(Targets = [nameof(CachetLru), nameof(CachetLruLoader), nameof(CachetLruStateless)])]
    public void MakeLru() => Cachet = Contenders.Cachet(EvictionPolicy.Lru);

    [GlobalSetup(Targets = [nameof(CachetLruExpiring), nameof(CachetLruExpiringLoader)])]
    public void MakeLruExpiring() => Cachet = Contenders.Cachet(EvictionPolicy.Lru, Workload.TimeToLive);

    [GlobalSetup(Targets = [nameof(CachetLfu), nameof(CachetLfuLoader)])]
    public void MakeLfu() => Cachet = Contenders.Cachet(EvictionPolicy.TinyLfu);

    [GlobalSetup(Target = nameof(CachetLfuExpiring))]
    public void MakeLfuExpiring() => Cachet = Contenders.Cachet(EvictionPolicy.TinyLfu, Workload.TimeToLive);

    [GlobalSetup(Target = nameof(AttachedLru))]
    public void Attach()
    {
        MakeLru();
        Telemetry.AttachUnheard();
    }

    [GlobalSetup(Target = nameof(AttachedLruExpiring))]
    public void AttachExpiring()
    {
        MakeLruExpiring();
        Telemetry.AttachUnheard();
    }

    [GlobalSetup(Target = nameof(HandlerLru))]
    public void MakeHandled() => Cachet = Contenders.Cachet(EvictionPolicy.Lru, null, b => b.EventHandler(_handler));

    [GlobalSetup(Target = nameof(BitFasterLru))]
    public void MakeBitFasterLru() => _lru = Contenders.BitFasterLru();

    [GlobalSetup(Target = nameof(BitFasterLruExpiring))]
    public void MakeBitFasterLruExpiring() => _lruExpiring = Contenders.BitFasterLruExpiring();

    [GlobalSetup(Target = nameof(BitFasterLfu))]
    public void MakeBitFasterLfu() => _lfu = Contenders.BitFasterLfu();

    [GlobalSetup(Target = nameof(BitFasterLfuExpiring))]
    public void MakeBitFasterLfuExpiring() => _lfuExpiring = Contenders.BitFasterLfuExpiring();

    [GlobalSetup(Target = nameof(IMemoryCache))]
    public void MakeMemory() => _memory = Contenders.MemoryCache(Workload.TimeToLive);

    [GlobalSetup(Target = nameof(HybridCache))]
    public void MakeHybrid() => Hybrid = Contenders.Hybrid();

    [GlobalSetup(Target = nameof(FusionCache))]
    public void MakeFusion() => Fusion = Contenders.Fusion();

    [Benchmark]
    public object? CachetLru() => GetCachet();

    [Benchmark]
    public object? BitFasterLru() => _lru.TryGet(NextKey(), out Product? value) ? value : null;

    [Benchmark]
    public object? CachetLruExpiring() => GetCachet();

    [Benchmark]
    public object? BitFasterLruExpiring() => _lruExpiring.TryGet(NextKey(), out Product? value) ? value : null;

    [Benchmark]
    public object? CachetLfu() => GetCachet();

    [Benchmark]
    public object? BitFasterLfu() => _lfu.TryGet(NextKey(), out Product? value) ? value : null;

    [Benchmark]
    public object? CachetLfuExpiring() => GetCachet();

    [Benchmark]
    public object? BitFasterLfuExpiring() => _lfuExpiring.TryGet(NextKey(), out Product? value) ? value : null;

    [Benchmark]
    public object? IMemoryCache() => _memory.TryGetValue(NextKey(), out Product? value) ? value : null;

    [Benchmark]
    public object? HybridCache() => GetHybrid();

    [Benchmark]
    public object? FusionCache() => GetFusion().Value;

    [Benchmark]
    public object? AttachedLru() => GetCachet();

    [Benchmark]
    public object? AttachedLruExpiring() => GetCachet();

    [Benchmark]
    public object? CachetLruLoader() => GetOrInsertCachet();

    [Benchmark]
    public object? CachetLruStateless() => GetOrInsertCachetStateless();

    [Benchmark]
    public object? FloorOfState() => _floor.Call(NextKey(), this);

    [Benchmark]
    public object? CachetLruExpiringLoader() => GetOrInsertCachet();

    [Benchmark]
    public object? CachetLfuLoader() => GetOrInsertCachet();

    [Benchmark]
    public object? HandlerLru() => GetCachet();

    [Benchmark]
    public long StopwatchPair() => System.Diagnostics.Stopwatch.GetTimestamp() - System.Diagnostics.Stopwatch.GetTimestamp();

    /// <summary>What a call of a generic method through an interface costs by itself.</summary>
    private interface IStateful<TKey>
    {
        TKey Call<TState>(TKey key, TState state);
    }

    private sealed class Stateful<TKey> : IStateful<TKey>
    {
        public TKey Call<TState>(TKey key, TState state) => key;
    }

    private sealed class CountingHandler : ICacheEventHandler
    {
        private long _operations;
        private long _tiers;

        public void OnOperationComplete(in CacheOperationEvent operationEvent) => _operations++;

        public void OnTierEvent(in CacheTierEvent tierEvent) => _tiers++;
    }
}
