using Cachet;

namespace CachetTests;

/// <summary>Concurrent callers share lookups and loads.</summary>
public class StampedeTests
{
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
