using Cachet;

namespace CachetTests;

/// <summary>Tiers of an application's own that drop entries of their own accord.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class EvictingTierTests
{
    private readonly CacheEventRecorder _events = new();

    [Test]
    public async Task Report_CapacityAndExpired_BecomeEventsUntilTheCacheIsDisposed()
    {
        var tier = new Evicting();
        ICache<string, string> cache = Cache.Builder<string, string>("c").EventHandler(_events).Memory().Tier(tier).Build();

        await cache.InsertAsync("k", "v");
        tier.Report(EvictionReason.Expired);
        tier.Report(EvictionReason.Explicit);
        tier.Report(EvictionReason.Replaced);

        Assert.That(Evicted().Select(static e => (e.TierName, e.Fallback, e.EvictionReason)), Is.EqualTo(new[]
        {
            ("l2", true, (EvictionReason?)EvictionReason.Capacity), ("l2", true, EvictionReason.Expired),
        }));
        Assert.That(Evicted().Select(static e => e.RequestId), Is.EqualTo(new[] { _events.OperationEvents.Single().RequestId, 0 }));

        await cache.DisposeAsync();
        tier.Report(EvictionReason.Expired);
        Assert.That(Evicted().Count(), Is.EqualTo(2), "A cache that is disposed has nothing more to say.");
        Assert.That(tier.Disposals, Is.Zero, "It was handed in.");
    }

    [Test]
    public async Task Report_LaterThanItsInsertsFirstAwait_CarriesZero()
    {
        var tier = new Evicting { Held = new() };
        await using ICache<string, string> cache = Cache.Builder<string, string>("c").EventHandler(_events).Tier(tier).Build();

        Task insert = cache.InsertAsync("k", "v").AsTask();
        tier.Held.SetResult();
        await insert;

        Assert.That(Evicted().Select(static e => e.RequestId), Is.EqualTo(new[] { _events.OperationEvents.Single().RequestId, 0 }));
    }

    private IEnumerable<CacheTierEvent> Evicted() => _events.TierEvents.Where(static e => e.Operation == CacheOperation.Evict);

    /// <summary>A tier that evicts something at each insert, and once more after it was held.</summary>
    private sealed class Evicting : ICacheTier<string, string>, IEvictingTier, IDisposable
    {
        private Action<EvictionReason>? _listener;

        public TaskCompletionSource? Held { get; init; }

        public int Disposals { get; private set; }

        public void Report(EvictionReason reason) => _listener!(reason);

        public void ReportEvictionsTo(Action<EvictionReason> listener) => _listener = listener;

        public ValueTask<CacheEntry<string>?> GetAsync(string key, CancellationToken cancellationToken) => default;

        public async ValueTask<InsertOutcome> InsertAsync(string key, CacheEntry<string> entry, CancellationToken cancellationToken)
        {
            Report(EvictionReason.Capacity);
            if (Held is null) return InsertOutcome.Accepted;
            await Held.Task;
            Report(EvictionReason.Capacity);
            return InsertOutcome.Accepted;
        }

        public ValueTask InvalidateAsync(string key, CancellationToken cancellationToken) => default;

        public ValueTask ClearAsync(CancellationToken cancellationToken) => default;

        public void Dispose() => Disposals++;
    }
}
