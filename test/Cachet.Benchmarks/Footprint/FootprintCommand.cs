using System.Diagnostics;
using System.Globalization;
using BitFaster.Caching.Lru;
using Cachet;
using CachetTests;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using ZiggyCreatures.Caching.Fusion;

namespace CachetBenchmarks;

/// <summary>Row 13: what a cache of 1 M small entries holds on the heap per entry, apart from the keys and the values. Each in a process of its own.</summary>
internal static class FootprintCommand
{
    private const int Entries = 1_000_000;

    private static readonly Dictionary<string, Func<string[], object[], object>> _contenders = new()
    {
        ["cachet-lru"] = static (keys, values) => Cachet(keys, values, EvictionPolicy.Lru),
        ["cachet-lfu"] = static (keys, values) => Cachet(keys, values, EvictionPolicy.TinyLfu),
        ["bitfaster-lru"] = BitFaster,
        ["imemorycache"] = Memory,
        ["hybrid"] = Hybrid,
        ["fusion"] = Fusion,
    };

    public static int Run(string contender)
    {
        string[] keys = [.. Enumerable.Range(0, Entries).Select(static i => $"product:{i:D8}")];
        object[] values = [.. Enumerable.Range(0, Entries).Select(static i => new Product("name", i))];
        long before = Held();
        object cache = _contenders[contender](keys, values);
        long after = Held();
        Console.WriteLine(((after - before) / (double)Entries).ToString("0.0", CultureInfo.InvariantCulture));
        GC.KeepAlive(cache);
        GC.KeepAlive(keys);
        GC.KeepAlive(values);
        return 0;
    }

    public static async Task MeasureAllAsync(Results results)
    {
        foreach (string contender in _contenders.Keys)
        {
            await using ChildProcess child = ChildProcess.Start("dotnet", [typeof(FootprintCommand).Assembly.Location, "footprint", contender]);
            if (await child.ExitAsync(TimeSpan.FromMinutes(3)) != 0) throw new InvalidOperationException($"{child}");
            double bytes = double.Parse(child.Output[^1], CultureInfo.InvariantCulture);
            Console.WriteLine($"{contender}: {bytes} B held per entry");
            results.Add($"Footprint.{contender}", double.NaN, bytes);
        }
    }

    private static long Held()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static object Cachet(string[] keys, object[] values, EvictionPolicy policy)
    {
        ICache<string, Product> cache = Cache.Builder<string, Product>("products")
            .Memory(o =>
            {
                o.Capacity = Entries + (Entries / 10);
                o.EvictionPolicy = policy;
                o.TimeToLive = Workload.TimeToLive;
            })
            .Build();
        for (int i = 0; i < Entries; i++) cache.InsertAsync(keys[i], (Product)values[i]).AsTask().GetAwaiter().GetResult();
        Check(cache.CountAsync().AsTask().GetAwaiter().GetResult());
        return cache;
    }

    private static object BitFaster(string[] keys, object[] values)
    {
        var cache = new ConcurrentTLru<string, Product>(Entries + (Entries / 10), Workload.TimeToLive);
        for (int i = 0; i < Entries; i++) cache.AddOrUpdate(keys[i], (Product)values[i]);
        Check(cache.Count);
        return cache;
    }

    private static object Memory(string[] keys, object[] values)
    {
        var cache = new MemoryCache(new MemoryCacheOptions());
        for (int i = 0; i < Entries; i++) cache.Set(keys[i], (Product)values[i], Workload.TimeToLive);
        Check(cache.Count);
        return cache;
    }

    private static object Hybrid(string[] keys, object[] values)
    {
        MemoryCache memory = new(new MemoryCacheOptions());
        HybridCache cache = Contenders.EmptyHybrid(s => s.AddSingleton<IMemoryCache>(memory));
        for (int i = 0; i < Entries; i++) cache.SetAsync(keys[i], (Product)values[i]).AsTask().GetAwaiter().GetResult();
        Check(memory.Count);
        return cache;
    }

    private static object Fusion(string[] keys, object[] values)
    {
        MemoryCache memory = new(new MemoryCacheOptions());
        var cache = new FusionCache(new FusionCacheOptions { DefaultEntryOptions = new() { Duration = Workload.TimeToLive } }, memory);
        for (int i = 0; i < Entries; i++) cache.Set(keys[i], (Product)values[i]);
        Check(memory.Count);
        return cache;
    }

    [StackTraceHidden]
    private static void Check(long? entries)
    {
        if (entries < Entries) throw new InvalidOperationException($"It holds {entries} of {Entries} entries.");
    }
}
