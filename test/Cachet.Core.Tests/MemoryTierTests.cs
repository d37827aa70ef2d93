using Cachet;

namespace CachetTests;

public class MemoryTierTests
{
    [TestCase(3)]
    [TestCase(4)]
    [TestCase(100)]
    public void Insert_BeyondCapacity_StaysWithinIt(int capacity)
    {
        var tier = MemoryTiers.Lru<int, string>(capacity);

        for (int i = 0; i < capacity * 20; i++) Insert(tier, i, "v");

        Assert.That(tier.Count, Is.InRange(1, capacity));
    }

    [Test]
    public void Insert_UpToCapacity_KeepsEveryEntry()
    {
        var tier = MemoryTiers.Lru<int, string>(100);

        for (int i = 0; i < 30; i++) Insert(tier, i, "v");

        Assert.That(Enumerable.Range(0, 30).Count(i => tier.Find(i) is not null), Is.EqualTo(30));
    }

    [Test]
    public void Insert_BeyondCapacity_KeepsWhatIsUsed()
    {
        var tier = MemoryTiers.Lru<int, string>(30);
        Insert(tier, -1, "used");

        for (int i = 0; i < 1_000; i++)
        {
            Insert(tier, i, "v");
            tier.Find(-1);
        }

        Assert.That(tier.Find(-1)?.Value, Is.EqualTo("used"));
    }

    [Test]
    public void Find_Absent_IsNull() => Assert.That(MemoryTiers.Lru<int, string>(3).Find(1), Is.Null);

    [Test]
    public async Task Find_Inserted_IsTheSameObject()
    {
        var tier = MemoryTiers.Lru<int, string>(3);
        var entry = new CacheEntry<string>("v");

        Assert.That(await tier.InsertAsync(1, entry, default), Is.EqualTo(InsertOutcome.Accepted));

        Assert.That(tier.Find(1), Is.SameAs(entry));
        Assert.That(await tier.GetAsync(1, default), Is.SameAs(entry));
        Assert.That(await tier.CountAsync(default), Is.EqualTo(1));
    }

    [Test]
    public void Insert_Again_Replaces()
    {
        var tier = MemoryTiers.Lru<int, string>(3);
        Insert(tier, 1, "old");
        Insert(tier, 1, "new");

        Assert.That(tier.Find(1)!.Value, Is.EqualTo("new"));
        Assert.That(tier.Count, Is.EqualTo(1));
    }

    [Test]
    public async Task Invalidate_Present_Drops()
    {
        var tier = MemoryTiers.Lru<int, string>(3);
        Insert(tier, 1, "v");

        await tier.InvalidateAsync(1, default);
        await tier.InvalidateAsync(2, default);

        Assert.That(tier.Find(1), Is.Null);
        Assert.That(tier.Count, Is.Zero);
    }

    [Test]
    public async Task Clear_Filled_IsEmpty()
    {
        var tier = MemoryTiers.Lru<int, string>(10);
        for (int i = 0; i < 10; i++) Insert(tier, i, "v");

        await tier.ClearAsync(default);

        Assert.That(tier.Count, Is.Zero);
        Assert.That(tier.Find(9), Is.Null);
    }

    [Test]
    public async Task Clear_WhileEntriesAreRead_SparesNone()
    {
        // Reading marks an entry as used, which in some caches saves it from being cleared.
        using var stop = new CancellationTokenSource();
        var tier = MemoryTiers.Lru<int, string>(500);
        Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                for (int i = 0; i < 150; i++) tier.Find(i);
            }
        }))];
        long? most = 0;

        for (int round = 0; round < 100; round++)
        {
            for (int i = 0; i < 150; i++) Insert(tier, i, "v");
            await tier.ClearAsync(default);
            most = Math.Max(most.Value, tier.Count!.Value);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Assert.That(most, Is.Zero);
    }

    [Test]
    public async Task Capacity_OfTheOptions_IsTheTiers()
    {
        await using ICache<int, int> cache = Cache.Builder<int, int>("c").Memory(o => o.Capacity = 5).Build();

        for (int i = 0; i < 1_000; i++) await cache.InsertAsync(i, i);

        Assert.That(await cache.CountAsync(), Is.InRange(1, 5));
    }

    [Test]
    public async Task Capacity_LeftOut_IsTenThousand()
    {
        await using ICache<int, int> cache = Cache.Builder<int, int>("c").Memory().Build();

        for (int i = 0; i < 12_000; i++) await cache.InsertAsync(i, i);

        Assert.That(await cache.CountAsync(), Is.InRange(9_900, 10_000));
    }

    private static void Insert(MemoryTier<int, string, LruStore<int, string>> tier, int key, string value) =>
        Assert.That(tier.InsertAsync(key, new(value), default) is { IsCompletedSuccessfully: true, Result: InsertOutcome.Accepted }, Is.True);
}
