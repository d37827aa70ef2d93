using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class TimeToIdleTests
{
    private static readonly TimeSpan _tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _clock = new(Rig.Start);
    private readonly CacheEventRecorder _events = new();

    [Test]
    public async Task GetAsync_UnreadForExactlyTheTime_IsFresh([Values] bool watched, [Values] EvictionPolicy policy)
    {
        ICache<string, string> cache = Built(watched, policy);
        await cache.InsertAsync("k", "v");

        _clock.Advance(_minute);

        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("v"));
    }

    [Test]
    public async Task GetAsync_UnreadForLonger_IsExpired([Values] bool watched, [Values] EvictionPolicy policy)
    {
        ICache<string, string> cache = Built(watched, policy);
        await cache.InsertAsync("k", "v");

        _clock.Advance(_minute + _tick);

        Assert.That(await cache.GetAsync("k"), Is.Null);
        Assert.That(await cache.CountAsync(), Is.Zero);
        if (!watched) return;
        Assert.That(_events.TierLines, Is.EqualTo(new[] { "l1 insert inserted", "l1 evict evicted expired", "l1 get expired" }));
        Assert.That(_events.OperationLines, Is.EqualTo(new[] { "insert inserted", "get miss" }));
    }

    public enum Read
    {
        Get,
        Contains,
        GetOrInsert,
        GetOrInsertEntry,
    }

    [Test]
    public async Task Hit_BeforeTheTime_BeginsItAnew([Values] bool watched, [Values] Read read)
    {
        ICache<string, string> cache = Built(watched);
        await cache.InsertAsync("k", "v");

        for (int i = 0; i < 5; i++)
        {
            _clock.Advance(_minute);
            Assert.That(await HitsAsync(), Is.True, $"after {i + 1} minutes");
        }

        _clock.Advance(_minute + _tick);
        Assert.That(await cache.GetAsync("k"), Is.Null);

        async Task<bool> HitsAsync() => read switch
        {
            Read.Get => await cache.GetAsync("k") is not null,
            Read.Contains => await cache.ContainsAsync("k"),
            Read.GetOrInsert => await cache.GetOrInsertAsync("k", static (_, _) => new("loaded")) == "v",
            _ => (await cache.GetOrInsertEntryAsync("k", static (_, _) => default))?.Value == "v",
        };
    }

    [Test]
    public async Task Insert_Again_BeginsItAnew()
    {
        ICache<string, string> cache = Built();
        await cache.InsertAsync("k", "v");
        _clock.Advance(_minute);
        await cache.InsertAsync("k", "w");
        _clock.Advance(_minute);

        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("w"));
    }

    [Test]
    public async Task Insert_AnEntryThatWasFound_BeginsItAnew()
    {
        ICache<string, string> cache = Built();
        await cache.InsertAsync("k", "v");
        CacheEntry<string> found = (await cache.GetAsync("k"))!;
        _clock.Advance(_minute + _tick);

        await cache.InsertEntryAsync("k", found);

        Assert.That(await cache.GetAsync("k"), Is.Not.Null);
    }

    [Test]
    public async Task Hit_HoweverOften_DoesNotOutliveTheTimeToLive([Values] bool ofTheEntry)
    {
        ICache<string, string> cache = Built(timeToLive: ofTheEntry ? null : 2 * _minute);
        await cache.InsertEntryAsync("k", new("v", timeToLive: ofTheEntry ? 2 * _minute : null));

        for (int i = 0; i < 4; i++)
        {
            _clock.Advance(_minute / 2);
            Assert.That(await cache.GetAsync("k"), Is.Not.Null);
        }

        _clock.Advance(_tick);
        Assert.That(await cache.GetAsync("k"), Is.Null);
    }

    [Test]
    public async Task GetAsync_IdleInFrontOfATierThatHasIt_IsPromotedAgain()
    {
        ICache<string, string> cache = Cache.Builder<string, string>("c").Clock(_clock).EventHandler(_events)
            .Memory(static o => o.TimeToIdle = _minute).Memory().Build();
        await cache.InsertAsync("k", "v");
        _clock.Advance(_minute + _tick);
        _events.Clear();

        await cache.GetAsync("k");
        _clock.Advance(_minute);
        await cache.GetAsync("k");

        Assert.That(_events.TierLines, Is.EqualTo(new[]
        {
            "l1 evict evicted expired", "l1 get expired", "l2 get hit", "l1 insert inserted", "l1 get hit",
        }));
    }

    [Test]
    public async Task GetAsync_SystemClock_HitsUntilTheTimeIsOver()
    {
        // The process's own clock cannot be put forward: what is judged is a copy that claims to have been used long ago.
        var rules = new Lifetimes<string>(TimeProvider.System, new(Timeout.InfiniteTimeSpan, null, 0, false, default, TimeSpan.FromSeconds(10)), static () => 0);
        CacheEntry<string> Used(long secondsAgo)
        {
            CacheEntry<string> copy = new CacheEntry<string>("v").With(Life.Lasting(long.MaxValue));
            copy.Use(Environment.TickCount64 - (secondsAgo * 1_000));
            return copy;
        }

        CacheEntry<string> old = Used(11), young = Used(9);
        Assert.That(rules.IsFresh(old), Is.False);
        Assert.That(rules.TryUse(old), Is.False);
        Assert.That(rules.IsFresh(young), Is.True);
        Assert.That(rules.TryUse(young), Is.True);
        Assert.That(young.IsUsedSince(Environment.TickCount64 - 1_000), Is.True, "It was used just now.");

        await using ICache<string, string> cache = Cache.Builder<string, string>("c").Memory(static o => o.TimeToIdle = TimeSpan.FromHours(1)).Build();
        await cache.InsertAsync("k", "v");
        Assert.That(await cache.GetAsync("k"), Is.Not.Null);
    }

    [Test]
    public void Use_OfALateReader_DoesNotPutItBack()
    {
        var copy = new CacheEntry<string>("v");
        copy.Use(100);
        copy.Use(50);

        Assert.That(copy.IsUsedSince(100), Is.True);
        Assert.That(copy.IsUsedSince(101), Is.False);
    }

    [Test]
    public void TryLeave_Again_IsFalse()
    {
        var copy = new CacheEntry<string>("v");

        Assert.That(copy.TryLeave(), Is.True);
        copy.Use(100);
        Assert.That(copy.TryLeave(), Is.False, "A reader that comes late does not bring it back.");
        Assert.That(copy.IsUsedSince(101), Is.True, "It is out of the tier: no time to idle counts for it.");
    }

    private ICache<string, string> Built(bool watched = true, EvictionPolicy policy = EvictionPolicy.Lru, TimeSpan? timeToLive = null)
    {
        CacheBuilder<string, string> builder = Cache.Builder<string, string>("c").Clock(_clock).Memory(o =>
        {
            o.TimeToIdle = _minute;
            o.TimeToLive = timeToLive;
            o.EvictionPolicy = policy;
        });
        if (watched) builder.EventHandler(_events);
        return builder.Build();
    }
}
