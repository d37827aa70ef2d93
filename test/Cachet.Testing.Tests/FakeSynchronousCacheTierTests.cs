using Cachet;

namespace CachetTests;

public class FakeSynchronousCacheTierTests
{
    [Test]
    public void Find_EntriesGiven_FindsThemAndRecordsTheCalls()
    {
        var entry = new CacheEntry<int>(1);
        var tier = new FakeSynchronousCacheTier<string, int>(new Dictionary<string, CacheEntry<int>> { ["k"] = entry });

        Assert.That(tier.Find("k"), Is.SameAs(entry));
        Assert.That(tier.Find("absent"), Is.Null);

        Assert.That(tier.Calls, Is.EqualTo(new CacheTierCall<string, int>[]
        {
            new() { Operation = CacheOperation.Get, Key = "k", Synchronous = true },
            new() { Operation = CacheOperation.Get, Key = "absent", Synchronous = true },
        }));
        Assert.That(tier.CallLines, Is.EqualTo(new[] { "get k", "get absent" }));
        Assert.That(tier.Count(CacheOperation.Get), Is.EqualTo(2));
    }

    [Test]
    public void Find_ToldToFail_Throws()
    {
        var tier = new FakeSynchronousCacheTier<string, int> { { "k", 1 } };
        tier.FailWhen(static call => call.Synchronous);

        Assert.That(() => tier.Find("k"), Throws.InstanceOf<IOException>());
        Assert.That(tier.CallLines, Is.EqualTo(new[] { "get k" }));
    }

    [Test]
    public async Task Hold_OfGets_HoldsAsynchronousOnesOnly()
    {
        var tier = new FakeSynchronousCacheTier<string, int> { { "k", 1 } };
        Gate gate = tier.Hold(CacheOperation.Get);

        Assert.That(tier.Find("k")?.Value, Is.EqualTo(1));
        Assert.That(gate.Reached.IsCompleted, Is.False);
        Task getting = tier.GetAsync("k", default).AsTask();

        Assert.That(getting.IsCompleted, Is.False);
        gate.Open();
        await getting;
    }

    [Test]
    public async Task Find_InACache_IsHowThePrimaryIsAsked()
    {
        var memory = new FakeSynchronousCacheTier<string, int>();
        await using ICache<string, int> cache = Cache.Builder<string, int>("c").Tier(memory).Build();
        await cache.InsertAsync("k", 1);

        ValueTask<CacheEntry<int>?> hit = cache.GetAsync("k");

        Assert.That(hit.IsCompletedSuccessfully, Is.True);
        Assert.That((await hit)?.Value, Is.EqualTo(1));
        Assert.That(memory.Calls.Select(static c => (c.Operation, c.Synchronous)), Is.EqualTo(new[]
        {
            (CacheOperation.Insert, false), (CacheOperation.Get, true),
        }));
        Assert.That(await cache.CountAsync(), Is.EqualTo(1));
        Assert.That(((ISynchronousTier<string, int>)memory).Count, Is.EqualTo(1));
    }
}
