using System.Collections.Concurrent;
using Cachet;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Time.Testing;
using EvictionReason = Cachet.EvictionReason;

namespace CachetTests;

/// <summary>What leaves a tier over a memory cache, and who is told.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class MemoryCacheEvictionTests : IDisposable
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);
    private static readonly AsyncLocal<string?> _context = new();

    private readonly MemoryCache _memory = new(new MemoryCacheOptions());
    private readonly FakeTimeProvider _clock = new(Rig.Start);
    private readonly CacheEventRecorder _events = new();

    public void Dispose() => _memory.Dispose();

    [Test]
    public async Task GetAsync_Expired_IsSaidAndDropsIt()
    {
        await using ICache<string, string?> cache = Built(static o => o.TimeToLive = _minute);
        await cache.InsertAsync("k", "v");
        _clock.Advance(_minute);
        Assert.That(await cache.GetAsync("k"), Is.Not.Null);
        _events.Clear();
        _clock.Advance(TimeSpan.FromTicks(1));

        Assert.That(await cache.GetAsync("k"), Is.Null);

        Assert.That(_events.TierLines, Is.EqualTo(new[] { "l1 evict evicted expired", "l1 get expired" }));
        Assert.That(_events.TierEvents[0].RequestId, Is.EqualTo(_events.OperationEvents.Single().RequestId));
        Assert.That(_memory.Count, Is.Zero);
    }

    [Test]
    public async Task DropExpired_AnotherIsThere_LeavesIt()
    {
        var reasons = new List<EvictionReason>();
        var tier = new MemoryCacheTier<string, string>(_memory, new(), _clock);
        tier.ReportEvictionsTo(reasons.Add);
        CacheEntry<string> old = new("v"), young = new("v");
        await tier.InsertAsync("k", old, default);
        await tier.InsertAsync("k", young, default);

        tier.DropExpired("k", old);
        Assert.That(await tier.GetAsync("k", default), Is.SameAs(young));
        Assert.That(reasons, Is.Empty);

        tier.DropExpired("k", young);
        tier.DropExpired("k", young);
        Assert.That(await tier.GetAsync("k", default), Is.Null);
        Assert.That(reasons, Is.EqualTo(new[] { EvictionReason.Expired }));
        tier.Dispose();
    }

    [Test]
    public async Task Insert_TooLarge_CountsAsEvicted()
    {
        using var limited = new MemoryCache(new MemoryCacheOptions { SizeLimit = 1 });
        await using ICache<string, string?> cache = Built(static o => o.Size = 2, limited);

        Assert.That(await cache.InsertAsync("k", "v"), Is.EqualTo(InsertOutcome.Accepted));

        CacheTierEvent evicted = await _events.WaitForTierAsync(static e => e.Operation == CacheOperation.Evict);
        Assert.That(evicted.EvictionReason, Is.EqualTo(EvictionReason.Capacity));
        Assert.That(await cache.GetAsync("k"), Is.Null);
        await Holds.UntilAsync(() => cache.CountAsync().Result == 0);
    }

    [Test]
    public async Task MemoryCache_MakesRoom_IsToldWithoutAnybodysContextAndWithRequestIdZero([Values] bool expired)
    {
        var contexts = new ConcurrentQueue<string?>();
        await using ICache<string, string?> cache = Built(static o => o.TimeToLive = _minute, more: b => b.EventHandler(new ContextRecorder(contexts)));
        _context.Value = "the caller's";
        for (int i = 0; i < 5; i++) await cache.InsertAsync($"{i}", "v");
        if (expired) _clock.Advance(2 * _minute);

        _memory.Compact(1);

        await _events.WaitForTierAsync(static e => e.Operation == CacheOperation.Evict, nth: 5);
        _context.Value = null;
        CacheTierEvent[] evicted = [.. _events.TierEvents.Where(static e => e.Operation == CacheOperation.Evict)];
        Assert.That(evicted.Select(static e => e.EvictionReason), Is.All.EqualTo(expired ? EvictionReason.Expired : EvictionReason.Capacity));
        Assert.That(evicted.Select(static e => e.RequestId), Is.All.Zero);
        Assert.That(evicted.Select(static e => e.DurationNanoseconds), Is.All.Null);
        await Holds.UntilAsync(() => contexts.Count == 5);
        Assert.That(contexts, Is.All.Null);
    }

    [Test]
    public async Task MemoryCache_FindsItExpiredFirst_IsTold()
    {
        // Its clock is its own: here it is the one that runs ahead.
        var ahead = new FakeSystemClock();
        using var memory = new MemoryCache(new MemoryCacheOptions { Clock = ahead });
        await using ICache<string, string?> cache = Built(static o => o.TimeToLive = _minute, memory);
        await cache.InsertAsync("k", "v");
        ahead.UtcNow += 2 * _minute;

        Assert.That(await cache.GetAsync("k"), Is.Null);

        CacheTierEvent evicted = await _events.WaitForTierAsync(static e => e.Operation == CacheOperation.Evict);
        Assert.That((evicted.EvictionReason, evicted.RequestId), Is.EqualTo((EvictionReason.Expired, 0L)));
        Assert.That(_events.TierLines.Count(static l => l.Contains("evict", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task InvalidateReplaceAndClear_AreNoEvictions()
    {
        await using ICache<string, string?> cache = Built();
        await cache.InsertAsync("k", "v");
        await cache.InsertAsync("k", "w");
        await cache.InvalidateAsync("k");
        await cache.InsertAsync("k", "v");
        await cache.ClearAsync();
        await Holds.UntilAsync(() => _memory.Count == 0);

        // What comes last is told last.
        await cache.InsertAsync("k", "v");
        _memory.Compact(1);
        await _events.WaitForTierAsync(static e => e.Operation == CacheOperation.Evict);

        Assert.That(_events.TierEvents.Count(static e => e.Operation == CacheOperation.Evict), Is.EqualTo(1));
    }

    private ICache<string, string?> Built(
        Action<MemoryCacheTierOptions<string, string?>>? configure = null, IMemoryCache? cache = null, Action<CacheBuilder<string, string?>>? more = null)
    {
        CacheBuilder<string, string?> builder = Cache.Builder<string, string?>("c").Clock(_clock).EventHandler(_events).MemoryCache(cache ?? _memory, configure);
        more?.Invoke(builder);
        return builder.Build();
    }

    private sealed class ContextRecorder(ConcurrentQueue<string?> contexts) : ICacheEventHandler
    {
        public void OnTierEvent(in CacheTierEvent tierEvent)
        {
            if (tierEvent.Operation == CacheOperation.Evict) contexts.Enqueue(_context.Value);
        }

        public void OnOperationComplete(in CacheOperationEvent operationEvent)
        {
        }
    }

    private sealed class FakeSystemClock : Microsoft.Extensions.Internal.ISystemClock
    {
        public DateTimeOffset UtcNow { get; set; } = Rig.Start;
    }
}
