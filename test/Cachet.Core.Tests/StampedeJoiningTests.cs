using Cachet;

namespace CachetTests;

/// <summary>Which calls join which lookup or load, and who leads the load after a lookup.</summary>
public class StampedeJoiningTests
{
    [Test]
    public async Task GetOrInsertAsync_LeaderOfALookupThatWaits_LeadsTheLoadToo([Values] bool synchronousPrimary)
    {
        var context = new AsyncLocal<int>();
        for (int round = 0; round < 50; round++)
        {
            var rig = new Rig(2, synchronousPrimary);
            Gate gate = rig.L2.Hold(CacheOperation.Get);
            int ran = 0, seen = 0;
            var calls = new List<Task<string?>>();
            for (int caller = 1; caller <= 10; caller++)
            {
                int me = context.Value = caller;
                calls.Add(rig.Cache.GetOrInsertAsync("k", (_, _) =>
                {
                    (ran, seen) = (me, context.Value);
                    return new("v");
                }).AsTask());
            }

            await gate.Reached;
            gate.Open();
            await Task.WhenAll(calls);

            Assert.That((ran, seen), Is.EqualTo((1, 1)), "The first caller's loader runs, in the first caller's context.");
            Assert.That(rig.Events.OperationEvents.Count(static e => !e.Coalesced), Is.EqualTo(1));
            Assert.That(rig.Flights, Is.Zero);
        }
    }

    [Test]
    public async Task GetAsync_JoinedAMiss_IsCoalesced()
    {
        var rig = new Rig();
        Gate lookup = rig.L2.HoldEvery(CacheOperation.Get);
        Task leader = rig.Cache.GetAsync("k").AsTask();
        Task follower = rig.Cache.GetAsync("k").AsTask();

        lookup.Open();
        await Task.WhenAll(leader, follower);

        Assert.That(rig.Events.OperationLines, Is.EquivalentTo(new[] { "get miss", "get miss coalesced" }));
    }

    [Test]
    public async Task GetAsync_JoinedALookupOfGetOrInsert_GetsNullWhileTheLoadGoesOn()
    {
        var rig = new Rig();
        var load = new Gate();
        Gate lookup = rig.L2.Hold(CacheOperation.Get);
        Task<string?> loading = rig.Cache.GetOrInsertAsync("k", async (_, token) =>
        {
            await load.PassAsync(token);
            return "v";
        }).AsTask();
        await lookup.Reached;
        Task<CacheEntry<string?>?> getting = rig.Cache.GetAsync("k").AsTask();

        lookup.Open();
        await load.Reached;

        Assert.That(await getting.WaitAsync(TimeSpan.FromMinutes(1)), Is.Null);
        Assert.That(loading.IsCompleted, Is.False);
        Assert.That(rig.L2.Count(CacheOperation.Get), Is.EqualTo(1));
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "get miss coalesced" }));
        load.Open();
        await loading;
    }

    [Test]
    public async Task GetAsync_JoinedALookupWhoseLoadFails_IsAMiss()
    {
        var rig = new Rig();
        Gate lookup = rig.L2.Hold(CacheOperation.Get);
        Task<Exception?> loading = rig.Cache.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException("load")).FaultAsync();
        await lookup.Reached;
        Task<CacheEntry<string?>?> getting = rig.Cache.GetAsync("k").AsTask();

        lookup.Open();

        Assert.That(await getting, Is.Null);
        Assert.That(await loading, Is.InstanceOf<InvalidOperationException>());
    }

    [Test]
    public async Task GetOrInsertAsync_JoinedAGetsLookup_LeadsTheLoadAndIsNotCoalesced()
    {
        var rig = new Rig();
        Gate lookup = rig.L2.Hold(CacheOperation.Get);
        Task<CacheEntry<string?>?> getting = rig.Cache.GetAsync("k").AsTask();
        await lookup.Reached;
        Task<string?> loading = rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v")).AsTask();

        lookup.Open();

        Assert.That(await getting, Is.Null);
        Assert.That(await loading, Is.EqualTo("v"));
        Assert.That(rig.L2.Count(CacheOperation.Get), Is.EqualTo(1));
        Assert.That(rig.Events.OperationLines, Is.EquivalentTo(new[] { "get miss", "get_or_insert loaded" }));
    }

    [Test]
    public async Task GetOrInsertAsync_JoinedALookupThatHits_IsCoalesced()
    {
        var rig = new Rig();
        rig.L2.Entries["k"] = new("v", Rig.Start);
        Gate lookup = rig.L2.Hold(CacheOperation.Get);
        Task getting = rig.Cache.GetAsync("k").AsTask();
        await lookup.Reached;
        Task<string?> loading = rig.Cache.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException("loaded")).AsTask();

        lookup.Open();
        await getting;

        Assert.That(await loading, Is.EqualTo("v"));
        Assert.That(rig.Events.OperationLines, Is.EquivalentTo(new[] { "get hit l2", "get_or_insert hit l2 coalesced" }));
    }

    [Test]
    public async Task GetAsync_DuringALoad_LooksUpOnItsOwnAndOtherGetsShareThat()
    {
        var rig = new Rig();
        var load = new Gate();
        Gate second = rig.L2.Hold(CacheOperation.Get, nth: 2);
        Task<string?> loading = rig.Cache.GetOrInsertAsync("k", async (_, token) =>
        {
            await load.PassAsync(token);
            return "v";
        }).AsTask();
        await load.Reached;

        Task<CacheEntry<string?>?> one = rig.Cache.GetAsync("k").AsTask();
        await second.Reached;
        Task<CacheEntry<string?>?> other = rig.Cache.GetAsync("k").AsTask();
        second.Open();

        Assert.That(await one, Is.Null);
        Assert.That(await other, Is.Null);
        Assert.That(rig.L2.Count(CacheOperation.Get), Is.EqualTo(2));
        Assert.That(loading.IsCompleted, Is.False);
        Assert.That(rig.Events.OperationLines, Is.EquivalentTo(new[] { "get miss", "get miss coalesced" }));
        load.Open();
        await loading;
    }

    [Test]
    public async Task GetOrInsertAsync_DuringALoad_JoinsItWithoutALookup()
    {
        var rig = new Rig();
        var load = new Gate();
        Task<string?> leader = rig.Cache.GetOrInsertAsync("k", async (_, token) =>
        {
            await load.PassAsync(token);
            return "v";
        }).AsTask();
        await load.Reached;
        Task<string?> follower = rig.Cache.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException("loaded")).AsTask();

        load.Open();

        Assert.That(await follower, Is.EqualTo("v"));
        await leader;
        Assert.That(rig.L2.Count(CacheOperation.Get), Is.EqualTo(1));
    }

    [Test]
    public async Task GetOrInsertEntryAsync_LeadersLoaderGivesNothing_OptionalFollowerGetsNull()
    {
        var rig = new Rig();
        var load = new Gate();
        Task<CacheEntry<string?>?> leader = rig.Cache.GetOrInsertEntryAsync("k", async (_, token) =>
        {
            await load.PassAsync(token);
            return null;
        }).AsTask();
        await load.Reached;
        Task<CacheEntry<string?>?> follower =
            rig.Cache.GetOrInsertEntryAsync("k", static (_, _) => throw new InvalidOperationException("loaded")).AsTask();

        load.Open();

        Assert.That(await leader, Is.Null);
        Assert.That(await follower, Is.Null);
        Assert.That(rig.Events.OperationLines, Is.EquivalentTo(new[] { "get_or_insert skipped", "get_or_insert skipped coalesced" }));
    }

    [Test]
    public async Task GetOrInsertAsync_LeadersLoaderGivesNothing_ValueFollowersLoadInNewFlights([Values] bool joinedTheLookup)
    {
        var rig = new Rig();
        Gate first = new(), second = new();
        Gate lookup = rig.L2.Hold(CacheOperation.Get);
        int loads = 0, running = 0, most = 0;
        Task<CacheEntry<string?>?> leader = rig.Cache.GetOrInsertEntryAsync("k", async (_, token) =>
        {
            await first.PassAsync(token);
            return null;
        }).AsTask();
        await lookup.Reached;
        if (!joinedTheLookup)
        {
            lookup.Open();
            await first.Reached;
        }

        Task<string?>[] followers = [.. Enumerable.Range(0, 5).Select(_ => rig.Cache.GetOrInsertAsync("k", async (_, token) =>
        {
            Interlocked.Increment(ref loads);
            most = Math.Max(most, Interlocked.Increment(ref running));
            await second.PassAsync(token);
            Interlocked.Decrement(ref running);
            return "v";
        }).AsTask())];
        lookup.Open();

        // Whoever comes to the load first leads it: if that is a follower, the first loader never runs.
        first.Open();
        second.Open();

        Assert.That(await Task.WhenAll(followers), Is.All.EqualTo("v"));
        Assert.That((await leader)?.Value, Is.Null.Or.EqualTo("v"));
        Assert.That(most, Is.EqualTo(1), "One load of a key at a time.");
        if (joinedTheLookup) Assert.That(loads, Is.EqualTo(1), "The callers of one lookup share one load, however late they come to it.");
        Assert.That(rig.L2.Count(CacheOperation.Get), Is.EqualTo(1));
        Assert.That(rig.Flights, Is.Zero);
    }

    [Test]
    public async Task GetOrInsertAsync_LateParticipantsOfALookup_ShareItsLoad()
    {
        for (int round = 0; round < 50; round++)
        {
            var rig = new Rig();
            Gate lookup = rig.L2.Hold(CacheOperation.Get);
            int loads = 0;
            Task<string?>[] callers = [.. Enumerable.Range(0, 20).Select(_ => rig.Cache.GetOrInsertAsync("k", (_, _) =>
            {
                // Over before most of the others have come to the load.
                return new($"v{Interlocked.Increment(ref loads)}");
            }).AsTask())];

            await lookup.Reached;
            lookup.Open();

            Assert.That(await Task.WhenAll(callers), Is.All.EqualTo("v1"));
            Assert.That(loads, Is.EqualTo(1));
        }
    }
}
