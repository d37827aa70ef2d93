using Cachet;

namespace CachetTests;

public class StampedeTests
{
    [Test]
    public async Task GetOrInsertAsync_AfterAnInvalidateThatOvertookALoad_IsNotServedByThatLoad([Values] bool clear)
    {
        var rig = new Rig(1);
        var loading = new Gate();
        Task<string?> first = rig.Cache.GetOrInsertAsync("k", async (_, token) =>
        {
            await loading.PassAsync(token);
            return "overtaken";
        }).AsTask();
        await loading.Reached;
        if (clear) await rig.Cache.ClearAsync();
        else await rig.Cache.InvalidateAsync("k");
        Gate looking = rig.L1.Hold(CacheOperation.Get);
        Task<string?> second = rig.Cache.GetOrInsertAsync("k", static (_, _) => new("new")).AsTask();
        await looking.Reached;

        loading.Open();
        Assert.That(await first, Is.EqualTo("overtaken"));
        looking.Open();

        Assert.That(await second, Is.EqualTo("new"));
        Assert.That(rig.Contents("k"), Is.EqualTo("new"));
    }

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
    public async Task GetOrInsertAsync_LeaderLeavesDuringTheLookup_AFollowerLoads([Values] bool follower)
    {
        var rig = new Rig(2);
        Gate gate = rig.L2.Hold(CacheOperation.Get, cancellable: false);
        using var leaves = new CancellationTokenSource();
        int leadersLoads = 0;
        Task leader = rig.Cache.GetOrInsertAsync("k", (_, _) => new("leader's " + ++leadersLoads), leaves.Token).AsTask();
        await gate.Reached;
        Task<string?>? following = follower ? rig.Cache.GetOrInsertAsync("k", static (_, _) => new("follower's")).AsTask() : null;

        await leaves.CancelAsync();
        Assert.That(async () => await leader, Throws.InstanceOf<OperationCanceledException>());
        gate.Open();

        if (following is not null) Assert.That(await following, Is.EqualTo("follower's"));
        await Holds.UntilAsync(() => rig.Flights == 0);
        Assert.That(leadersLoads, Is.Zero);
    }

    [Test]
    public async Task GetOrInsertAsync_AfterALoadEndedWhileALookupIsHeld_SeesWhatWasLoaded()
    {
        var rig = new Rig(1);
        var loading = new Gate();
        int loads = 0;
        Task<string?> first = rig.Cache.GetOrInsertAsync("k", async (_, token) =>
        {
            await loading.PassAsync(token);
            return "v" + ++loads;
        }).AsTask();
        await loading.Reached;
        Gate looking = rig.L1.Hold(CacheOperation.Get, after: true);
        Task<CacheEntry<string?>?> early = rig.Cache.GetAsync("k").AsTask(); // has seen nothing, and is held
        await looking.Reached;
        loading.Open();
        Assert.That(await first, Is.EqualTo("v1"));

        Task<string?> load = rig.Cache.GetOrInsertAsync("k", (_, _) => new("v" + ++loads)).AsTask();
        Task<CacheEntry<string?>?> get = rig.Cache.GetAsync("k").AsTask();
        looking.Open();

        Assert.That(await load, Is.EqualTo("v1"));
        Assert.That((await get)?.Value, Is.EqualTo("v1"));
        Assert.That(await early, Is.Null);
        Assert.That(rig.Flights, Is.Zero);
    }

    [Test]
    public async Task GetOrInsertAsync_ManyCallers_ShareOneLookupAndOneLoad([Values] bool synchronousPrimary)
    {
        var rig = new Rig(2, synchronousPrimary);
        var load = new Gate();
        Gate lookup = rig.L2.HoldEvery(CacheOperation.Get);
        int loads = 0;
        Task<string?>[] callers = [.. Enumerable.Range(0, 20).Select(_ => rig.Cache.GetOrInsertAsync("k", async (_, token) =>
        {
            Interlocked.Increment(ref loads);
            await load.PassAsync(token);
            return "v";
        }).AsTask())];

        await lookup.Reached;
        lookup.Open();
        await load.Reached;
        load.Open();

        Assert.That(await Task.WhenAll(callers), Is.All.EqualTo("v"));
        Assert.That(loads, Is.EqualTo(1));
        Assert.That(rig.L2.Count(CacheOperation.Get), Is.EqualTo(1));
        Assert.That(rig.Events.OperationLines.Count(static l => l == "get_or_insert loaded"), Is.EqualTo(1));
        Assert.That(rig.Events.OperationLines.Count(static l => l == "get_or_insert loaded coalesced"), Is.EqualTo(19));
        Assert.That(rig.Flights, Is.Zero);
    }

    [Test]
    public async Task GetOrInsertAsync_ManyCallersOfALoneMemoryTier_ShareOneLoad()
    {
        await using ICache<string, string?> cache = Cache.Builder<string, string?>("c").Memory().Build();
        var load = new Gate();
        int loads = 0;
        Task<string?>[] callers = [.. Enumerable.Range(0, 20).Select(_ => cache.GetOrInsertAsync("k", async (_, token) =>
        {
            Interlocked.Increment(ref loads);
            await load.PassAsync(token);
            return "v";
        }).AsTask())];

        load.Open();

        Assert.That(await Task.WhenAll(callers), Is.All.EqualTo("v"));
        Assert.That(loads, Is.EqualTo(1));
    }

    [Test]
    public async Task GetOrInsertAsync_EveryForm_JoinsTheSameLoad()
    {
        var rig = new Rig();
        var load = new Gate();
        Task<string?> leader = rig.Cache.GetOrInsertAsync("k", async (_, token) =>
        {
            await load.PassAsync(token);
            return "v";
        }).AsTask();
        await load.Reached;

        Task<string?> withState = rig.Cache.GetOrInsertAsync("k", 1, static (_, _, _) => new("another")).AsTask();
        Task<CacheEntry<string?>?> entry = rig.Cache.GetOrInsertEntryAsync("k", static (_, _) => default).AsTask();
        Task<CacheEntry<string?>?> entryWithState = rig.Cache.GetOrInsertEntryAsync("k", 1, static (_, _, _) => default).AsTask();
        load.Open();

        Assert.That(await leader, Is.EqualTo("v"));
        Assert.That(await withState, Is.EqualTo("v"));
        Assert.That((await entry)!.Value, Is.EqualTo("v"));
        Assert.That((await entryWithState)!.Value, Is.EqualTo("v"));
    }

    [Test]
    public async Task GetOrInsertAsync_OtherKey_IsIndependent()
    {
        var rig = new Rig();
        var load = new Gate();
        Task<string?> held = rig.Cache.GetOrInsertAsync("held", async (_, token) =>
        {
            await load.PassAsync(token);
            return "v";
        }).AsTask();
        await load.Reached;

        Assert.That(await rig.Cache.GetOrInsertAsync("free", static (_, _) => new("v")).AsTask().WaitAsync(TimeSpan.FromMinutes(1)), Is.EqualTo("v"));
        Assert.That(held.IsCompleted, Is.False);
        load.Open();
        await held;
    }

    [Test]
    public async Task GetAsync_ManyCallers_ShareOneLookup()
    {
        var rig = new Rig();
        rig.L2.Entries["k"] = new("v", Rig.Start);
        Gate lookup = rig.L2.HoldEvery(CacheOperation.Get);
        Task<CacheEntry<string?>?>[] callers = [.. Enumerable.Range(0, 10).Select(_ => rig.Cache.GetAsync("k").AsTask())];

        await lookup.Reached;
        lookup.Open();

        Assert.That((await Task.WhenAll(callers)).Select(static e => e?.Value), Is.All.EqualTo("v"));
        Assert.That(rig.L2.Count(CacheOperation.Get), Is.EqualTo(1));
        Assert.That(rig.L1.Count(CacheOperation.Insert), Is.EqualTo(1));
        Assert.That(rig.Events.OperationLines.Count(static l => l == "get hit l2"), Is.EqualTo(1));
        Assert.That(rig.Events.OperationLines.Count(static l => l == "get hit l2 coalesced"), Is.EqualTo(9));
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
    public async Task GetOrInsertAsync_FollowerCancelled_LeavesAlone()
    {
        var rig = new Rig();
        var load = new Gate();
        using var cancel = new CancellationTokenSource();
        Task<string?> leader = rig.Cache.GetOrInsertAsync("k", async (_, token) =>
        {
            await load.PassAsync(token);
            return "v";
        }).AsTask();
        await load.Reached;
        Task<string?> follower = rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v"), cancel.Token).AsTask();

        await cancel.CancelAsync();

        Assert.That(await follower.FaultAsync(), Is.InstanceOf<OperationCanceledException>());
        Assert.That(leader.IsCompleted, Is.False);
        load.Open();
        Assert.That(await leader, Is.EqualTo("v"));
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "get_or_insert cancelled", "get_or_insert loaded" }));
    }

    [Test]
    public async Task GetOrInsertAsync_LeaderCancelled_LeavesAtOnceAndFollowersGetTheValue()
    {
        var rig = new Rig();
        var load = new Gate();
        using var cancel = new CancellationTokenSource();
        Task<string?> leader = rig.Cache.GetOrInsertAsync("k", async (_, token) =>
        {
            await load.PassAsync(token);
            return "v";
        }, cancel.Token).AsTask();
        await load.Reached;
        Task<string?> follower = rig.Cache.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException("loaded")).AsTask();

        await cancel.CancelAsync();
        Exception? fault = await leader.FaultAsync();

        Assert.That(fault, Is.InstanceOf<OperationCanceledException>());
        Assert.That(((OperationCanceledException)fault!).CancellationToken, Is.EqualTo(cancel.Token));
        Assert.That(follower.IsCompleted, Is.False);
        load.Open();
        Assert.That(await follower, Is.EqualTo("v"));
        Assert.That(rig.Contents("k"), Is.EqualTo("v v"));
        Assert.That(rig.Flights, Is.Zero);
    }

    [Test]
    public async Task GetOrInsertAsync_AllCancelled_TheLoadersTokenFires()
    {
        var rig = new Rig();
        using var one = new CancellationTokenSource();
        using var two = new CancellationTokenSource();
        var load = new Gate();
        CancellationToken loaders = default;
        Task<string?> leader = rig.Cache.GetOrInsertAsync("k", async (_, token) =>
        {
            loaders = token;
            await load.PassAsync(token);
            return "v";
        }, one.Token).AsTask();
        await load.Reached;
        Task<string?> follower = rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v"), two.Token).AsTask();

        await one.CancelAsync();
        await leader.FaultAsync();
        Assert.That(loaders.IsCancellationRequested, Is.False, "One is still waiting.");
        await two.CancelAsync();
        await follower.FaultAsync();

        await Holds.UntilAsync(() => loaders.IsCancellationRequested && rig.Flights == 0);
        Assert.That(rig.Contents("k"), Is.EqualTo("- -"));
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "get_or_insert cancelled", "get_or_insert cancelled" }));
    }

    [Test]
    public async Task GetOrInsertAsync_AllLeftALoaderThatDoesNotListen_NewCallerStartsAnew()
    {
        var rig = new Rig();
        using var cancel = new CancellationTokenSource();
        var load = new Gate();
        Task<string?> left = rig.Cache.GetOrInsertAsync("k", async (_, _) =>
        {
            await load.PassAsync(CancellationToken.None);
            return "old";
        }, cancel.Token).AsTask();
        await load.Reached;
        await cancel.CancelAsync();
        await left.FaultAsync();

        Assert.That(await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("new")).AsTask().WaitAsync(TimeSpan.FromMinutes(1)), Is.EqualTo("new"));
        load.Open();
        await Holds.UntilAsync(() => rig.Flights == 0);
    }

    [Test]
    public async Task GetAsync_LeaderCancelledDuringTheLookup_FollowersGetTheValue([Values] bool followerLoads)
    {
        var rig = new Rig();
        rig.L2.Entries["k"] = new("v", Rig.Start);
        Gate lookup = rig.L2.HoldEvery(CacheOperation.Get);
        using var cancel = new CancellationTokenSource();
        Task leader = rig.Cache.GetAsync("k", cancel.Token).AsTask();
        await lookup.Reached;
        Task<string?> follower = followerLoads
            ? rig.Cache.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException("loaded")).AsTask()
            : ValueAsync(rig.Cache.GetAsync("k"));

        await cancel.CancelAsync();
        Assert.That(await leader.FaultAsync(), Is.InstanceOf<OperationCanceledException>());
        lookup.Open();

        Assert.That(await follower, Is.EqualTo("v"));

        static async Task<string?> ValueAsync(ValueTask<CacheEntry<string?>?> entry) => (await entry)?.Value;
    }

    [Test]
    public async Task GetOrInsertAsync_LeaderCancelledDuringTheLookup_AFollowersLoaderRuns()
    {
        var rig = new Rig();
        Gate lookup = rig.L2.HoldEvery(CacheOperation.Get);
        using var cancel = new CancellationTokenSource();
        Task leader = rig.Cache.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException("loaded"), cancel.Token).AsTask();
        await lookup.Reached;
        Task<string?> follower = rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v")).AsTask();

        await cancel.CancelAsync();
        Assert.That(await leader.FaultAsync(), Is.InstanceOf<OperationCanceledException>());
        lookup.Open();

        Assert.That(await follower, Is.EqualTo("v"));
    }

    [Test]
    public async Task GetAsync_AllCancelled_TheTiersTokenFires()
    {
        var rig = new Rig();
        CancellationToken tiers = default;
        Gate lookup = rig.L2.Hold(CacheOperation.Get, after: true);
        rig.L2.Before = (_, token) =>
        {
            tiers = token;
            return Task.CompletedTask;
        };
        using var cancel = new CancellationTokenSource();
        Task getting = rig.Cache.GetAsync("k", cancel.Token).AsTask();
        await lookup.Reached;

        await cancel.CancelAsync();
        await getting.FaultAsync();

        await Holds.UntilAsync(() => tiers.IsCancellationRequested && rig.Flights == 0);
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "get cancelled" }));
    }

    [Test]
    public async Task GetOrInsertAsync_TokensCallbackThrows_LeavingCallerDoesNotHearOfIt()
    {
        var rig = new Rig();
        var load = new Gate();
        using var cancel = new CancellationTokenSource();
        Task<string?> leader = rig.Cache.GetOrInsertAsync("k", async (_, token) =>
        {
            await using CancellationTokenRegistration bad = token.Register(static () => throw new InvalidOperationException("callback"));
            await load.PassAsync(token);
            return "v";
        }, cancel.Token).AsTask();
        await load.Reached;

        await cancel.CancelAsync();

        Assert.That(await leader.FaultAsync(), Is.InstanceOf<OperationCanceledException>());
        load.Open();
        await Holds.UntilAsync(() => rig.Flights == 0);
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

    [Test]
    public async Task GetOrInsertAsync_ErrorOfALookup_ReachesAllAsTheSameInstance()
    {
        var rig = new Rig(more: b => b.TierErrors(TierErrorPolicy.Throw));
        var error = new InvalidOperationException("down");
        Gate lookup = rig.L2.HoldEvery(CacheOperation.Get);
        rig.L2.FailWhen(static _ => true, _ => error);
        Task<Exception?>[] callers = [.. Enumerable.Range(0, 4).Select(i => i % 2 == 0
            ? rig.Cache.GetAsync("k").FaultAsync()
            : rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v")).FaultAsync())];

        lookup.Open();

        Assert.That(await Task.WhenAll(callers), Is.All.SameAs(error));
    }

    [Test]
    public async Task GetOrInsertAsync_ExecutionContext_FlightRunsInTheLeadersAndFollowersResumeInTheirOwn()
    {
        var rig = new Rig();
        var ambient = new AsyncLocal<string?>();
        var load = new Gate();
        string? inTier = null, inLoader = null, inInsert = null;
        Gate lookup = rig.L2.HoldEvery(CacheOperation.Get, after: true, cancellable: false);
        rig.L2.Before = (call, _) =>
        {
            if (call.Operation == CacheOperation.Get) inTier = ambient.Value;
            else inInsert = ambient.Value;
            return Task.CompletedTask;
        };
        async Task<(string? Seen, string? After)> CallAsync(string name)
        {
            ambient.Value = name;
            string? value = await rig.Cache.GetOrInsertAsync("k", async (_, _) =>
            {
                inLoader = ambient.Value;
                await load.PassAsync(CancellationToken.None);
                ambient.Value = "changed by the loader";
                return "v";
            });
            return (value, ambient.Value);
        }

        Task<(string?, string?)> leader = CallAsync("leader");
        await lookup.Reached;
        lookup.Open();
        await load.Reached;
        Task<(string?, string?)> follower = CallAsync("follower");
        load.Open();

        Assert.That(await leader, Is.EqualTo(("v", "leader")));
        Assert.That(await follower, Is.EqualTo(("v", "follower")));
        Assert.That(inTier, Is.EqualTo("leader"));
        Assert.That(inLoader, Is.EqualTo("leader"));
        Assert.That(inInsert, Is.EqualTo("leader"));
        Assert.That(ambient.Value, Is.Null);
    }

    [Test]
    public async Task GetOrInsertAsync_NotProtected_EachRunsItsOwn()
    {
        var rig = new Rig(more: static b => b.StampedeProtection(false));
        var load = new Gate();
        int loads = 0;
        Task<string?>[] callers = [.. Enumerable.Range(0, 5).Select(_ => rig.Cache.GetOrInsertAsync("k", async (_, token) =>
        {
            Interlocked.Increment(ref loads);
            await load.PassAsync(token);
            return "v";
        }).AsTask())];

        await Holds.UntilAsync(() => Volatile.Read(ref loads) == 5);
        load.Open();
        await Task.WhenAll(callers);

        Assert.That(rig.L2.Count(CacheOperation.Get), Is.EqualTo(5));
        Assert.That(rig.Events.OperationEvents.Count(static e => e.Coalesced), Is.Zero);
    }

    [Test]
    public async Task GetAsync_NotProtected_EachLooksUp()
    {
        var rig = new Rig(more: static b => b.StampedeProtection(false));
        Gate lookup = rig.L2.HoldEvery(CacheOperation.Get);
        Task[] callers = [.. Enumerable.Range(0, 3).Select(_ => rig.Cache.GetAsync("k").AsTask())];

        lookup.Open();
        await Task.WhenAll(callers);

        Assert.That(rig.L2.Count(CacheOperation.Get), Is.EqualTo(3));
    }

    [Test]
    public async Task GetOrInsertAsync_HitInASynchronousPrimary_EntersNoFlight()
    {
        var rig = new Rig(2, synchronousPrimary: true);
        var load = new Gate();
        Task<string?> loading = rig.Cache.GetOrInsertAsync("k", async (_, token) =>
        {
            await load.PassAsync(token);
            return "loaded";
        }).AsTask();
        await load.Reached;
        rig.L1.Entries["k"] = new("in memory");

        ValueTask<string?> hit = rig.Cache.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException("loaded"));

        Assert.That(hit.IsCompletedSuccessfully, Is.True);
        Assert.That(await hit, Is.EqualTo("in memory"));
        Assert.That(rig.Events.OperationLines[^1], Is.EqualTo("get_or_insert hit l1"));
        load.Open();
        await loading;
    }

    [Test]
    public async Task InvalidateAsync_Concurrent_AreNotMerged()
    {
        var rig = new Rig();
        Gate gate = rig.L1.Hold(CacheOperation.Invalidate);
        Task one = rig.Cache.InvalidateAsync("k").AsTask();
        await gate.Reached;
        Task two = rig.Cache.InvalidateAsync("k").AsTask();

        gate.Open();
        await Task.WhenAll(one, two);

        Assert.That(rig.L1.Count(CacheOperation.Invalidate), Is.EqualTo(2));
    }

    [Test]
    public async Task ContainsAsync_DuringAGet_DoesNotJoinAndPromotesNothing()
    {
        var rig = new Rig();
        rig.L2.Entries["k"] = new("v", Rig.Start);
        Gate lookup = rig.L2.Hold(CacheOperation.Get);
        Task<CacheEntry<string?>?> getting = rig.Cache.GetAsync("k").AsTask();
        await lookup.Reached;

        Assert.That(await rig.Cache.ContainsAsync("k").AsTask().WaitAsync(TimeSpan.FromMinutes(1)), Is.True);
        Assert.That(rig.Contents("k"), Is.EqualTo("- v"));
        lookup.Open();
        await getting;
    }

    [Test]
    public async Task Flights_AfterMuchChurn_AreNone()
    {
        ICache<int, int> cache = Cache.Builder<int, int>("c").Memory(static o => o.Capacity = 100).Tier(new YieldingTier()).Build();
        await Parallel.ForEachAsync(Enumerable.Range(0, 20_000), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            using var cancel = new CancellationTokenSource();
            Task<int> one = cache.GetOrInsertAsync(i / 2, static async (key, _) =>
            {
                await Task.Yield();
                return key % 7 == 0 ? throw new InvalidOperationException("seven") : key;
            }, cancel.Token).AsTask();
            Task<CacheEntry<int>?> two = cache.GetAsync(i / 2, cancel.Token).AsTask();
            if (i % 5 == 0) await cancel.CancelAsync();
            if (i % 11 == 0) await cache.InvalidateAsync(i / 2, CancellationToken.None);
            await one.FaultAsync();
            await two.FaultAsync();
        });

        var tiered = (TieredCache<int, int>)cache;
        await Holds.UntilAsync(() => tiered.Flights == 0); // Those that everybody left end in the background.
        Assert.That(tiered.Flights, Is.Zero);
    }

    /// <summary>Holds nothing, and takes its time to say so.</summary>
    private sealed class YieldingTier : ICacheTier<int, int>
    {
        public async ValueTask<CacheEntry<int>?> GetAsync(int key, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return null;
        }

        public async ValueTask<InsertOutcome> InsertAsync(int key, CacheEntry<int> entry, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return InsertOutcome.Accepted;
        }

        public async ValueTask InvalidateAsync(int key, CancellationToken cancellationToken) => await Task.Yield();

        public async ValueTask ClearAsync(CancellationToken cancellationToken) => await Task.Yield();
    }
}
