using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

public class CacheEventRecorderTests
{
    [Test]
    public async Task Lines_OfOperations_TellTierAndCoalescing()
    {
        var events = new CacheEventRecorder();
        await using ICache<string, int> cache =
            Cache.Builder<string, int>("c").Clock(new FakeTimeProvider()).Memory().Tier(new FakeCacheTier<string, int>()).EventHandler(events).Build();
        var load = new Gate();
        async ValueTask<int> LoadAsync(string key, CancellationToken token)
        {
            await load.PassAsync(token);
            return 1;
        }

        Task<int> leader = cache.GetOrInsertAsync("k", LoadAsync).AsTask();
        await load.Reached;
        Task<int> follower = cache.GetOrInsertAsync("k", LoadAsync).AsTask();
        load.Open();
        await Task.WhenAll(leader, follower);
        await cache.GetAsync("k");
        await cache.GetAsync("absent");
        await cache.ClearAsync();

        Assert.That(events.OperationLines.Take(2), Is.EquivalentTo(new[] { "get_or_insert loaded", "get_or_insert loaded coalesced" }));
        Assert.That(events.OperationLines.Skip(2), Is.EqualTo(new[] { "get hit l1", "get miss", "clear cleared" }));
        Assert.That(events.OperationEvents[2].TierName, Is.EqualTo("l1"));
        Assert.That(events.TierLines.TakeLast(2), Is.EqualTo(new[] { "l1 clear cleared", "l2 clear cleared" }));
    }

    [Test]
    public void TierLines_OfAnEviction_HasTheReason()
    {
        var events = new CacheEventRecorder();

        Hear(events, new() { TierName = "l1", Operation = CacheOperation.Get, Outcome = CacheOutcome.Expired });
        Hear(events, new()
        {
            TierName = "l1",
            Operation = CacheOperation.Evict,
            Outcome = CacheOutcome.Evicted,
            EvictionReason = EvictionReason.Capacity,
        });

        Assert.That(events.TierLines, Is.EqualTo(new[] { "l1 get expired", "l1 evict evicted capacity" }));
    }

    [Test]
    public void Events_Taken_AreASnapshotAndClearForgets()
    {
        var events = new CacheEventRecorder();
        Complete(events, 1);
        Hear(events, new() { TierName = "l1" });
        IReadOnlyList<CacheOperationEvent> operations = events.OperationEvents;
        IReadOnlyList<CacheTierEvent> tiers = events.TierEvents;

        events.Clear();
        Complete(events, 2);

        Assert.That(operations.Select(static e => e.RequestId), Is.EqualTo(new[] { 1 }));
        Assert.That(tiers, Has.Count.EqualTo(1));
        Assert.That(events.OperationEvents.Select(static e => e.RequestId), Is.EqualTo(new[] { 2 }));
        Assert.That(events.TierEvents, Is.Empty);
    }

    [Test]
    public async Task WaitForOperationAsync_HeardAlready_IsThereAtOnce()
    {
        var events = new CacheEventRecorder();
        for (int i = 1; i <= 4; i++) Complete(events, i);

        Task<CacheOperationEvent> second = events.WaitForOperationAsync(static e => e.RequestId % 2 == 0, nth: 2);

        Assert.That(second.IsCompletedSuccessfully, Is.True);
        Assert.That((await second).RequestId, Is.EqualTo(4));
    }

    [Test]
    public async Task WaitForOperationAsync_StillToCome_CompletesWithTheNth()
    {
        var events = new CacheEventRecorder();
        Complete(events, 2);
        Task<CacheOperationEvent> third = events.WaitForOperationAsync(static e => e.RequestId % 2 == 0, nth: 3);
        Complete(events, 3);
        Complete(events, 4);
        Assert.That(third.IsCompleted, Is.False);

        Complete(events, 6);

        Assert.That((await third).RequestId, Is.EqualTo(6));
    }

    [Test]
    public async Task WaitForOperationAsync_ClearedMeanwhile_MissesNothing()
    {
        var events = new CacheEventRecorder();
        Complete(events, 1);
        Task<CacheOperationEvent> third = events.WaitForOperationAsync(static _ => true, nth: 3);

        Complete(events, 2);
        events.Clear();
        Complete(events, 3);

        Assert.That((await third).RequestId, Is.EqualTo(3));
    }

    [Test]
    public async Task WaitForOperationAsync_Cancelled_Ends()
    {
        var events = new CacheEventRecorder();
        using var cancel = new CancellationTokenSource();
        Task waiting = events.WaitForOperationAsync(static _ => true, cancellationToken: cancel.Token);

        await cancel.CancelAsync();

        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
        Complete(events, 1);
        Assert.That(events.OperationEvents, Has.Count.EqualTo(1));
    }

    [Test]
    public void WaitForOperationAsync_PredicateThrows_TheWaitThrowsAndTheCacheDoesNot()
    {
        var events = new CacheEventRecorder();
        var error = new InvalidOperationException("predicate");
        Task waiting = events.WaitForOperationAsync(_ => throw error);

        Assert.That(() => Complete(events, 1), Throws.Nothing);

        Assert.That(async () => await waiting, Throws.Exception.SameAs(error));
    }

    [Test]
    public async Task WaitForTierAsync_ACallInTheBackground_IsAwaited()
    {
        var events = new CacheEventRecorder();
        var tier = new FakeCacheTier<string, int>();
        Gate gate = tier.Hold(CacheOperation.Insert);
        await using ICache<string, int> cache = Cache.Builder<string, int>("c").Tier(tier).EventHandler(events).Build();
        Task<CacheTierEvent> inserted = events.WaitForTierAsync(static e => e.Operation == CacheOperation.Insert);

        Task<int> call = cache.GetOrInsertAsync("k", static (_, _) => new(1)).AsTask();
        await gate.Reached;
        Assert.That(inserted.IsCompleted, Is.False);
        gate.Open();

        Assert.That((await inserted).Outcome, Is.EqualTo(CacheOutcome.Inserted));
        await call;
    }

    [Test]
    public void Wait_BadArguments_Throw()
    {
        var events = new CacheEventRecorder();

        Assert.That(() => events.WaitForOperationAsync(null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("predicate"));
        Assert.That(() => events.WaitForTierAsync(null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("predicate"));
        Assert.That(
            () => events.WaitForOperationAsync(static _ => true, 0),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("nth"));
        Assert.That(
            () => events.WaitForTierAsync(static _ => true, 0),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("nth"));
    }

    [Test]
    public async Task Events_FromManyThreads_AreAllRecordedAndEveryWaitIsServed()
    {
        const int Threads = 8, Each = 2_000;
        var events = new CacheEventRecorder();
        Task<CacheOperationEvent>[] waits =
            [.. Enumerable.Range(0, 20).Select(i => events.WaitForOperationAsync(static _ => true, (i + 1) * Threads * Each / 20))];

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < Each; i++) Complete(events, (thread * Each) + i);
        })));

        IReadOnlyList<CacheOperationEvent> heard = events.OperationEvents;
        Assert.That(heard, Has.Count.EqualTo(Threads * Each));
        foreach (IGrouping<long, long> thread in heard.Select(static e => e.RequestId).GroupBy(static id => id / Each))
        {
            Assert.That(thread, Is.Ordered);
        }

        CacheOperationEvent[] served = await Task.WhenAll(waits);
        Assert.That(served, Is.EqualTo(Enumerable.Range(0, 20).Select(i => heard[((i + 1) * Threads * Each / 20) - 1])));
    }

    private static void Complete(CacheEventRecorder events, long id) =>
        events.OnOperationComplete(new() { RequestId = id, CacheName = "c", Operation = CacheOperation.Get, Outcome = CacheOutcome.Miss });

    private static void Hear(CacheEventRecorder events, CacheTierEvent tierEvent) => events.OnTierEvent(in tierEvent);
}
