using BenchmarkDotNet.Attributes;
using BitFaster.Caching.Lfu;
using BitFaster.Caching.Lru;
using Cachet;
using Microsoft.Extensions.Caching.Memory;

namespace CachetBenchmarks;

/// <summary>Inserts of new keys into caches that are full: each makes room. No goal; with the hits it decides the default policy.</summary>
/// <remarks>One insert after the other, without a pause: what is done in the background cannot keep up and holds up the caller, or, with MemoryCache,
/// lets it go away without having stored anything.</remarks>
public class InsertBenchmarks
{
    private const int Keys = 1 << 20; // a key that comes again has left long ago

    private readonly string[] _keys = [.. Enumerable.Range(0, Keys).Select(static i => $"new:{i:D12}")];
    private readonly Product _product = Workload.Products[0];
    private int _next;
    private ICache<string, Product> _cachet = null!;
    private ConcurrentLru<string, Product> _lru = null!;
    private ConcurrentLfu<string, Product> _lfu = null!;
    private MemoryCache _memory = null!;
    private MemoryCacheEntryOptions _entry = null!;

    [GlobalSetup(Target = nameof(CachetLru))]
    public void SetUpCachetLru() => Fill(EvictionPolicy.Lru);

    [GlobalSetup(Target = nameof(CachetLfu))]
    public void SetUpCachetLfu() => Fill(EvictionPolicy.TinyLfu);

    [GlobalSetup(Target = nameof(BitFasterLru))]
    public void SetUpBitFasterLru()
    {
        _lru = new(Workload.Capacity);
        for (int i = 0; i < 2 * Workload.Capacity; i++) BitFasterLru();
    }

    [GlobalSetup(Target = nameof(BitFasterLfu))]
    public void SetUpBitFasterLfu()
    {
        _lfu = new(Workload.Capacity);
        for (int i = 0; i < 2 * Workload.Capacity; i++) BitFasterLfu();
    }

    [GlobalSetup(Target = nameof(IMemoryCache))]
    public void SetUpMemoryCache()
    {
        _memory = new(new MemoryCacheOptions { SizeLimit = Workload.Capacity });
        _entry = new() { Size = 1 };
        for (int i = 0; i < 2 * Workload.Capacity; i++) IMemoryCache();
    }

    [Benchmark]
    public void BitFasterLru() => _lru.AddOrUpdate(NextKey(), _product);

    [Benchmark]
    public void BitFasterLfu() => _lfu.AddOrUpdate(NextKey(), _product);

    [Benchmark]
    public void IMemoryCache() => _memory.Set(NextKey(), _product, _entry);

    [Benchmark]
    public InsertOutcome CachetLru() => Insert();

    [Benchmark]
    public InsertOutcome CachetLfu() => Insert();

    private void Fill(EvictionPolicy policy)
    {
        _cachet = Cache.Builder<string, Product>("products").Memory(o => (o.Capacity, o.EvictionPolicy) = (Workload.Capacity, policy)).Build();
        for (int i = 0; i < 2 * Workload.Capacity; i++) Insert();
    }

    private InsertOutcome Insert()
    {
        ValueTask<InsertOutcome> inserted = _cachet.InsertAsync(NextKey(), _product);
        return inserted.IsCompletedSuccessfully ? inserted.Result : throw new InvalidOperationException("Not at once.");
    }

    private string NextKey() => _keys[_next++ & (Keys - 1)];
}
