using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>What the package's README shows, as an application's test would have it.</summary>
public class ReadmeTests
{
    [Test]
    public async Task Example_FilledBeforehand_IsReadAndTold()
    {
        var events = new CacheEventRecorder();
        var redis = new FakeCacheTier<string, string> { { "p1", "a product" } };
        await using ICache<string, string> cache = Cache.Builder<string, string>("products")
            .Memory().Tier(redis, static o => o.Remote = true).EventHandler(events).Build();

        Assert.That(await cache.GetOrInsertAsync("p1", static (_, _) => throw new InvalidOperationException("loaded")), Is.EqualTo("a product"));

        Assert.That(redis.CallLines, Is.EqualTo(new[] { "get p1" }));
        Assert.That(events.OperationLines, Is.EqualTo(new[] { "get_or_insert hit l2" }));
    }

    [Test]
    public async Task Example_StoreIsDownOrRefuses_TheValueIsLoaded()
    {
        var redis = new FakeCacheTier<string, string>();
        await using ICache<string, string> cache = Cache.Builder<string, string>("products").Tier(redis).Build();
        redis.FailWhen(static call => call.Operation == CacheOperation.Get, static _ => new TimeoutException());
        redis.InsertAnswer = static _ => InsertOutcome.Rejected;

        Assert.That(await cache.GetOrInsertAsync("p2", static (_, _) => new("loaded")), Is.EqualTo("loaded"));
        Assert.That(redis.Entries, Is.Empty);
    }

    [Test]
    public async Task Example_SlowStoreOnAFakeClock_TakesThatTime()
    {
        var clock = new FakeTimeProvider();
        var events = new CacheEventRecorder();
        var redis = new FakeCacheTier<string, string> { Before = (_, ct) => Task.Delay(TimeSpan.FromSeconds(2), clock, ct) };
        await using ICache<string, string> cache = Cache.Builder<string, string>("products").Clock(clock).Tier(redis).EventHandler(events).Build();

        Task getting = cache.GetAsync("p1").AsTask();
        clock.Advance(TimeSpan.FromSeconds(2));
        await getting;

        Assert.That(events.OperationEvents.Single().Duration, Is.EqualTo(TimeSpan.FromSeconds(2)));
    }
}
