using System.ComponentModel;
using BenchmarkDotNet.Attributes;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CachetBenchmarks;

/// <summary>Row 11: a key that memory does not have and a store in the process has. Serialized by System.Text.Json on both sides.</summary>
/// <remarks>Filling: what was read is kept in memory (which has no room for it when its turn comes again). Not filling: memory is passed by.</remarks>
public class FallbackBenchmarks
{
    private static readonly HybridCacheEntryOptions _filling = new() { Flags = HybridCacheEntryFlags.DisableLocalCacheRead };
    private static readonly HybridCacheEntryOptions _passing = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };

    private ICache<string, Document> _cachet = null!;
    private HybridCache _hybrid = null!;
    private int _next;

    [Params(100, 10_000)]
    public int Bytes { get; set; }

    [GlobalSetup(Target = nameof(Cachet))]
    public void MakeCachet() => _cachet = Make(InsertPolicy<string, Document>.Never);

    [GlobalSetup(Target = nameof(CachetFilling))]
    public void MakeCachetFilling() => _cachet = Make(InsertPolicy<string, Document>.Always);

    [GlobalSetup(Targets = [nameof(HybridCache), nameof(HybridCacheFilling)])]
    public void MakeHybrid()
    {
        _hybrid = Contenders.EmptyHybrid(static s => s.AddSingleton<IDistributedCache>(new InProcessStore()));
        foreach (string key in Workload.Keys) _hybrid.SetAsync(key, Document.Of(Bytes)).AsTask().GetAwaiter().GetResult();
    }

    [Benchmark]
    public ValueTask<Document> Cachet() =>
        _cachet.GetOrInsertAsync(Next(), this, static (_, _, _) => throw new InvalidOperationException("Not in the store."));

    [Benchmark]
    public ValueTask<Document> HybridCache() =>
        _hybrid.GetOrCreateAsync<object, Document>(Next(), this, static (_, _) => throw new InvalidOperationException("Not in the store."), _passing);

    [Benchmark]
    public ValueTask<Document> CachetFilling() =>
        _cachet.GetOrInsertAsync(Next(), this, static (_, _, _) => throw new InvalidOperationException("Not in the store."));

    [Benchmark]
    public ValueTask<Document> HybridCacheFilling() =>
        _hybrid.GetOrCreateAsync<object, Document>(Next(), this, static (_, _) => throw new InvalidOperationException("Not in the store."), _filling);

    private string Next() => Workload.Keys[_next++ & Workload.Mask];

    private ICache<string, Document> Make(InsertPolicy<string, Document> policy)
    {
        ICache<string, Document> cache = Cache.Builder<string, Document>("documents")
            .Memory(o =>
            {
                o.Capacity = 16;
                o.InsertPolicy = policy;
            })
            .Distributed(new InProcessStore(), static o => o.TimeToLive = Workload.TimeToLive)
            .Build();
        foreach (string key in Workload.Keys) cache.InsertAsync(key, Document.Of(Bytes)).AsTask().GetAwaiter().GetResult();
        return cache;
    }
}

/// <summary>Microsoft's store in memory, under a type of its own: HybridCache passes by the original, which it takes for its own memory.</summary>
internal sealed class InProcessStore() : MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions { SizeLimit = null }));

/// <summary>A value to serialize.</summary>
/// <param name="Id">A number.</param>
/// <param name="Text">Most of it.</param>
[ImmutableObject(true)]
public sealed record Document(int Id, string Text)
{
    /// <summary>One whose JSON has about so many bytes.</summary>
    public static Document Of(int bytes) => new(1, new string('x', bytes - 20));
}
