using Cachet;
using Cachet.Resilience;
using Microsoft.Extensions.Time.Testing;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace CachetTests;

public class ResilientTierTests
{
    private FakeTimeProvider _clock = null!;
    private FakeCacheTier<string, string> _store = null!;
    private ResilientTier<string, string> _tier = null!;

    [SetUp]
    public void Make()
    {
        _clock = new();
        _store = new();
        _tier = new(_store, TierResilience.Build(_clock));
    }

    [Test]
    public async Task EveryCall_NothingWrong_IsPassedOn()
    {
        var entry = new CacheEntry<string>("v");

        Assert.That(await _tier.InsertAsync("k", entry, default), Is.EqualTo(InsertOutcome.Accepted));
        Assert.That(await _tier.GetAsync("k", default), Is.SameAs(entry));
        Assert.That(await _tier.CountAsync(default), Is.EqualTo(1));
        await _tier.InvalidateAsync("k", default);
        Assert.That(await _tier.GetAsync("k", default), Is.Null);
        await _tier.ClearAsync(default);

        Assert.That(_store.CallLines, Is.EqualTo(new[] { "insert k", "get k", "invalidate k", "get k", "clear" }));
    }

    [Test]
    public async Task InsertAsync_Rejected_IsNoFailure()
    {
        _store.InsertAnswer = static _ => InsertOutcome.Rejected;

        Assert.That(await _tier.InsertAsync("k", new("v"), default), Is.EqualTo(InsertOutcome.Rejected));
        Assert.That(_store.Calls, Has.Count.EqualTo(1));
    }

    [TestCase(CacheOperation.Get, "get k")]
    [TestCase(CacheOperation.Insert, "insert k")]
    [TestCase(CacheOperation.Invalidate, "invalidate k")]
    [TestCase(CacheOperation.Clear, "clear")]
    public async Task EveryCall_FailsOnce_IsTriedAgain(CacheOperation operation, string line)
    {
        _store.FailWhen(call => _store.Count(call.Operation) == 1);

        await CallAsync(operation);

        Assert.That(_store.CallLines, Is.EqualTo(new[] { line, line }));
    }

    [Test]
    public void GetAsync_FailsTwice_ThrowsTheStoresException()
    {
        var failure = new IOException();
        _store.FailWhen(static _ => true, _ => failure);

        Assert.That(async () => await _tier.GetAsync("k", default), Throws.Exception.SameAs(failure));
        Assert.That(_store.Calls, Has.Count.EqualTo(2));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetAsync_Hangs_IsLeftBehindAndNotTriedAgain(bool listens)
    {
        Gate gate = _store.Hold(CacheOperation.Get, cancellable: listens);
        Task<CacheEntry<string>?> getting = _tier.GetAsync("k", default).AsTask();
        await gate.Reached;
        _clock.Advance(TierResilience.Patience - TimeSpan.FromMilliseconds(1));
        Assert.That(getting.IsCompleted, Is.False);

        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.That(async () => await getting, Throws.InstanceOf<TimeoutRejectedException>());
        Assert.That(_store.Calls, Has.Count.EqualTo(1));
        gate.Open();
    }

    [Test]
    public async Task InsertAsync_HangsAndDoesNotListen_IsWaitedFor()
    {
        Gate gate = _store.Hold(CacheOperation.Insert, cancellable: false);
        Task<InsertOutcome> inserting = _tier.InsertAsync("k", new("v"), default).AsTask();
        await gate.Reached;

        _clock.Advance(TierResilience.Patience);
        Assert.That(inserting.IsCompleted, Is.False);
        gate.Open();

        Assert.That(await inserting, Is.EqualTo(InsertOutcome.Accepted));
        Assert.That(_store.Entries, Contains.Key("k"));
    }

    [Test]
    public async Task GetAsync_CallerLeaves_IsCancelledAndNoFailure()
    {
        Gate gate = _store.HoldEvery(CacheOperation.Get);
        for (int i = 0; i < 10; i++)
        {
            using var leaving = new CancellationTokenSource();
            Task<CacheEntry<string>?> getting = _tier.GetAsync("k", leaving.Token).AsTask();
            await gate.Reached;
            await leaving.CancelAsync();
            Assert.That(async () => await getting, Throws.InstanceOf<OperationCanceledException>());
        }

        gate.Open();
        Assert.That(async () => await _tier.GetAsync("k", default), Throws.Nothing, "the breaker must not have tripped");
        Assert.That(_store.Calls, Has.Count.EqualTo(11));
    }

    [Test]
    public async Task EveryCall_StoreIsDown_IsRefusedUntilTheBreakIsOver()
    {
        _store.FailWhen(static _ => true);
        for (int i = 0; i < 2; i++) Assert.That(async () => await _tier.GetAsync("k", default), Throws.InstanceOf<IOException>());
        _store.ClearCalls();

        using (Assert.EnterMultipleScope())
        {
            foreach (CacheOperation operation in (CacheOperation[])[CacheOperation.Get, CacheOperation.Insert, CacheOperation.Invalidate, CacheOperation.Clear])
            {
                Assert.That(() => CallAsync(operation), Throws.InstanceOf<BrokenCircuitException>());
            }

            Assert.That(_store.Calls, Is.Empty);
        }

        _store.ClearFailures();
        _clock.Advance(TierResilience.Break);
        Assert.That(await _tier.GetAsync("k", default), Is.Null);
        Assert.That(await _tier.GetAsync("k", default), Is.Null);
        Assert.That(_store.CallLines, Is.EqualTo(new[] { "get k", "get k" }));
    }

    [Test]
    public async Task InACache_CallerLeaves_IsCancelledNotAnError()
    {
        var events = new CacheEventRecorder();
        await using ICache<string, string> cache = Cache.Builder<string, string>("test").Tier(_tier).EventHandler(events).Build();
        Gate gate = _store.Hold(CacheOperation.Get);
        using var leaving = new CancellationTokenSource();
        Task<CacheEntry<string>?> getting = cache.GetAsync("k", leaving.Token).AsTask();
        await gate.Reached;

        await leaving.CancelAsync();
        await Task.WhenAny(getting);
        await events.WaitForTierAsync(static _ => true);

        Assert.That(events.OperationLines, Is.EqualTo(new[] { "get cancelled" }));
        Assert.That(events.TierLines, Is.EqualTo(new[] { "l1 get cancelled" }));
    }

    [Test]
    public async Task OverAService_APipelineOfNothing_PassesEverythingOn()
    {
        List<StorageRequest<string, string>> requests = [];
        var entry = new CacheEntry<string>("v");
        var tier = new ResilientTier<string, string>(
            new ServiceTier<string, string>((request, _) =>
            {
                requests.Add(request);
                return new(request.Operation == CacheOperation.Get ? new StorageReply<string>(entry) : new(Outcome: InsertOutcome.Rejected));
            }),
            ResiliencePipeline.Empty);

        Assert.That(await tier.GetAsync("k", default), Is.SameAs(entry));
        Assert.That(await tier.InsertAsync("k", entry, default), Is.EqualTo(InsertOutcome.Rejected));
        await tier.InvalidateAsync("k", default);
        await tier.ClearAsync(default);
        Assert.That(await tier.CountAsync(default), Is.Null);

        Assert.That(requests, Is.EqualTo(new StorageRequest<string, string>[]
        {
            new(CacheOperation.Get, "k"), new(CacheOperation.Insert, "k", entry), new(CacheOperation.Invalidate, "k"), new(CacheOperation.Clear),
        }));
    }
    private async Task CallAsync(CacheOperation operation)
    {
        switch (operation)
        {
            case CacheOperation.Get:
                await _tier.GetAsync("k", default);
                break;
            case CacheOperation.Insert:
                await _tier.InsertAsync("k", new("v"), default);
                break;
            case CacheOperation.Invalidate:
                await _tier.InvalidateAsync("k", default);
                break;
            default:
                await _tier.ClearAsync(default);
                break;
        }
    }
}
