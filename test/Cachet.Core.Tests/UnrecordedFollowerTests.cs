using Cachet;

namespace CachetTests;

/// <summary>Callers who join work under way, and whom nobody records: they wait for one task, or each for its own if they can be cancelled, and see
/// what the others see.</summary>
[TestFixture(false)]
[TestFixture(true)]
public class UnrecordedFollowerTests(bool cancellable)
{
    private const int Followers = 20;

    private static readonly AsyncLocal<int> _caller = new();

    private CancellationTokenSource _never = null!;

    private CancellationToken Token => cancellable ? _never.Token : CancellationToken.None;

    [SetUp]
    public void SetUp() => _never = new();

    [TearDown]
    public void TearDown() => _never.Dispose();

    [Test]
    public async Task GetOrInsertAsync_JoinsALoad_GetsItsValue()
    {
        var rig = new Rig(1, observed: false);
        var gate = new Gate();
        int loads = 0;
        Task<string?> leader = rig.Cache.GetOrInsertAsync("k", LoadAsync).AsTask();
        await gate.Reached;

        Task<string?>[] values = [.. Enumerable.Range(0, Followers).Select(_ => rig.Cache.GetOrInsertAsync("k", LoadAsync, Token).AsTask())];
        Task<CacheEntry<string?>?>[] entries =
            [.. Enumerable.Range(0, Followers).Select(_ => rig.Cache.GetOrInsertEntryAsync("k", async (key, token) => new(await LoadAsync(key, token)), Token).AsTask())];
        gate.Open();

        Assert.That(await Task.WhenAll(values), Is.All.EqualTo(await leader));
        Assert.That((await Task.WhenAll(entries)).Select(static e => e!.Value), Is.All.EqualTo("1"));
        Assert.That((loads, rig.Flights), Is.EqualTo((1, 0)));

        async ValueTask<string?> LoadAsync(string key, CancellationToken token)
        {
            int n = Interlocked.Increment(ref loads);
            await gate.PassAsync(token);
            return $"{n}";
        }
    }

    [Test]
    public async Task GetOrInsertAsync_LoaderFails_GetsTheSameInstance([Values] bool cancellation)
    {
        var rig = new Rig(1, observed: false);
        Exception failure = cancellation ? new TaskCanceledException("The loader's own.") : new IOException();
        var gate = new Gate();
        Task<string?> leader = rig.Cache.GetOrInsertAsync("k", FailAsync).AsTask();
        await gate.Reached;

        Task<string?>[] followers = [.. Enumerable.Range(0, Followers).Select(_ => rig.Cache.GetOrInsertAsync("k", FailAsync, Token).AsTask())];
        gate.Open();

        Assert.That(await leader.FaultAsync(), Is.SameAs(failure));
        foreach (Task<string?> follower in followers) Assert.That(await follower.FaultAsync(), Is.SameAs(failure));

        async ValueTask<string?> FailAsync(string key, CancellationToken token)
        {
            await gate.PassAsync(token);
            throw failure;
        }
    }

    [Test]
    public async Task GetOrInsertAsync_LeadersLoaderGivesNothing_RunsItsOwn()
    {
        var rig = new Rig(1, observed: false);
        var gate = new Gate();
        Task<CacheEntry<string?>?> leader = rig.Cache.GetOrInsertEntryAsync("k", async (_, token) =>
        {
            await gate.PassAsync(token);
            return null;
        }).AsTask();
        await gate.Reached;

        Task<string?> needing = rig.Cache.GetOrInsertAsync("k", static (_, _) => new("own"), Token).AsTask();
        Task<CacheEntry<string?>?> content = rig.Cache.GetOrInsertEntryAsync("k", static (_, _) => throw new InvalidOperationException(), Token).AsTask();
        gate.Open();

        Assert.That(await leader, Is.Null);
        Assert.That(await content, Is.Null);
        Assert.That(await needing, Is.EqualTo("own"));
    }

    [Test]
    public async Task GetAsync_JoinsALookup_GetsWhatItFinds([Values("hit", "miss", "failure")] string comesTo)
    {
        var rig = new Rig(1, observed: false);
        var failure = new IOException();
        if (comesTo == "hit") rig.L1.Add("k", "v");
        if (comesTo == "failure") rig.L1.FailOn(CacheOperation.Get, failure);
        Gate gate = rig.L1.Hold(CacheOperation.Get);
        Task<CacheEntry<string?>?> leader = rig.Cache.GetAsync("k").AsTask();
        await gate.Reached;

        Task<CacheEntry<string?>?>[] followers = [.. Enumerable.Range(0, Followers).Select(_ => rig.Cache.GetAsync("k", Token).AsTask())];
        gate.Open();

        Exception? fault = await leader.FaultAsync();
        Assert.That(fault, comesTo == "failure" ? Is.SameAs(failure) : Is.Null);
        foreach (Task<CacheEntry<string?>?> follower in followers)
        {
            Assert.That(await follower.FaultAsync(), Is.SameAs(fault));
            if (fault is null) Assert.That((await follower)?.Value, Is.EqualTo(comesTo == "hit" ? "v" : null));
        }

        Assert.That(rig.L1.Count(CacheOperation.Get), Is.EqualTo(1));
    }

    [Test]
    public async Task GetAsync_JoinsTheLookupOfAGetOrInsertThatFails_ThrowsWhileThatLoads()
    {
        var rig = new Rig(1, observed: false);
        var failure = new IOException();
        rig.L1.FailOn(CacheOperation.Get, failure);
        Gate gate = rig.L1.Hold(CacheOperation.Get);
        Task<string?> leader = rig.Cache.GetOrInsertAsync("k", static (_, _) => new("loaded")).AsTask();
        await gate.Reached;

        Task<CacheEntry<string?>?> follower = rig.Cache.GetAsync("k", Token).AsTask();
        gate.Open();

        Assert.That(await follower.FaultAsync(), Is.SameAs(failure));
        Assert.That(await leader, Is.EqualTo("loaded"));
    }

    [Test]
    public async Task GetOrInsertAsync_LeaderLeaves_GetsTheValueAllTheSame()
    {
        var rig = new Rig(1, observed: false);
        using var cancel = new CancellationTokenSource();
        var gate = new Gate();
        Task<string?> leader = rig.Cache.GetOrInsertAsync("k", LoadAsync, cancel.Token).AsTask();
        await gate.Reached;
        Task<string?> follower = rig.Cache.GetOrInsertAsync("k", LoadAsync, Token).AsTask();

        await cancel.CancelAsync();
        Assert.That(await leader.FaultAsync(), Is.InstanceOf<OperationCanceledException>());
        gate.Open();

        Assert.That(await follower, Is.EqualTo("v"));

        async ValueTask<string?> LoadAsync(string key, CancellationToken token)
        {
            await gate.PassAsync(token);
            return "v";
        }
    }

    [Test]
    public async Task GetOrInsertAsync_FromInsideTheLoader_IsRefusedByItsTask()
    {
        var rig = new Rig(1, observed: false);

        ValueTask<string?> inner = default;
        await rig.Cache.GetOrInsertAsync("k", async (_, token) =>
        {
            inner = rig.Cache.GetOrInsertAsync("k", static (_, _) => new("inner"), Token);
            await Task.Yield();
            return "v";
        });

        Assert.That(await inner.FaultAsync(), Is.InstanceOf<InvalidOperationException>());
    }

    [Test]
    public async Task GetAsync_ManyWait_EachGoesOnInItsOwnContextAndHoldsNobodyUp()
    {
        var rig = new Rig(1, observed: false);
        Gate gate = rig.L1.Hold(CacheOperation.Get);
        Task leader = rig.Cache.GetAsync("k").AsTask();
        await gate.Reached;
        var all = new CountdownEvent(2);

        // Each blocks until the other has gone on too: they are not called one after another.
        Task<int>[] followers = [.. Enumerable.Range(1, 2).Select(async i =>
        {
            _caller.Value = i;
            await rig.Cache.GetAsync("k", Token).ConfigureAwait(false);
            all.Signal();
            return all.Wait(TimeSpan.FromMinutes(1)) ? _caller.Value : 0;
        })];
        gate.Open();
        await leader;

        Assert.That(await Task.WhenAll(followers), Is.EqualTo(new[] { 1, 2 }));
        all.Dispose();
    }

    [Test]
    public async Task FollowToEntry_EndedBeforeAnybodyAsked_IsThereAtOnce([Values] bool crashed)
    {
        var flight = new ReadFlight<string>(cancellable: false);
        var failure = new IOException();
        if (crashed) flight.Crash(failure);
        else flight.Land(new(new("v"), CacheOutcome.Hit));

        Task<CacheEntry<string>?> shared = flight.FollowToEntry(Token);

        Assert.That(shared.IsCompleted, Is.True);
        Assert.That(await shared.FaultAsync(), crashed ? Is.SameAs(failure) : Is.Null);
    }
}
