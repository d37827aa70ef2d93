using Cachet;
using CachetBenchmarks;

namespace CachetTests;

/// <summary>What hit ratios are compared with: the best that is possible, and the rule by the book.</summary>
public class HitReferenceTests
{
    private const int Requests = 20_000;
    private const int Keys = 1_000;
    private const int Capacity = 50;

    private static IEnumerable<TestCaseData> Streams =>
        from stream in new (string Name, int[] Keys)[]
        {
            ("Zipf", New().Zipf(0.9)), ("scans", New().Scans()), ("loop", New().Loop(Capacity)), ("news", New().News()), ("mixed", New().Mixed()),
        }
        select new TestCaseData(stream.Keys).SetArgDisplayNames(stream.Name);

    [Test]
    public void Optimal_ShortStreams_IsTheBestOfAllChoices()
    {
        var random = new Random(42);
        for (int i = 0; i < 500; i++)
        {
            int[] stream = [.. Enumerable.Range(0, 12).Select(_ => random.Next(5))];
            int capacity = random.Next(1, 4);

            Assert.That(References.Optimal(stream, capacity), Is.EqualTo(BestOfAll(stream, [], capacity)), $"{capacity}: {string.Join(' ', stream)}");
        }
    }

    [Test]
    public void LeastRecent_AnyStream_FindsWhatWasAmongTheLastKeysAskedFor()
    {
        int[] stream = New().Zipf(0.9)[..2_000];

        int expected = Enumerable.Range(0, stream.Length).Count(i => stream[..i].Reverse().Distinct().Take(Capacity).Contains(stream[i]));

        Assert.That(References.LeastRecent(stream, Capacity), Is.EqualTo(expected));
    }

    [TestCaseSource(nameof(Streams))]
    public async Task Optimal_AnyStream_IsMoreThanAnyCacheHas(int[] stream)
    {
        var work = new WorkQueue();
        MemoryTier<int, object, LfuStore<int, object>> lfu = MemoryTiers.Lfu<int, object>(Capacity, work);

        int optimal = References.Optimal(stream, Capacity);

        Assert.That(References.LeastRecent(stream, Capacity), Is.LessThan(optimal));
        Assert.That(await HitsAsync(stream, Askers.Cachet(EvictionPolicy.Lru, Capacity)), Is.LessThan(optimal));
        Assert.That(await HitsAsync(stream, Askers.MemoryCache(Capacity)), Is.LessThan(optimal));
        Assert.That(await HitsAsync(stream, AskLfuAsync), Is.LessThan(optimal));

        async ValueTask<bool> AskLfuAsync(int key)
        {
            bool there = lfu.Find(key) is not null;
            if (!there) await lfu.InsertAsync(key, new(stream), default);
            work.DoAll();
            return there;
        }
    }

    [Test]
    public async Task LeastRecent_LoopLongerThanTheCapacity_NeverHits()
    {
        int[] stream = New().Loop(Capacity);

        Assert.That(References.LeastRecent(stream, Capacity), Is.Zero);
        Assert.That(References.Optimal(stream, Capacity), Is.GreaterThan(0.8 * Requests));

        // Cachet's LRU is not by the book: what was found once has a place of its own, four fifths of all.
        Assert.That(await HitsAsync(stream, Askers.Cachet(EvictionPolicy.Lru, Capacity)), Is.EqualTo(0.66 * Requests).Within(2).Percent);
    }

    private static KeyStreams New() => new(1, Requests, Keys);

    private static async Task<int> HitsAsync(int[] stream, Asker ask)
    {
        int hits = 0;
        foreach (int key in stream) hits += await ask(key) ? 1 : 0;
        return hits;
    }

    /// <summary>Tries every way of making room, and that of not storing what was asked for.</summary>
    private static int BestOfAll(ReadOnlySpan<int> stream, int[] held, int capacity)
    {
        if (stream.Length == 0) return 0;
        if (held.Contains(stream[0])) return 1 + BestOfAll(stream[1..], held, capacity);
        int[] wanted = [.. held, stream[0]];
        if (wanted.Length <= capacity) return BestOfAll(stream[1..], wanted, capacity);
        int best = 0;
        foreach (int dropped in wanted) best = Math.Max(best, BestOfAll(stream[1..], [.. wanted.Where(k => k != dropped)], capacity));
        return best;
    }
}
