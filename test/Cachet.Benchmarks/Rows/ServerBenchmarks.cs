using BenchmarkDotNet.Attributes;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CachetBenchmarks;

/// <summary>Row 12: a key that memory does not have and a server has, 10 KB.</summary>
public class ServerBenchmarks
{
    /// <summary>Names the server in the environment of the processes that BenchmarkDotNet starts.</summary>
    public const string EndPoint = "CACHET_BENCHMARKS_SERVER";

    private const int Bytes = 10_000;

    private static readonly HybridCacheEntryOptions _passing = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };

    private ICache<string, Document> _cachet = null!;
    private HybridCache _hybrid = null!;
    private ICache<string, byte[]> _cachetBytes = null!;
    private HybridCache _hybridBytes = null!;
    private int _next;

    [GlobalSetup(Target = nameof(Cachet))]
    public void MakeCachet() => _cachet = Filled(Document.Of(Bytes));

    [GlobalSetup(Target = nameof(CachetBytes))]
    public void MakeCachetBytes() => _cachetBytes = Filled(new byte[Bytes]);

    [GlobalSetup(Target = nameof(HybridCache))]
    public void MakeHybrid() => _hybrid = FilledHybrid(Document.Of(Bytes));

    [GlobalSetup(Target = nameof(HybridCacheBytes))]
    public void MakeHybridBytes() => _hybridBytes = FilledHybrid(new byte[Bytes]);

    [Benchmark]
    public ValueTask<Document> Cachet() =>
        _cachet.GetOrInsertAsync(Next(), this, static (_, _, _) => throw new InvalidOperationException("Not on the server."));

    [Benchmark]
    public ValueTask<Document> HybridCache() =>
        _hybrid.GetOrCreateAsync<object, Document>(Next(), this, static (_, _) => throw new InvalidOperationException("Not on the server."), _passing);

    [Benchmark]
    public ValueTask<byte[]> CachetBytes() =>
        _cachetBytes.GetOrInsertAsync(Next(), this, static (_, _, _) => throw new InvalidOperationException("Not on the server."));

    [Benchmark]
    public ValueTask<byte[]> HybridCacheBytes() =>
        _hybridBytes.GetOrCreateAsync<object, byte[]>(Next(), this, static (_, _) => throw new InvalidOperationException("Not on the server."), _passing);

    internal static RedisCache Connect(string instance) => new(Options.Create(new RedisCacheOptions
    {
        Configuration = Environment.GetEnvironmentVariable(EndPoint) ?? throw new InvalidOperationException($"{EndPoint} names no server."),
        InstanceName = instance,
    }));

    private static ICache<string, T> Filled<T>(T value)
    {
        ICache<string, T> cache = Cache.Builder<string, T>("documents")
            .Memory(static o => o.InsertPolicy = InsertPolicy<string, T>.Never)
            .Distributed(Connect($"cachet-{typeof(T).Name}:"), static o => o.TimeToLive = Workload.TimeToLive)
            .Build();
        foreach (string key in Workload.Keys) cache.InsertAsync(key, value).AsTask().GetAwaiter().GetResult();
        return cache;
    }

    private static HybridCache FilledHybrid<T>(T value)
    {
        HybridCache cache = Contenders.EmptyHybrid(static s => s.AddSingleton<IDistributedCache>(Connect($"hybrid-{typeof(T).Name}:")));
        foreach (string key in Workload.Keys) cache.SetAsync(key, value).AsTask().GetAwaiter().GetResult();
        return cache;
    }

    private string Next() => Workload.Keys[_next++ & Workload.Mask];
}
