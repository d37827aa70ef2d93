using Cachet;

namespace CachetTests;

/// <summary>The memory tier under TinyLFU, whose bookkeeping is done when the test says so.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class TinyLfuTests
{
    private readonly WorkQueue _work = new();

    [TestCase(3)]
    [TestCase(4)]
    [TestCase(100)]
    public void Insert_BeyondCapacity_IsWithinItOnceTheBookkeepingIsDone(int capacity)
    {
        MemoryTier<int, string, LfuStore<int, string>> tier = MemoryTiers.Lfu<int, string>(capacity, _work);

        for (int i = 0; i < capacity * 20; i++) Insert(tier, i);
        _work.DoAll();

        Assert.That(tier.Count, Is.InRange(1, capacity));
    }

    [Test]
    public void Insert_BookkeepingNeverComes_StaysBoundedAllTheSame()
    {
        MemoryTier<int, string, LfuStore<int, string>> tier = MemoryTiers.Lfu<int, string>(100, _work);

        for (int i = 0; i < 10_000; i++) Insert(tier, i);

        Assert.That(tier.Count, Is.InRange(1, 100 + 128));
    }

    [Test]
    public void Insert_ManyThatAreReadOnce_KeepsWhatIsReadOften()
    {
        MemoryTier<int, string, LfuStore<int, string>> tier = MemoryTiers.Lfu<int, string>(100, _work);
        for (int i = 0; i < 50; i++) Insert(tier, i);
        for (int round = 0; round < 10; round++)
        {
            for (int i = 0; i < 50; i++) tier.Find(i);
            _work.DoAll();
        }

        for (int i = 1_000; i < 3_000; i++)
        {
            Insert(tier, i);
            _work.DoAll();
        }

        Assert.That(Enumerable.Range(0, 50).Count(i => tier.Find(i) is not null), Is.GreaterThanOrEqualTo(45));
    }

    [Test]
    public async Task Invalidate_NobodyListens_IsNotToldAsAnEvictionLater([Range(1, 10)] int seed)
    {
        var random = new Random(seed);
        MemoryTier<int, string, LfuStore<int, string>> tier = MemoryTiers.Lfu<int, string>(20, _work);
        int evicted = 0, invalidated = 0;
        tier.ReportEvictionsTo(_ => evicted++);

        for (int i = 0; i < 1_000; i++)
        {
            Insert(tier, i);
            int victim = i - random.Next(30);
            if (random.Next(3) == 0 && tier.Find(victim) is not null)
            {
                await tier.InvalidateAsync(victim, default);
                invalidated++;
            }

            if (random.Next(10) == 0) _work.DoAll();
        }

        _work.DoAll();
        Assert.That(evicted, Is.EqualTo(1_000 - invalidated - tier.Count));
    }

    [Test]
    public async Task Operations_AsOfAnyTier_Work()
    {
        MemoryTier<int, string, LfuStore<int, string>> tier = MemoryTiers.Lfu<int, string>(3, _work);
        var entry = new CacheEntry<string>("v");
        await tier.InsertAsync(1, new("old"), default);
        await tier.InsertAsync(1, entry, default);
        await tier.InsertAsync(2, new("w"), default);

        Assert.That(tier.Find(1), Is.SameAs(entry));
        Assert.That(await tier.GetAsync(1, default), Is.SameAs(entry));
        Assert.That(tier.Find(9), Is.Null);
        Assert.That(await tier.CountAsync(default), Is.EqualTo(2));

        await tier.InvalidateAsync(1, default);
        Assert.That(tier.Find(1), Is.Null);

        await tier.ClearAsync(default);
        Assert.That(tier.Find(2), Is.Null);
        Assert.That(tier.Count, Is.Zero);
        _work.DoAll();
    }

    [Test]
    public void EvictionPolicy_OfTheOptions_IsTheTiers()
    {
        Assert.That(
            new MemoryTierOptions<int, int> { EvictionPolicy = EvictionPolicy.TinyLfu }.CreateTier(),
            Is.InstanceOf<MemoryTier<int, int, LfuStore<int, int>>>());
        Assert.That(new MemoryTierOptions<int, int>().CreateTier(), Is.InstanceOf<MemoryTier<int, int, LruStore<int, int>>>());
    }

    [Test]
    public async Task Insert_BeyondCapacity_TheThreadPoolDoesTheBookkeeping()
    {
        await using ICache<int, int> cache = Cache.Builder<int, int>("c")
            .Memory(static o =>
            {
                o.Capacity = 50;
                o.EvictionPolicy = EvictionPolicy.TinyLfu;
            })
            .Build();

        for (int i = 0; i < 90; i++) await cache.InsertAsync(i, i);

        await Holds.UntilAsync(() => cache.CountAsync().Result <= 50);
    }

    [Test]
    public void Execute_BookkeepingThrows_KeepsTheFaultAndTells()
    {
        int told = 0;
        var maintenance = new LfuMaintenance(() => told++, _work.Enqueue);
        Assert.That(maintenance.LastException.HasValue, Is.False);

        maintenance.Run(static () => throw new InvalidOperationException());
        _work.DoAll();

        Assert.That(maintenance.LastException.Value, Is.InstanceOf<InvalidOperationException>());
        Assert.That(maintenance.RunCount, Is.EqualTo(1));
        Assert.That(told, Is.EqualTo(1));
    }

    private static void Insert(MemoryTier<int, string, LfuStore<int, string>> tier, int key) => _ = tier.InsertAsync(key, new("v"), default).AsTask();
}
