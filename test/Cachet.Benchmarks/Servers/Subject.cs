using System.Text.Json;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Serialization.SystemTextJson;

namespace CachetBenchmarks;

/// <summary>A contender over a store, made as its users would make it.</summary>
/// <param name="Read">Reads through it. It never has to load: all keys are on the server.</param>
/// <param name="Fill">Puts a key there.</param>
internal sealed record Subject<T>(Func<string, ValueTask<T?>> Read, Func<string, Task> Fill)
    where T : class;

/// <summary>The contenders.</summary>
internal static class Subject
{
    private const int Bytes = 1_000;
    private const int InMemory = KeyStream.Keys / 10;

    private static readonly Document _document = Document.Of(Bytes);

    public static Subject<byte[]> OfBytes(IDistributedCache store)
    {
        byte[] value = new byte[Bytes];
        return new(key => new(store.GetAsync(key)), key => store.SetAsync(key, value, Lasting()));
    }

    public static Subject<Document> CacheAside(IDistributedCache store)
    {
        return new(ReadAsync, key => store.SetAsync(key, JsonSerializer.SerializeToUtf8Bytes(_document), Lasting()));

        async ValueTask<Document?> ReadAsync(string key) =>
            await store.GetAsync(key) is { } bytes ? JsonSerializer.Deserialize<Document>(bytes) : throw Missing();
    }

    public static Subject<Document> Cachet(IDistributedCache store, Reads reads)
    {
        ICache<string, Document> cache = Cache.Builder<string, Document>("documents")
            .Memory(o =>
            {
                o.Capacity = InMemory;
                o.TimeToLive = Workload.TimeToLive;
                if (reads == Reads.AllFromServer) o.InsertPolicy = InsertPolicy<string, Document>.Never;
            })
            .Distributed(store, static o => o.TimeToLive = Workload.TimeToLive)
            .Build();
        return new(
            key => cache.GetOrInsertAsync(key, cache, static (_, _, _) => throw Missing())!,
            async key => await cache.InsertAsync(key, _document));
    }

    /// <summary>HybridCache tells its memory how many bytes an entry has on the server: the bound of memory is in bytes, too.</summary>
    public static Subject<Document> Hybrid(IDistributedCache store, Reads reads, bool decorated)
    {
        HybridCache cache = Contenders.EmptyHybrid(s => s
            .AddSingleton(decorated ? store.Instrumented("documents", tier: "l2") : store)
            .AddMemoryCache(static o => o.SizeLimit = (long)InMemory * JsonSerializer.SerializeToUtf8Bytes(_document).Length));
        if (decorated) cache = cache.Instrumented("documents");
        HybridCacheEntryOptions? options = reads == Reads.Mixed ? null : new() { Flags = HybridCacheEntryFlags.DisableLocalCache };
        return new(
            key => cache.GetOrCreateAsync<object, Document>(key, cache, static (_, _) => throw Missing(), options)!,
            key => cache.SetAsync(key, _document, options).AsTask());
    }

    /// <summary>FusionCache counts entries where it is told that each has the size 1.</summary>
    public static Subject<Document> Fusion(IDistributedCache store, Reads reads)
    {
        var cache = new FusionCache(
            new FusionCacheOptions
            {
                DefaultEntryOptions = new()
                {
                    Duration = Workload.TimeToLive,
                    Size = 1,
                    SkipMemoryCacheRead = reads == Reads.AllFromServer,
                    SkipMemoryCacheWrite = reads == Reads.AllFromServer,
                },
            },
            new MemoryCache(new MemoryCacheOptions { SizeLimit = InMemory }));
        cache.SetupDistributedCache(store, new FusionCacheSystemTextJsonSerializer());
        return new(
            key => cache.GetOrSetAsync<Document>(key, static (_, _) => throw Missing())!,
            key => cache.SetAsync(key, _document).AsTask());
    }

    private static DistributedCacheEntryOptions Lasting() => new() { AbsoluteExpirationRelativeToNow = Workload.TimeToLive };

    private static InvalidOperationException Missing() => new("Not on the server.");
}
