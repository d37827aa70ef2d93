using System.Diagnostics;
using Cachet;

namespace CachetTests;

/// <summary>Refreshes that run the loader of the call that triggered them.</summary>
public class RefreshLoadTests
{
    private static readonly TimeSpan _age = TimeSpan.FromSeconds(30);
    private static readonly AsyncLocal<string?> _ofTheRequest = new();

    [Test]
    public async Task GetOrInsert_FallbackHasNothingNewer_RunsTheLoaderAndStoresInAllTiers([Values] bool stampedeProtection)
    {
        Rig rig = await AgedAsync(more: b => b.StampedeProtection(stampedeProtection));

        string? served = await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("new"));
        CacheOperationEvent refresh = await rig.RefreshedAsync();

        Assert.That(served, Is.EqualTo("old"));
        Assert.That((refresh.Outcome, refresh.TierName, refresh.Coalesced), Is.EqualTo((CacheOutcome.Refreshed, (string?)null, false)));
        Assert.That(rig.Contents("k"), Is.EqualTo("new new"));
        Assert.That(rig.L1.Entries["k"].CachedAt, Is.EqualTo(Rig.Start + _age));
    }

    [Test]
    public async Task GetOrInsert_FallbackHasSomethingNewer_RunsNoLoader()
    {
        Rig rig = await AgedAsync();
        rig.L2.Entries["k"] = new("newer", Rig.Start + _age);
        int loads = 0;

        await rig.Cache.GetOrInsertAsync("k", (_, _) => new("loaded" + Interlocked.Increment(ref loads)));
        await rig.RefreshedAsync();

        Assert.That(loads, Is.Zero);
        Assert.That(rig.Contents("k"), Is.EqualTo("newer newer"));
    }

    [Test]
    public async Task GetOrInsert_OneTierOnly_RunsTheLoader()
    {
        Rig rig = await AgedAsync(tiers: 1);

        await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("new"));
        await rig.RefreshedAsync();

        Assert.That(rig.Contents("k"), Is.EqualTo("new"));
    }

    [Test]
    public async Task GetOrInsert_EveryFallbackFails_RunsTheLoaderAllTheSame()
    {
        Rig rig = await AgedAsync();
        rig.L2.FailOn(CacheOperation.Get, new IOException());

        await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("new"));

        Assert.That((await rig.RefreshedAsync()).Outcome, Is.EqualTo(CacheOutcome.Refreshed));
        Assert.That(rig.Contents("k"), Is.EqualTo("new new"));
    }

    [Test]
    public async Task GetOrInsert_TierErrorsSurface_AFailingFallbackEndsTheRefresh()
    {
        Rig rig = await AgedAsync(more: static b => b.TierErrors(TierErrorPolicy.Throw));
        var failure = new IOException();
        rig.L2.FailOn(CacheOperation.Get, failure);

        await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("new"));
        CacheOperationEvent refresh = await rig.RefreshedAsync();

        Assert.That((refresh.Outcome, refresh.Exception), Is.EqualTo((CacheOutcome.Error, (Exception)failure)));
        Assert.That(rig.Contents("k"), Is.EqualTo("old old"));
    }

    [Test]
    public async Task GetOrInsert_LoaderFails_IsAnEventAndTheEntryStays([Values] bool synchronously)
    {
        Rig rig = await AgedAsync();
        var failure = new InvalidOperationException();

        string? served = await rig.Cache.GetOrInsertAsync("k", async (_, _) =>
        {
            if (!synchronously) await Task.Yield();
            throw failure;
        });
        CacheOperationEvent refresh = await rig.RefreshedAsync();
        await rig.QuietAsync();
        await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("new"));
        await rig.RefreshedAsync(2);

        Assert.That(served, Is.EqualTo("old"));
        Assert.That((refresh.Outcome, refresh.Exception), Is.EqualTo((CacheOutcome.Error, (Exception)failure)));
        Assert.That(rig.Contents("k"), Is.EqualTo("new new"));
    }

    [Test]
    public async Task GetOrInsertEntry_LoaderGivesNothing_IsAMissAndTheEntryStays()
    {
        Rig rig = await AgedAsync();

        CacheEntry<string?>? served = await rig.Cache.GetOrInsertEntryAsync("k", static (_, _) => default);

        Assert.That(served!.Value, Is.EqualTo("old"));
        Assert.That((await rig.RefreshedAsync()).Outcome, Is.EqualTo(CacheOutcome.Miss));
        Assert.That(rig.Contents("k"), Is.EqualTo("old old"));
    }

    [Test]
    public async Task GetOrInsert_RefreshLoads_InheritsNothingFromTheRequest()
    {
        Rig rig = await AgedAsync();
        using Activity request = new Activity("request").SetBaggage("tenant", "a").Start();
        _ofTheRequest.Value = "request";
        var seen = new TaskCompletionSource<(string? Local, Activity? Activity)>(TaskCreationOptions.RunContinuationsAsynchronously);

        await rig.Cache.GetOrInsertAsync("k", (_, _) =>
        {
            seen.SetResult((_ofTheRequest.Value, Activity.Current));
            return new("new");
        });

        Assert.That(await seen.Task, Is.EqualTo(((string?)null, (Activity?)null)));
        Assert.That((_ofTheRequest.Value, Activity.Current), Is.EqualTo(("request", request)));
        await rig.RefreshedAsync();
    }

    [Test]
    public async Task GetOrInsert_EntryExpiresDuringTheRefresh_SharesItsLoad()
    {
        Rig rig = await AgedAsync(options: static (_, o) => o.TimeToLive = _age);
        var gate = new Gate();
        int loads = 0;
        await rig.Cache.GetOrInsertAsync("k", Load);
        await gate.Reached;

        rig.Clock.Advance(TimeSpan.FromTicks(1));
        Task<string?> joined = rig.Cache.GetOrInsertAsync("k", Load).AsTask();
        await Holds.UntilAsync(() => rig.Events.TierLines.Count(static l => l.EndsWith("get expired", StringComparison.Ordinal)) == 2);
        gate.Open();

        Assert.That(await joined, Is.EqualTo("loaded 1"));
        await rig.RefreshedAsync();
        await rig.QuietAsync();
        Assert.That(loads, Is.EqualTo(1));
        Assert.That(rig.Events.OperationLines, Does.Contain("get_or_insert loaded coalesced"));
        Assert.That(rig.Flights, Is.Zero);

        async ValueTask<string?> Load(string key, CancellationToken cancellationToken)
        {
            int n = Interlocked.Increment(ref loads);
            await gate.PassAsync(cancellationToken);
            return $"loaded {n}";
        }
    }

    [Test]
    public async Task GetOrInsert_HitDuringTheRefresh_DoesNotWaitForItsLoad()
    {
        Rig rig = await AgedAsync();
        var gate = new Gate();
        await rig.Cache.GetOrInsertAsync("k", Load);
        await gate.Reached;

        string? served = await rig.Cache.GetOrInsertAsync("k", Load);

        Assert.That(served, Is.EqualTo("old"));
        gate.Open();
        await rig.RefreshedAsync();

        async ValueTask<string?> Load(string key, CancellationToken cancellationToken)
        {
            await gate.PassAsync(cancellationToken);
            return "new";
        }
    }

    [Test]
    public async Task Refresh_LoadOfTheKeyUnderWay_SharesIt()
    {
        Rig rig = Refreshing();
        var gate = new Gate();
        Task<string?> loading = rig.Cache.GetOrInsertAsync("k", async (_, cancellationToken) =>
        {
            await gate.PassAsync(cancellationToken);
            return "loaded";
        }).AsTask();
        await gate.Reached;
        rig.L1.Entries["k"] = new("old", Rig.Start - _age);

        // A get: a get_or_insert would join the load at once.
        Assert.That((await rig.Cache.GetAsync("k"))!.Value, Is.EqualTo("old"));
        Assert.That((await rig.RefreshedAsync()).Outcome, Is.EqualTo(CacheOutcome.Miss));
        gate.Open();

        Assert.That(await loading, Is.EqualTo("loaded"));
    }

    [Test]
    public async Task Dispose_LoadUnderWay_IsCancelledAndAwaited()
    {
        Rig rig = await AgedAsync();
        var started = new Gate();
        var ended = new Gate();
        bool cancelled = false;
        await rig.Cache.GetOrInsertAsync("k", async (_, cancellationToken) =>
        {
            Task cancellation = started.PassAsync(cancellationToken);
            cancelled = await cancellation.FaultAsync() is OperationCanceledException;
            await ended.PassAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            return "new";
        });
        await started.Reached;

        Task disposed = rig.Cache.DisposeAsync().AsTask();
        await ended.Reached;
        bool early = disposed.IsCompleted;
        ended.Open();
        await disposed;

        Assert.That((cancelled, early), Is.EqualTo((true, false)));
        Assert.That(rig.Events.OperationLines[^1], Is.EqualTo("refresh cancelled"));
        Assert.That((rig.Refreshes, rig.Flights), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task Dispose_Synchronously_CancelsAndDoesNotWait()
    {
        Rig rig = await AgedAsync();
        var gate = new Gate();
        await rig.Cache.GetOrInsertAsync("k", async (_, cancellationToken) =>
        {
            await gate.PassAsync(cancellationToken);
            return "new";
        });
        await gate.Reached;

        ((IDisposable)rig.Cache).Dispose();

        Assert.That((await rig.RefreshedAsync()).Outcome, Is.EqualTo(CacheOutcome.Cancelled));
    }

    private static Rig Refreshing(
        int tiers = 2, Action<CacheBuilder<string, string?>>? more = null, Action<int, TierOptions<string, string?>>? options = null) =>
        new(tiers, more: more, options: (tier, o) =>
        {
            if (tier == 0) o.TimeToRefresh = _age;
            options?.Invoke(tier, o);
        });

    private static async Task<Rig> AgedAsync(
        int tiers = 2, Action<CacheBuilder<string, string?>>? more = null, Action<int, TierOptions<string, string?>>? options = null)
    {
        Rig rig = Refreshing(tiers, more, options);
        await rig.Cache.InsertAsync("k", "old");
        rig.Clock.Advance(_age);
        return rig;
    }
}
