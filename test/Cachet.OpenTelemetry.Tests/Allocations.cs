using Cachet;

namespace CachetTests;

/// <summary>How many bytes the hits of a memory tier in front of another allocate on the caller's thread.</summary>
internal static class Allocations
{
    public const string None = "get 0, get_or_insert 0, entry 0, contains 0";

    private const int Calls = 1_000;
    private const int Rounds = 5;

    /// <summary>A cache that holds the key <c>k</c> in memory.</summary>
    public static ICache<string, string> Warm()
    {
        ICache<string, string> cache = Cache.Builder<string, string>("products").Memory().Tier(new FakeCacheTier<string, string>(), static o => o.Remote = true).Build();
        ValueTask<InsertOutcome> insert = cache.InsertAsync("k", "v");
        Assert.That(insert.IsCompletedSuccessfully);
        return cache;
    }

    /// <summary>Bytes per call, for each call that a hit can answer.</summary>
    public static string OfHits(ICache<string, string> cache) =>
        $"get {Of(() => cache.GetAsync("k").IsCompletedSuccessfully)}, "
        + $"get_or_insert {Of(() => cache.GetOrInsertAsync("k", 0, static (_, _, _) => throw new InvalidOperationException()).IsCompletedSuccessfully)}, "
        + $"entry {Of(() => cache.GetOrInsertEntryAsync("k", static (_, _) => throw new InvalidOperationException()).IsCompletedSuccessfully)}, "
        + $"contains {Of(() => cache.ContainsAsync("k").IsCompletedSuccessfully)}";

    // The least of some rounds: what the runtime allocates once, while it compiles a method anew, is not the call's.
    private static double Of(Func<bool> hit)
    {
        bool all = true;
        long least = long.MaxValue;
        for (int round = 0; round < Rounds && least > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Calls; i++) all &= hit();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(all, "every call was a hit in memory");
        return (double)least / Calls;
    }
}
