using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace CachetTests.Decorators;

/// <summary>While nobody listens, a decorated cache allocates nothing of its own.</summary>
[NonParallelizable]
public sealed class DecoratorAllocationTests
{
    private const int Rounds = 5;
    private const int Calls = 1_000;

    private readonly DistributedCacheEntryOptions _options = new();

    [Test]
    public void Distributed_NobodyListens_AllocatesNothing()
    {
        IDistributedCache cache = new ScriptedWithoutNotes().Instrumented("sessions");
        Assert.That(Bytes(() => cache.Get("k")), Is.Zero);
        Assert.That(Bytes(() => cache.GetAsync("k")), Is.Zero);
        Assert.That(Bytes(() => cache.SetAsync("k", DistributedCalls.Value, _options)), Is.Zero);
        Assert.That(Bytes(() => cache.RemoveAsync("k")), Is.Zero);
        Assert.That(Bytes(() => cache.RefreshAsync("k")), Is.Zero);
    }

    [Test]
    public void Distributed_AProviderWasThere_AllocatesNothing()
    {
        IDistributedCache cache = new ScriptedWithoutNotes().Instrumented("sessions");
        using (new TraceRecorder())
        {
            Assert.That(Bytes(() => cache.GetAsync("k")), Is.Positive);
        }

        Assert.That(Bytes(() => cache.GetAsync("k")), Is.Zero);
    }

    [Test]
    public void Memory_NobodyListens_AllocatesWhatTheCacheItselfDoes()
    {
        using var inner = new MemoryCache(new MemoryCacheOptions());
        IMemoryCache cache = inner.Instrumented("views");
        object key = "k";
        inner.Set(key, "v");
        Assert.That(Bytes(() => cache.TryGetValue(key, out object? value) ? value : null), Is.Zero);
        Assert.That(Bytes(() => Commit(cache, key)), Is.EqualTo(Bytes(() => Commit(inner, key))));
        Assert.That(Bytes(() => Remove(cache, key)), Is.EqualTo(Bytes(() => Remove(inner, key))));

        static object? Commit(IMemoryCache cache, object key)
        {
            using ICacheEntry entry = cache.CreateEntry(key);
            return entry.Value = "v";
        }

        static object? Remove(IMemoryCache cache, object key)
        {
            cache.Remove(key);
            return null;
        }
    }

    [Test]
    public void Memory_MetricsOnly_AHitAllocatesNothing()
    {
        using MeterProvider provider = Sdk.CreateMeterProviderBuilder().AddCachetInstrumentation().AddInMemoryExporter(new List<Metric>()).Build();
        using var inner = new MemoryCache(new MemoryCacheOptions());
        IMemoryCache cache = inner.Instrumented("views");
        object key = "k";
        cache.Set(key, "v");
        Assert.That(Bytes(() => cache.TryGetValue(key, out object? value) ? value : null), Is.Zero);
        Assert.That(Bytes(() => cache.TryGetValue(cache, out object? value) ? value : null), Is.Zero, "nor does a miss");
    }

    [Test]
    public void Hybrid_NobodyListens_AHitAllocatesWhatTheCacheItselfDoes([Values] bool cancellable)
    {
        using var caller = new CancellationTokenSource();
        CancellationToken token = cancellable ? caller.Token : default;
        using ServiceProvider provider = HybridCaches();
        HybridCache inner = provider.GetRequiredService<HybridCache>(), cache = inner.Instrumented("products");
        Assert.That(Bytes(() => Hit(cache, "state", token)), Is.EqualTo(Bytes(() => Hit(inner, "state", token))));
        Assert.That(Bytes(() => Hit(cache, token)), Is.EqualTo(Bytes(() => Hit(inner, token))));
    }

    [Test]
    public void Hybrid_NobodyListensAndTheStateIsAStruct_AHitAllocatesThat([Values] bool cancellable)
    {
        using var caller = new CancellationTokenSource();
        CancellationToken token = cancellable ? caller.Token : default;
        using ServiceProvider provider = HybridCaches();
        HybridCache inner = provider.GetRequiredService<HybridCache>(), cache = inner.Instrumented("products");
        Assert.That(Bytes(() => Hit(cache, 0L, token)), Is.EqualTo(Bytes(() => Hit(inner, 0L, token)) + (24 * Calls)));
    }

    private static ServiceProvider HybridCaches()
    {
        var services = new ServiceCollection();
        services.AddHybridCache();
        return services.BuildServiceProvider();
    }

    private static string Hit(HybridCache cache, CancellationToken token) => Value(
        cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("v"), cancellationToken: token));

    private static string Hit<TState>(HybridCache cache, TState state, CancellationToken token) => Value(
        cache.GetOrCreateAsync("k", state, static (_, _) => new ValueTask<string>("v"), cancellationToken: token));

    private static string Value(ValueTask<string> call) => call.IsCompletedSuccessfully ? call.Result : call.AsTask().GetAwaiter().GetResult();

    // The least of some rounds: what the runtime allocates once, while it compiles a method anew, is not the call's.
    private static long Bytes(Func<object?> call)
    {
        long least = long.MaxValue;
        for (int round = 0; round < Rounds && least > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Calls; i++) call();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private sealed class ScriptedWithoutNotes : IDistributedCache
    {
        private static readonly Task<byte[]?> _found = Task.FromResult<byte[]?>(DistributedCalls.Value);

        public byte[]? Get(string key) => DistributedCalls.Value;

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => _found;

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
        {
        }

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => Task.CompletedTask;

        public void Refresh(string key)
        {
        }

        public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public void Remove(string key)
        {
        }

        public Task RemoveAsync(string key, CancellationToken token = default) => Task.CompletedTask;
    }
}
