using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>A hit in memory costs no allocation while nobody records it.</summary>
[NonParallelizable]
public class AllocationTests
{
    private const int Calls = 1_000;

    [Test]
    public void GetAsync_HitInMemory_AllocatesNothing([Values] bool timeToLive, [Values] bool fallback, [Values] bool systemClock) =>
        AssertNothing(Built(timeToLive, fallback, systemClock: systemClock), static cache => Get(cache));

    [Test]
    public void GetOrInsertAsync_HitInMemory_AllocatesNothing([Values] bool timeToLive, [Values] bool fallback, [Values] bool systemClock) =>
        AssertNothing(Built(timeToLive, fallback, systemClock: systemClock), static cache => GetOrInsert(cache));

    [Test]
    public void GetOrInsertEntryAsync_HitInMemory_AllocatesNothing() =>
        AssertNothing(Built(timeToLive: true), static cache =>
        {
            ValueTask<CacheEntry<string>?> found = cache.GetOrInsertEntryAsync("k", 2, static (_, _, _) => default);
            return found.IsCompletedSuccessfully && found.Result is not null;
        });

    [Test]
    public void ContainsAsync_HitInMemory_AllocatesNothing() =>
        AssertNothing(Built(timeToLive: true), static cache => cache.ContainsAsync("k") is { IsCompletedSuccessfully: true, Result: true });

    [Test]
    public void GetAsync_NotProtected_AllocatesNothing() =>
        AssertNothing(Built(timeToLive: true, more: static b => b.StampedeProtection(false)), static cache => Get(cache));

    [Test]
    public void GetAsync_OneEventHandler_AllocatesNothing([Values] bool loads)
    {
        var counting = new Counting();
        ICache<string, string> cache = Built(timeToLive: true, more: b => b.EventHandler(counting));

        AssertNothing(cache, loads ? static cache => GetOrInsert(cache) : static cache => Get(cache));

        Assert.That(counting.Operations, Is.GreaterThanOrEqualTo(2 * Calls));
        Assert.That(counting.Tiers, Is.GreaterThanOrEqualTo(2 * Calls));
    }

    [Test]
    public void GetAsync_InstrumentationAttachedAndDetached_AllocatesNothing([Values] bool loads)
    {
        ICache<string, string> cache = Built(timeToLive: true);
        var instrumentation = new RecordingInstrumentation("a");
        using (CacheInstrumentation.Attach(instrumentation)) Get(cache);
        Assert.That(instrumentation.Operations, Has.Count.EqualTo(1));

        AssertNothing(cache, loads ? static cache => GetOrInsert(cache) : static cache => Get(cache));

        Assert.That(instrumentation.Operations, Has.Count.EqualTo(1));
    }

    [Test]
    public void GetAsync_InstrumentationAttachedThatNobodyListensTo_AllocatesNothing([Values] bool loads)
    {
        var instrumentation = new RecordingInstrumentation("a") { Enabled = false };
        using IDisposable attached = CacheInstrumentation.Attach(instrumentation);

        AssertNothing(Built(timeToLive: true), loads ? static cache => GetOrInsert(cache) : static cache => Get(cache));

        Assert.That(instrumentation.Log, Is.Empty);
    }

    [Test]
    public void GetAsync_TwoInstrumentationsAttachedThatNobodyListensTo_AllocateNothing()
    {
        using IDisposable a = CacheInstrumentation.Attach(new RecordingInstrumentation("a") { Enabled = false });
        using IDisposable b = CacheInstrumentation.Attach(new RecordingInstrumentation("b") { Enabled = false });

        AssertNothing(Built(timeToLive: true), static cache => Get(cache));
    }

    [Test]
    public void GetAsync_KeyIsAStruct_AllocatesNothing([Values] bool loads)
    {
        ICache<Guid, string> cache = Cache.Builder<Guid, string>("c").Memory().Build();
        cache.InsertAsync(Guid.Empty, "v").AsTask().GetAwaiter().GetResult();

        AssertNothing(cache, loads
            ? static cache => cache.GetOrInsertAsync(Guid.Empty, 2, static (_, _, _) => default).IsCompletedSuccessfully
            : static cache => cache.GetAsync(Guid.Empty) is { IsCompletedSuccessfully: true, Result: not null });
    }

    private static bool Get(ICache<string, string> cache) => cache.GetAsync("k") is { IsCompletedSuccessfully: true, Result: not null };

    private static bool GetOrInsert(ICache<string, string> cache)
    {
        ValueTask<string> value = cache.GetOrInsertAsync("k", 2, static (_, _, _) => throw new InvalidOperationException("loaded"));
        return value.IsCompletedSuccessfully && value.Result == "v";
    }

    private static ICache<string, string> Built(
        bool timeToLive, bool fallback = true, bool systemClock = true, Action<CacheBuilder<string, string>>? more = null)
    {
        CacheBuilder<string, string> builder = Cache.Builder<string, string>("c").Memory(o => o.TimeToLive = timeToLive ? TimeSpan.FromDays(1) : null);
        if (fallback) builder.Distributed(Stores.Memory());
        if (!systemClock) builder.Clock(new FakeTimeProvider(Rig.Start));
        more?.Invoke(builder);
        ICache<string, string> cache = builder.Build();
        cache.InsertAsync("k", "v").AsTask().GetAwaiter().GetResult();
        return cache;
    }

    private static void AssertNothing<TKey>(ICache<TKey, string> cache, Func<ICache<TKey, string>, bool> hit)
        where TKey : notnull
    {
        int least = Calls;
        long allocated = AllocatedBytes.Least(() => least = Math.Min(least, Hits(cache, hit)));

        Assert.That(least, Is.EqualTo(Calls), "Each is answered at once.");
        Assert.That(allocated, Is.Zero);
    }

    private static int Hits<TKey>(ICache<TKey, string> cache, Func<ICache<TKey, string>, bool> hit)
        where TKey : notnull
    {
        int hits = 0;
        for (int i = 0; i < Calls; i++)
        {
            if (hit(cache)) hits++;
        }

        return hits;
    }

    private sealed class Counting : ICacheEventHandler
    {
        public int Tiers { get; private set; }

        public int Operations { get; private set; }

        public void OnTierEvent(in CacheTierEvent tierEvent) => Tiers++;

        public void OnOperationComplete(in CacheOperationEvent operationEvent) => Operations++;
    }
}
