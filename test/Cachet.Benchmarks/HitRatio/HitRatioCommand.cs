using System.Diagnostics;
using Cachet;

namespace CachetBenchmarks;

/// <summary>How often caches have what they are asked for, on generated streams.</summary>
/// <remarks>Two paces. <see cref="Settled"/>: what a cache does in the background is done before the next request, on the only thread of the pool, so
/// that a run can be repeated to the digit; this is how caches behave whose callers do something between requests. <see cref="FlatOut"/>: a thread that
/// does nothing but ask, and the background work keeps up as it can.</remarks>
internal static class HitRatioCommand
{
    public const string Lru = "Cachet LRU";
    public const string TinyLfu = "Cachet TinyLFU";
    public const string Memory = "MemoryCache";
    public const string Book = "LRU by the book";
    public const string Optimal = "optimal";

    public const string Settled = "settled";
    public const string FlatOut = "flat out";
    public const string Computed = "computed";

    private const int Repetitions = 3;

    public static int Run()
    {
        long start = Stopwatch.GetTimestamp();
        List<HitRatio> results = OneWorker.Run(AskSettledAsync);
        results.AddRange(AskFlatOut());
        HitRatioReport.Write(results);
        Console.WriteLine($"It took {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s.");
        return 0;
    }

    private static async Task<List<HitRatio>> AskSettledAsync()
    {
        var results = new List<HitRatio>();
        foreach (int seed in HitRatioCase.Seeds)
        {
            foreach (HitRatioCase one in HitRatioCase.All(seed, HitRatioCase.Capacities))
            {
                results.Add(one.Came(Lru, Settled, Count(Askers.Cachet(EvictionPolicy.Lru, one.Capacity), one.Keys))); // does nothing in the background
                results.Add(one.Came(TinyLfu, Settled, await CountAsync(Askers.Cachet(EvictionPolicy.TinyLfu, one.Capacity), one.Keys)));
                results.Add(one.Came(Book, Computed, References.LeastRecent(one.Keys, one.Capacity)));
                results.Add(one.Came(Optimal, Computed, References.Optimal(one.Keys, one.Capacity)));
                if (seed != HitRatioCase.Seeds[0]) continue; // sorting all its entries again and again, it takes as long as all the others together
                results.Add(one.Came(Memory, Settled, await CountAsync(Askers.MemoryCache(one.Capacity, new Askers.CountingClock()), one.Keys)));
            }
        }

        return results;
    }

    private static List<HitRatio> AskFlatOut()
    {
        var results = new List<HitRatio>();
        foreach (HitRatioCase one in HitRatioCase.All(HitRatioCase.Seeds[0], [HitRatioCase.Capacities[1]]))
        {
            for (int i = 0; i < Repetitions; i++)
            {
                results.Add(one.Came(TinyLfu, FlatOut, Count(Askers.Cachet(EvictionPolicy.TinyLfu, one.Capacity), one.Keys)));
                results.Add(one.Came(Memory, FlatOut, Count(Askers.MemoryCache(one.Capacity), one.Keys)));
            }
        }

        return results;
    }

    private static async Task<int> CountAsync(Asker ask, int[] keys)
    {
        int hits = 0;
        foreach (int key in keys)
        {
            if (await ask(key)) hits++;
            await Task.Yield();
        }

        return hits;
    }

    private static int Count(Asker ask, int[] keys)
    {
        int hits = 0;
        foreach (int key in keys)
        {
            if (ask(key).GetAwaiter().GetResult()) hits++;
        }

        return hits;
    }
}
