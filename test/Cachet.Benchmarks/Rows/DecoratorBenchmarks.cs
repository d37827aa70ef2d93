using BenchmarkDotNet.Attributes;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace CachetBenchmarks;

/// <summary>Row 16: the decorators of other caches while nobody listens.</summary>
public class DecoratorBenchmarks
{
    private const string Key = "product:00000001";

    private readonly byte[] _payload = new byte[100];
    private IDistributedCache _store = null!;
    private HybridCache _hybrid = null!;

    [GlobalSetup(Target = nameof(Synchronous))]
    public void MakeSynchronous() => _store = new OneEntry(_payload);

    [GlobalSetup(Target = nameof(SynchronousDecorated))]
    public void DecorateSynchronous() => _store = new OneEntry(_payload).Instrumented("store");

    [GlobalSetup(Target = nameof(Server))]
    public void MakeServer()
    {
        _store = ServerBenchmarks.Connect("bare:");
        _store.Set(Key, _payload);
    }

    [GlobalSetup(Target = nameof(ServerDecorated))]
    public void DecorateServer()
    {
        MakeServer();
        _store = _store.Instrumented("store");
    }

    [GlobalSetup(Target = nameof(HybridHit))]
    public void MakeHybrid() => _hybrid = Contenders.Hybrid();

    [GlobalSetup(Target = nameof(HybridHitDecorated))]
    public void DecorateHybrid() => _hybrid = Contenders.Hybrid().Instrumented("hybrid");

    [GlobalSetup(Target = nameof(HybridServer))]
    public void MakeHybridServer()
    {
        _hybrid = Contenders.EmptyHybrid(static s => s.AddSingleton<IDistributedCache>(ServerBenchmarks.Connect("hybrid:")));
        _hybrid.SetAsync(Key, Workload.Products[0]).AsTask().GetAwaiter().GetResult();
    }

    [GlobalSetup(Target = nameof(HybridServerDecorated))]
    public void DecorateHybridServer()
    {
        MakeHybridServer();
        _hybrid = _hybrid.Instrumented("hybrid");
    }

    [Benchmark]
    public byte[]? Synchronous() => _store.GetAsync(Key).GetAwaiter().GetResult();

    [Benchmark]
    public byte[]? SynchronousDecorated() => _store.GetAsync(Key).GetAwaiter().GetResult();

    [Benchmark]
    public Task<byte[]?> Server() => _store.GetAsync(Key);

    [Benchmark]
    public Task<byte[]?> ServerDecorated() => _store.GetAsync(Key);

    [Benchmark]
    public Product HybridHit() => Hit();

    [Benchmark]
    public Product HybridHitDecorated() => Hit();

    [Benchmark]
    public ValueTask<Product> HybridServer() => Read();

    [Benchmark]
    public ValueTask<Product> HybridServerDecorated() => Read();

    private Product Hit()
    {
        ValueTask<Product> found =
            _hybrid.GetOrCreateAsync<int, Product>(Key, 1, static (_, _) => throw new InvalidOperationException("Not a hit."));
        return found.IsCompletedSuccessfully ? found.Result : throw new InvalidOperationException("Not a hit.");
    }

    private ValueTask<Product> Read() => _hybrid.GetOrCreateAsync<int, Product>(
        Key,
        1,
        static (_, _) => throw new InvalidOperationException("Not on the server."),
        new() { Flags = HybridCacheEntryFlags.DisableLocalCache });

    /// <summary>The least that a store can do.</summary>
    private sealed class OneEntry(byte[] payload) : IDistributedCache
    {
        private readonly Task<byte[]?> _answer = Task.FromResult<byte[]?>(payload);

        public byte[]? Get(string key) => payload;

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => _answer;

        public void Refresh(string key)
        {
        }

        public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public void Remove(string key)
        {
        }

        public Task RemoveAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
        {
        }

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => Task.CompletedTask;
    }
}
