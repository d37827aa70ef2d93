using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>What a tier drops of its own accord becomes an event of the cache.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[NonParallelizable]
public class EvictionEventTests
{
    private static readonly AsyncLocal<string?> _context = new();

    private readonly FakeTimeProvider _clock = new(Rig.Start);
    private readonly CacheEventRecorder _events = new();

    [Test]
    public async Task Insert_BeyondCapacity_TellsOfTheEvictionWithinTheInsert()
    {
        await using ICache<int, string> cache = Memory(capacity: 3).Build();
        for (int i = 0; i < 3; i++) await cache.InsertAsync(i, "v");
        _events.Clear();

        await cache.InsertAsync(3, "v");

        Assert.That(_events.TierLines, Is.EqualTo(new[] { "l1 evict evicted capacity", "l1 insert inserted" }));
        CacheTierEvent evicted = _events.TierEvents[0];
        Assert.That(evicted.RequestId, Is.EqualTo(_events.OperationEvents.Single().RequestId).And.GreaterThan(0));
        Assert.That(evicted.DurationNanoseconds, Is.Null);
        Assert.That(evicted.Duration, Is.Null);
        Assert.That(evicted.CacheName, Is.EqualTo("c"));
        Assert.That(evicted.Fallback, Is.False);
        Assert.That(evicted.EntrySize, Is.Null);
        Assert.That(evicted.Exception, Is.Null);
    }

    [Test]
    public async Task Insert_BeyondTheCapacityOfAFallback_TellsThatItIsOne()
    {
        await using ICache<int, string> cache = Memory().Memory(static o => o.Capacity = 3).Build();

        for (int i = 0; i < 10; i++) await cache.InsertAsync(i, "v");

        CacheTierEvent[] evicted = [.. Evicted()];
        Assert.That(evicted, Is.Not.Empty);
        Assert.That(evicted.Select(static e => (e.TierName, e.Fallback)), Is.All.EqualTo(("l2", true)));
    }

    [Test]
    public async Task Insert_BeyondCapacity_EveryEntryIsThereOrWasEvicted()
    {
        await using ICache<int, string> cache = Memory(capacity: 20).Build();

        for (int i = 0; i < 500; i++) await cache.InsertAsync(i, "v");

        Assert.That(Evicted().Count(), Is.EqualTo(500 - await cache.CountAsync()));
    }

    [Test]
    public async Task Insert_BeyondCapacityOfEntriesWhoseLifeIsOver_TellsThatTheyExpired()
    {
        await using ICache<int, string> cache = Memory(capacity: 3, timeToLive: TimeSpan.FromMinutes(1)).Build();
        for (int i = 0; i < 3; i++) await cache.InsertAsync(i, "v");
        _clock.Advance(TimeSpan.FromMinutes(2));

        await cache.InsertAsync(3, "v");

        Assert.That(Evicted().Select(static e => e.EvictionReason), Is.EqualTo(new EvictionReason?[] { EvictionReason.Expired }));
    }

    [Test]
    public async Task Insert_BeyondCapacityOfIdleEntries_TellsThatTheyExpired()
    {
        await using ICache<int, string> cache = Memory(capacity: 3, timeToIdle: TimeSpan.FromMinutes(1)).Build();
        for (int i = 0; i < 3; i++) await cache.InsertAsync(i, "v");
        _clock.Advance(TimeSpan.FromMinutes(2));

        await cache.InsertAsync(3, "v");

        Assert.That(Evicted().Select(static e => e.EvictionReason), Is.EqualTo(new EvictionReason?[] { EvictionReason.Expired }));
    }

    [Test]
    public async Task GetAsync_Expired_TellsOfTheEvictionOnceWithinTheGet([Values] EvictionPolicy policy, [Values] bool fallback)
    {
        CacheBuilder<int, string> builder = Memory(timeToLive: TimeSpan.FromMinutes(1), policy: policy);
        if (fallback) builder.Memory();
        await using ICache<int, string> cache = builder.Build();
        await cache.InsertEntryAsync(1, new("v", timeToLive: TimeSpan.FromMinutes(1)));
        _clock.Advance(TimeSpan.FromMinutes(2));
        _events.Clear();

        await cache.GetAsync(1);
        await cache.GetAsync(1);

        CacheTierEvent[] evicted = [.. Evicted()];
        Assert.That(evicted, Has.Length.EqualTo(fallback ? 2 : 1));
        Assert.That(evicted.Select(static e => e.EvictionReason), Is.All.EqualTo(EvictionReason.Expired));
        Assert.That(evicted.Select(static e => e.RequestId), Is.All.EqualTo(_events.OperationEvents[0].RequestId));
        Assert.That(_events.TierLines.Take(2), Is.EqualTo(new[] { "l1 evict evicted expired", "l1 get expired" }));
        Assert.That(_events.TierLines[^1], Does.EndWith("get miss"));
    }

    [Test]
    public async Task GetAsync_ExpiredAndNobodyWatches_IsDroppedAllTheSame()
    {
        var told = new List<EvictionReason>();
        await using ICache<int, string> cache = Cache.Builder<int, string>("c").Clock(_clock).Memory(o =>
        {
            o.TimeToLive = TimeSpan.FromMinutes(1);
            o.EvictionListener((_, _, reason) => told.Add(reason));
        }).Build();
        await cache.InsertAsync(1, "v");
        _clock.Advance(TimeSpan.FromMinutes(2));

        await cache.GetAsync(1);

        Assert.That(told, Is.EqualTo(new[] { EvictionReason.Expired }));
        Assert.That(await cache.CountAsync(), Is.Zero);
    }

    [Test]
    public async Task InvalidateClearAndReplace_AreNoEvictions()
    {
        await using ICache<int, string> cache = Memory(timeToLive: TimeSpan.FromMinutes(1)).Build();
        await cache.InsertAsync(1, "v");
        _clock.Advance(TimeSpan.FromMinutes(2));
        await cache.InsertAsync(1, "v"); // over one that has expired
        await cache.InvalidateAsync(1);
        await cache.InsertAsync(1, "v");
        await cache.ClearAsync();

        Assert.That(Evicted(), Is.Empty);
    }

    [Test]
    public async Task TinyLfu_MakesRoomInTheBackground_WithoutTheCallersContextAndWithRequestIdZero()
    {
        var contexts = new List<string?>();
        await using ICache<int, string> cache = Memory(capacity: 100, policy: EvictionPolicy.TinyLfu)
            .EventHandler(new Acting(e =>
            {
                if (e.Operation != CacheOperation.Evict) return;
                lock (contexts) contexts.Add(_context.Value);
            }))
            .Build();
        _context.Value = "the caller's";

        for (int i = 0; i < 110; i++) await cache.InsertAsync(i, "v");

        await _events.WaitForTierAsync(static e => e.Operation == CacheOperation.Evict, nth: 10);
        _context.Value = null;
        Assert.That(Evicted().Select(static e => e.RequestId), Is.All.Zero);
        Assert.That(Evicted().Select(static e => e.EvictionReason), Is.All.EqualTo(EvictionReason.Capacity));
        lock (contexts) Assert.That(contexts, Is.All.Null);
    }

    [Test]
    public async Task Handler_CallsTheCacheInAnEviction_EachInsertKeepsItsOwnRequestId()
    {
        ICache<int, string> cache = null!;
        int next = 1_000;
        cache = Memory(capacity: 3)
            .EventHandler(new Acting(e =>
            {
                if (e.Operation == CacheOperation.Evict && next < 1_003) cache.InsertAsync(next++, "nested").AsTask().GetAwaiter().GetResult();
            }))
            .Build();
        for (int i = 0; i < 3; i++) await cache.InsertAsync(i, "v");
        _events.Clear();

        await cache.InsertAsync(3, "v");

        long[] operations = [.. _events.OperationEvents.Select(static e => e.RequestId)];
        Assert.That(operations, Has.Length.EqualTo(4).And.Unique);
        Assert.That(Evicted().Select(static e => e.RequestId), Is.EquivalentTo(operations));
        Assert.That(RequestIds.Current, Is.Zero);
        await cache.DisposeAsync();
    }

    [Test]
    public async Task Instrumentation_AttachedAfterBuild_HearsOfEvictionsWhileItListens()
    {
        var attached = new RecordingInstrumentation("a");
        await using ICache<int, string> cache = Cache.Builder<int, string>("c").Memory(static o => o.Capacity = 3).Build();
        for (int i = 0; i < 10; i++) await cache.InsertAsync(i, "v");

        using (CacheInstrumentation.Attach(attached)) await cache.InsertAsync(10, "v");
        using (CacheInstrumentation.Attach(attached))
        {
            attached.Enabled = false;
            await cache.InsertAsync(11, "v");
        }

        await cache.InsertAsync(12, "v");

        CacheTierEvent evicted = attached.Evictions.Single();
        Assert.That((evicted.TierName, evicted.Outcome, evicted.EvictionReason), Is.EqualTo(("l1", CacheOutcome.Evicted, EvictionReason.Capacity)));
        Assert.That(evicted.RequestId, Is.EqualTo(attached.Operations.Single().RequestId));
    }

    [Test]
    public async Task Instrumentation_OwnAndAttached_HearEachEvictionOnce()
    {
        RecordingInstrumentation own = new("own"), attached = new("attached");
        await using ICache<int, string> cache = Memory(capacity: 3).Instrumentation(own).Build();
        for (int i = 0; i < 3; i++) await cache.InsertAsync(i, "v");

        using (CacheInstrumentation.Attach(attached))
        using (CacheInstrumentation.Attach(own)) await cache.InsertAsync(3, "v");

        Assert.That(own.Evictions, Has.Count.EqualTo(1));
        Assert.That(attached.Evictions, Has.Count.EqualTo(1));
        Assert.That(Evicted().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Instrumentation_WantsNoRequestId_IsToldNone()
    {
        var own = new RecordingInstrumentation("own") { WantsRequestId = false };
        await using ICache<int, string> cache = Cache.Builder<int, string>("c").Memory(static o => o.Capacity = 3).Instrumentation(own).Build();

        for (int i = 0; i < 4; i++) await cache.InsertAsync(i, "v");

        Assert.That(own.Evictions.Select(static e => e.RequestId), Is.EqualTo(new[] { 0L }));
    }

    [Test]
    public async Task Log_OfACacheThatNobodyElseWatches_HasTheEviction()
    {
        var logs = new Logs();
        await using ICache<int, string> cache = Cache.Builder<int, string>("c").Memory(static o => o.Capacity = 3).EnableLogs(logs.Factory).Build();

        for (int i = 0; i < 4; i++) await cache.InsertAsync(i, "v");

        Assert.That(logs.Records.Count(static r => r.Id.Name == "cache.eviction"), Is.EqualTo(1));
    }

    private CacheBuilder<int, string> Memory(
        int capacity = 1_000, TimeSpan? timeToLive = null, TimeSpan? timeToIdle = null, EvictionPolicy policy = EvictionPolicy.Lru) =>
        Cache.Builder<int, string>("c").Clock(_clock).EventHandler(_events).Memory(o =>
        {
            o.Capacity = capacity;
            o.TimeToLive = timeToLive;
            o.TimeToIdle = timeToIdle;
            o.EvictionPolicy = policy;
        });

    private IEnumerable<CacheTierEvent> Evicted() => _events.TierEvents.Where(static e => e.Operation == CacheOperation.Evict);

    private sealed class Acting(Action<CacheTierEvent> act) : ICacheEventHandler
    {
        public void OnTierEvent(in CacheTierEvent tierEvent) => act(tierEvent);

        public void OnOperationComplete(in CacheOperationEvent operationEvent)
        {
        }
    }
}
