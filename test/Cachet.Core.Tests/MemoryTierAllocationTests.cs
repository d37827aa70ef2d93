using Cachet;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>What a hit in a memory tier allocates, whatever the tier was told to do beside.</summary>
[NonParallelizable]
public class MemoryTierAllocationTests
{
    private const int Calls = 1_000;

    [Test]
    public void GetAsync_LruWithTimeToIdleOrListener_AllocatesNothing([Values] bool idle, [Values] bool listener, [Values] bool systemClock) =>
        Assert.That(
            Allocated(Built(
                o =>
                {
                    if (idle) o.TimeToIdle = TimeSpan.FromHours(1);
                    if (listener) o.EvictionListener(static (_, _, _) => throw new InvalidOperationException("Nothing leaves."));
                },
                systemClock)),
            Is.Zero);

    [Test]
    public void GetAsync_TinyLfu_AllocatesNextToNothing([Values] bool idle, [Values] bool listener) =>
        Assert.That(
            Allocated(Built(
                o =>
                {
                    o.EvictionPolicy = EvictionPolicy.TinyLfu;
                    if (idle) o.TimeToIdle = TimeSpan.FromHours(1);
                    if (listener) o.EvictionListener(static (_, _, _) => { });
                },
                systemClock: true)),
            Is.LessThanOrEqualTo(2 * Calls));

    [Test]
    public void GetAsync_MemoryCache_AllocatesTheKey()
    {
        using var memory = new MemoryCache(new MemoryCacheOptions());
        ICache<string, string> cache = Cache.Builder<string, string>("c").MemoryCache(memory).Build();
        cache.InsertAsync("k", "v").AsTask().GetAwaiter().GetResult();

        Assert.That(Allocated(cache), Is.LessThanOrEqualTo(32 * Calls));
    }

    private static ICache<string, string> Built(Action<MemoryTierOptions<string, string>> configure, bool systemClock)
    {
        CacheBuilder<string, string> builder = Cache.Builder<string, string>("c").Memory(configure);
        if (!systemClock) builder.Clock(new FakeTimeProvider(Rig.Start));
        ICache<string, string> cache = builder.Build();
        cache.InsertAsync("k", "v").AsTask().GetAwaiter().GetResult();
        return cache;
    }

    private static long Allocated(ICache<string, string> cache)
    {
        int least = Calls;
        long allocated = AllocatedBytes.Least(() => least = Math.Min(least, Hits(cache)));
        Assert.That(least, Is.EqualTo(Calls), "Each is answered at once.");
        return allocated;
    }

    private static int Hits(ICache<string, string> cache)
    {
        int hits = 0;
        for (int i = 0; i < Calls; i++)
        {
            if (cache.GetAsync("k") is { IsCompletedSuccessfully: true, Result: not null }) hits++;
        }

        return hits;
    }
}
