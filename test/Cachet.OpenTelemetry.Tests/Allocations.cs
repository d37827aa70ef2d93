using Cachet;

namespace CachetTests;

/// <summary>How many bytes the hits of a memory tier in front of another allocate on the caller's thread.</summary>
internal static class Allocations
{
    private const int Calls = 1_000;

    /// <summary>A cache that holds the key <c>k</c> in memory.</summary>
    public static ICache<string, string> Warm()
    {
        ICache<string, string> cache = Cache.Builder<string, string>("products").Memory().Tier(new FakeTier<string, string>(), static o => o.Remote = true).Build();
        ValueTask<InsertOutcome> insert = cache.InsertAsync("k", "v");
        Assert.That(insert.IsCompletedSuccessfully);
        return cache;
    }

    public static long OfHits(ICache<string, string> cache)
    {
        for (int i = 0; i < Calls; i++) Hit(cache);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Calls; i++) Hit(cache);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Hit(ICache<string, string> cache)
    {
        if (!cache.GetAsync("k").IsCompletedSuccessfully
            || !cache.ContainsAsync("k").IsCompletedSuccessfully
            || !cache.GetOrInsertAsync("k", 0, static (_, _, _) => throw new InvalidOperationException()).IsCompletedSuccessfully
            || !cache.GetOrInsertEntryAsync("k", static (_, _) => throw new InvalidOperationException()).IsCompletedSuccessfully)
        {
            throw new InvalidOperationException("Not a hit in memory.");
        }
    }
}
