using System.Collections.Concurrent;
using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

[TestFixture(EvictionPolicy.Lru)]
[TestFixture(EvictionPolicy.TinyLfu)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class EvictionListenerTests(EvictionPolicy policy)
{
    private readonly WorkQueue _work = new();
    private readonly ConcurrentQueue<string> _told = new();

    [Test]
    public async Task Insert_OverAnother_TellsThatItWasReplaced()
    {
        ICacheTier<string, string> tier = Tier();

        await tier.InsertAsync("k", new("old"), default);
        await tier.InsertAsync("k", new("new"), default);
        _work.DoAll();

        Assert.That(_told, Is.EqualTo(new[] { "k=old Replaced" }));
    }

    [Test]
    public async Task Invalidate_TellsThatItWasExplicit_AndNothingOfAnAbsentKey()
    {
        ICacheTier<string, string> tier = Tier();
        await tier.InsertAsync("k", new("v"), default);

        await tier.InvalidateAsync("k", default);
        await tier.InvalidateAsync("k", default);
        await tier.InvalidateAsync("absent", default);
        _work.DoAll();

        Assert.That(_told, Is.EqualTo(new[] { "k=v Explicit" }));
    }

    [Test]
    public async Task Clear_TellsOfEveryEntryOnce()
    {
        ICacheTier<string, string> tier = Tier();
        for (int i = 0; i < 10; i++) await tier.InsertAsync($"{i}", new("v"), default);

        await tier.ClearAsync(default);
        await tier.ClearAsync(default);
        _work.DoAll();

        Assert.That(_told, Is.EquivalentTo(Enumerable.Range(0, 10).Select(static i => $"{i}=v Explicit")));
    }

    [Test]
    public async Task DropExpired_TellsThatItWasExpired()
    {
        ICacheTier<string, string> tier = Tier();
        var entry = new CacheEntry<string>("v");
        await tier.InsertAsync("k", entry, default);

        tier.DropExpired("k", entry);
        tier.DropExpired("k", entry);
        _work.DoAll();

        Assert.That(_told, Is.EqualTo(new[] { "k=v Expired" }));
        Assert.That(await tier.GetAsync("k", default), Is.Null);
    }

    [Test]
    public async Task DropExpired_AnotherIsThere_LeavesIt()
    {
        ICacheTier<string, string> tier = Tier();
        var expired = new CacheEntry<string>("v");
        await tier.InsertAsync("k", expired, default);
        await tier.InsertAsync("k", new("v"), default);

        tier.DropExpired("k", expired);
        _work.DoAll();

        Assert.That(_told, Is.EqualTo(new[] { "k=v Replaced" }));
        Assert.That(await tier.GetAsync("k", default), Is.Not.Null);
    }

    [Test]
    public async Task AnyOperations_EveryEntryIsThereOrWasToldOnce([Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        ICacheTier<string, string> tier = Tier();
        var inserted = new HashSet<string>();
        for (int i = 0; i < 1_000; i++)
        {
            string key = $"{random.Next(60)}";
            switch (random.Next(10))
            {
                case 0:
                    await tier.InvalidateAsync(key, default);
                    break;
                case 1 when await tier.GetAsync(key, default) is { } found:
                    tier.DropExpired(key, found);
                    break;
                case 2 when random.Next(20) == 0:
                    await tier.ClearAsync(default);
                    break;
                case 3:
                    _work.DoAll();
                    break;
                default:
                    await tier.InsertAsync(key, new($"{i}"), default);
                    inserted.Add($"{key}={i}");
                    break;
            }
        }

        _work.DoAll();

        string[] told = [.. _told.Select(static t => t.Split(' ')[0])];
        List<string> there = [];
        for (int i = 0; i < 60; i++)
        {
            if (await tier.GetAsync($"{i}", default) is { } entry) there.Add($"{i}={entry.Value}");
        }

        Assert.That(told, Is.Unique);
        Assert.That(told.Concat(there), Is.EquivalentTo(inserted));
        Assert.That(_told.Any(static t => t.EndsWith("Capacity", StringComparison.Ordinal)), Is.True);
    }

    [Test]
    public async Task AnyOperations_AtOnce_NothingIsToldTwice()
    {
        ICacheTier<string, string> tier = Tier();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 2_000; i++)
            {
                string key = $"{random.Next(60)}";
                int what = random.Next(100);
                if (what == 0) await tier.ClearAsync(default);
                else if (what < 10) await tier.InvalidateAsync(key, default);
                else if (what < 20 && await tier.GetAsync(key, default) is { } found) tier.DropExpired(key, found);
                else await tier.InsertAsync(key, new($"{worker}-{i}"), default);
                if (what > 90) _work.DoAll();
            }
        })));
        await tier.ClearAsync(default);
        _work.DoAll();

        Assert.That(_told.Select(static t => t.Split(' ')[0]), Is.Unique);
        Assert.That(await tier.CountAsync(default), Is.Zero);
    }

    [Test]
    public async Task Listeners_Several_AreCalledInOrder()
    {
        ICacheTier<string, string> tier = MemoryTiers.Of<string, string>(policy, 30, _work, Naming("a"), Naming("b"), Naming("c"));
        await tier.InsertAsync("k", new("v"), default);

        await tier.InvalidateAsync("k", default);

        Assert.That(_told, Is.EqualTo(new[] { "a", "b", "c" }));
        Action<string, string, EvictionReason> Naming(string name) => (_, _, _) => _told.Enqueue(name);
    }

    [Test]
    public async Task Insert_AClearComesInBetween_TellsOfIt()
    {
        var told = new List<string>();
        ICacheTier<TrapKey, string> tier = null!;
        tier = MemoryTiers.Of<TrapKey, string>(policy, 30, _work, (_, value, reason) => told.Add($"{value} {reason}"));

        // The key is hashed once for the lock, and then by the library, which has its cache in hand by then.
        var key = new TrapKey(2, () => tier.ClearAsync(default).AsTask().GetAwaiter().GetResult());
        await tier.InsertAsync(key, new("v"), default);
        _work.DoAll();

        Assert.That(told, Is.EqualTo(new[] { "v Explicit" }));
        Assert.That(await tier.CountAsync(default), Is.Zero);
    }

    [Test]
    public async Task Cache_EntriesLeave_TellsWhy()
    {
        var clock = new FakeTimeProvider(Rig.Start);
        await using ICache<string, string> cache = Cache.Builder<string, string>("c").Clock(clock).Memory(o =>
        {
            o.EvictionPolicy = policy;
            o.TimeToLive = TimeSpan.FromMinutes(1);
            o.EvictionListener(Told).EvictionListener((_, _, _) => _told.Enqueue("and"));
        }).Build();

        await cache.InsertAsync("a", "1");
        await cache.InsertAsync("a", "2");
        await cache.InvalidateAsync("a");
        await cache.InsertAsync("b", "3");
        await cache.ClearAsync();
        await cache.InsertAsync("c", "4");
        clock.Advance(TimeSpan.FromMinutes(2));
        await cache.GetAsync("c");
        await cache.InsertAsync("d", "5");
        clock.Advance(TimeSpan.FromMinutes(2));
        await cache.InsertAsync("d", "6");

        Assert.That(_told, Is.EqualTo(new[]
        {
            "a=1 Replaced", "and", "a=2 Explicit", "and", "b=3 Explicit", "and", "c=4 Expired", "and", "d=5 Replaced", "and",
        }));
    }

    [Test]
    public async Task Cache_InsertThatIsRefused_TellsOfWhatWasThere()
    {
        await using ICache<string, string> cache = Cache.Builder<string, string>("c").Memory(o =>
        {
            o.EvictionPolicy = policy;
            o.InsertPolicy = InsertPolicy<string, string>.When(static (_, entry, _) => entry.Value != "bad");
            o.EvictionListener(Told);
        }).Build();
        await cache.InsertAsync("k", "good");

        await cache.InsertAsync("k", "bad");

        Assert.That(_told, Is.EqualTo(new[] { "k=good Explicit" }));
    }

    private ICacheTier<string, string> Tier() => MemoryTiers.Of<string, string>(policy, 30, _work, Told);

    private void Told(string key, string value, EvictionReason reason) => _told.Enqueue($"{key}={value} {reason}");

    /// <summary>Does something when it is hashed for the nth time.</summary>
    private sealed class TrapKey(int nth, Action trap)
    {
        private int _hashed;

        public override int GetHashCode()
        {
            if (++_hashed == nth) trap();
            return 1;
        }

        public override bool Equals(object? obj) => ReferenceEquals(this, obj);
    }
}
