using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

public class BackgroundRefresherTests
{
    private const int MostQuiet = 10_000;
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(10);

    private FakeTimeProvider _clock = null!;

    [SetUp]
    public void SetUp() => _clock = new(Rig.Start);

    [Test]
    public async Task Wants_RefreshUnderWay_IsFalse()
    {
        var refresher = new BackgroundRefresher<int>(2, _clock);
        var gate = new Gate();
        Assert.That(refresher.Wants(1), Is.True);

        refresher.Start(1, _pause, gate.PassAsync);
        await gate.Reached;

        Assert.That(refresher.Wants(1), Is.False);
        Assert.That(refresher.Wants(2), Is.True);
        Assert.That(refresher.Count, Is.EqualTo(1));
        gate.Open();
        await QuietAsync(refresher);
    }

    [Test]
    public async Task Wants_Refreshed_IsFalseUntilThePauseIsOverSinceItsStart()
    {
        var refresher = new BackgroundRefresher<int>(1, _clock);
        var gate = new Gate();
        refresher.Start(1, _pause, gate.PassAsync);
        await gate.Reached;
        _clock.Advance(TimeSpan.FromSeconds(4));
        gate.Open();
        await QuietAsync(refresher);

        _clock.Advance(TimeSpan.FromSeconds(6) - TimeSpan.FromTicks(1));
        Assert.That(refresher.Wants(1), Is.False);
        _clock.Advance(TimeSpan.FromTicks(1));

        Assert.That(refresher.Wants(1), Is.True);
    }

    [Test]
    public async Task Wants_TheRefreshFailed_IsTrue([Values] bool synchronously)
    {
        var refresher = new BackgroundRefresher<int>(1, _clock);

        refresher.Start(1, _pause, async _ =>
        {
            if (!synchronously) await Task.Yield();
            throw new InvalidOperationException("refresh");
        });
        await QuietAsync(refresher);

        Assert.That(refresher.Wants(1), Is.True);
    }

    [Test]
    public async Task Start_AsManyUnderWayAsThereMayBe_StartsNothing()
    {
        var refresher = new BackgroundRefresher<int>(2, _clock);
        var gate = new Gate();
        refresher.Start(1, _pause, gate.PassAsync);
        refresher.Start(2, _pause, gate.PassAsync);

        for (int i = 0; i < 3; i++) refresher.Start(3, _pause, gate.PassAsync);

        Assert.That(refresher.Count, Is.EqualTo(2));
        Assert.That(refresher.Wants(3), Is.True, "At a later hit.");
        gate.Open();
        await QuietAsync(refresher);
        Assert.That(await RunsAsync(refresher, 3), Is.True);
    }

    [Test]
    public async Task Start_TheKeyHasOne_TakesNobodysPlace()
    {
        var refresher = new BackgroundRefresher<int>(2, _clock);
        var gate = new Gate();
        int others = 0;
        refresher.Start(1, _pause, gate.PassAsync);

        for (int i = 0; i < 3; i++)
        {
            refresher.Start(1, _pause, _ =>
            {
                Interlocked.Increment(ref others);
                return Task.CompletedTask;
            });
        }

        Assert.That(await RunsAsync(refresher, 2), Is.True);
        gate.Open();
        await QuietAsync(refresher);
        Assert.That(others, Is.Zero);
    }

    [Test]
    public async Task Start_ManyOneAfterTheOther_EachFindsAPlace()
    {
        var refresher = new BackgroundRefresher<int>(1, _clock);

        for (int i = 0; i < 20; i++) Assert.That(await RunsAsync(refresher, i), Is.True);
    }

    [Test]
    public async Task Start_Stopped_RunsNothing()
    {
        var refresher = new BackgroundRefresher<int>(1, _clock);
        int runs = 0;
        refresher.Stop();

        for (int i = 0; i < 2; i++)
        {
            refresher.Start(1, _pause, _ =>
            {
                Interlocked.Increment(ref runs);
                return Task.CompletedTask;
            });
            Assert.That(refresher.Count, Is.Zero);
        }

        await refresher.StopAsync();
        Assert.That(refresher.Wants(1), Is.False);
        Assert.That(runs, Is.Zero);
    }

    [Test]
    public async Task StopAsync_RefreshUnderWay_CancelsItAndWaitsForItsEnd()
    {
        var refresher = new BackgroundRefresher<int>(1, _clock);
        Gate gate = new(), end = new();
        refresher.Start(1, _pause, async token =>
        {
            try
            {
                await gate.PassAsync(token);
            }
            finally
            {
                await end.PassAsync(CancellationToken.None);
            }
        });
        await gate.Reached;

        Task stopping = refresher.StopAsync().AsTask();
        await end.Reached; // It was cancelled: nobody opened its gate.

        Assert.That(stopping.IsCompleted, Is.False);
        end.Open();
        await stopping;
        Assert.That(refresher.Count, Is.Zero);
    }

    [Test]
    public async Task Stop_ACallbackOfTheTokenThrows_IsNotTheCallersBusiness()
    {
        var refresher = new BackgroundRefresher<int>(1, _clock);
        var gate = new Gate();
        refresher.Start(1, _pause, async token =>
        {
            token.Register(static () => throw new InvalidOperationException("callback"));
            await gate.PassAsync(CancellationToken.None);
        });
        await gate.Reached;

        Assert.That(refresher.Stop, Throws.Nothing);
        Assert.That(refresher.Stop, Throws.Nothing, "A second time.");
        gate.Open();
        await refresher.StopAsync();
    }

    [Test]
    public async Task Wants_MoreQuietThanAreKept_ForgetsThem()
    {
        var refresher = new BackgroundRefresher<int>(int.MaxValue, _clock);
        await RefreshAsync(refresher, Enumerable.Range(0, MostQuiet), _pause);
        Assert.That(Enumerable.Range(0, MostQuiet).Where(refresher.Wants), Is.Empty);

        await RefreshAsync(refresher, [MostQuiet], _pause);

        Assert.That(Enumerable.Range(0, MostQuiet).Where(k => !refresher.Wants(k)), Is.Empty);
        Assert.That(refresher.Wants(MostQuiet), Is.False);
    }

    [Test]
    public async Task Wants_SomeQuietHaveServedTheirTime_ForgetsThoseAlone()
    {
        var refresher = new BackgroundRefresher<int>(int.MaxValue, _clock);
        await RefreshAsync(refresher, Enumerable.Range(0, MostQuiet - 2), _pause);
        await RefreshAsync(refresher, [MostQuiet - 2, MostQuiet - 1], _pause * 2);
        _clock.Advance(_pause);

        await RefreshAsync(refresher, [MostQuiet], _pause);

        Assert.That(refresher.Wants(MostQuiet - 2), Is.False);
        Assert.That(refresher.Wants(MostQuiet - 1), Is.False);
        Assert.That(refresher.Wants(MostQuiet), Is.False);
    }

    private static async Task RefreshAsync(BackgroundRefresher<int> refresher, IEnumerable<int> keys, TimeSpan pause)
    {
        foreach (int key in keys) refresher.Start(key, pause, static _ => Task.CompletedTask);
        await QuietAsync(refresher);
    }

    /// <summary>Whether a refresh of the key is run; waits for its end.</summary>
    private static async Task<bool> RunsAsync(BackgroundRefresher<int> refresher, int key)
    {
        int before = refresher.Count;
        bool ran = false;
        refresher.Start(key, _pause, _ =>
        {
            ran = true;
            return Task.CompletedTask;
        });
        await Holds.UntilAsync(() => refresher.Count == before);
        return ran;
    }

    private static Task QuietAsync(BackgroundRefresher<int> refresher) => Holds.UntilAsync(() => refresher.Count == 0);
}
