using Cachet;

namespace CachetTests;

/// <summary>Who leaves a flight, and when its work is cancelled.</summary>
public class StampedeCancellationTests
{
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
}
