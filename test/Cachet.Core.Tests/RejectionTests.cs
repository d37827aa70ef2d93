using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>What a tier's answer to an insert promises, and what it does not.</summary>
public class RejectionTests
{
    [Test]
    public async Task InsertAsync_TierRejects_IsRejectedAndTimed()
    {
        var rig = new Rig(1);
        rig.L1.InsertAnswer = static _ => InsertOutcome.Rejected;
        rig.L1.After = (_, _) =>
        {
            rig.Clock.Advance(TimeSpan.FromMilliseconds(3));
            return Task.CompletedTask;
        };

        InsertOutcome outcome = await rig.Cache.InsertAsync("k", "v");

        CacheTierEvent insert = rig.Events.TierEvents.Single();
        Assert.That(outcome, Is.EqualTo(InsertOutcome.Rejected));
        Assert.That((insert.Outcome, insert.Duration, insert.Exception), Is.EqualTo((CacheOutcome.Rejected, TimeSpan.FromMilliseconds(3), (Exception?)null)));
    }

    [Test]
    public async Task InsertAsync_AcceptedByATierThatDropsIt_IsAcceptedAndAMiss()
    {
        var rig = new Rig(1);
        rig.L1.After = (call, _) =>
        {
            if (call.Operation == CacheOperation.Insert) rig.L1.Entries.Clear();
            return Task.CompletedTask;
        };

        InsertOutcome outcome = await rig.Cache.InsertAsync("k", "v");

        Assert.That(outcome, Is.EqualTo(InsertOutcome.Accepted));
        Assert.That(await rig.Cache.GetAsync("k"), Is.Null);
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "insert inserted", "get miss" }));
    }

    [TestCase(1, 5)]
    [TestCase(5, 1)]
    public async Task InsertEntryAsync_OverAnotherInMemory_LivesTheLifeOfTheNew(int first, int second)
    {
        var clock = new FakeTimeProvider(Rig.Start);
        await using ICache<string, string> cache = Cache.Builder<string, string>("test").Clock(clock).Memory().Build();
        await cache.InsertEntryAsync("k", new("first", timeToLive: TimeSpan.FromMinutes(first)));
        await cache.InsertEntryAsync("k", new("second", timeToLive: TimeSpan.FromMinutes(second)));

        clock.Advance(TimeSpan.FromMinutes(second));
        string? atItsEnd = (await cache.GetAsync("k"))?.Value;
        clock.Advance(TimeSpan.FromTicks(1));

        Assert.That(atItsEnd, Is.EqualTo("second"));
        Assert.That(await cache.GetAsync("k"), Is.Null);
    }
}
