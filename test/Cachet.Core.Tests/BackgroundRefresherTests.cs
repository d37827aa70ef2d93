using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

[CancelAfter(60_000)]
public class BackgroundRefresherTests
{
    [Test]
    public async Task Wants_MoreKeysThanItRemembers_ForgetsSome()
    {
        const int Most = 10_000;
        var refresher = new BackgroundRefresher<int>(most: 1, new FakeTimeProvider());

        for (int key = 0; key < Most; key++) await RefreshAsync(key);
        Assert.That(Enumerable.Range(0, Most).Count(refresher.Wants), Is.Zero);
        await RefreshAsync(Most);

        Assert.That(refresher.Wants(Most), Is.False);
        Assert.That(refresher.Wants(0), Is.True);
        await refresher.StopAsync();

        async Task RefreshAsync(int key)
        {
            refresher.Start(key, TimeSpan.FromHours(1), static _ => Task.CompletedTask);
            await Holds.UntilAsync(() => refresher.Count == 0);
        }
    }

    [Test]
    public async Task Wants_MoreKeysThanItRemembersOfWhichSomeAreDueAgain_ForgetsThoseAlone()
    {
        const int Most = 10_000;
        var clock = new FakeTimeProvider();
        var refresher = new BackgroundRefresher<int>(most: 1, clock);

        for (int key = 0; key < Most; key++) await RefreshAsync(key, TimeSpan.FromMinutes(key % 2 == 0 ? 1 : 60));
        clock.Advance(TimeSpan.FromMinutes(1));
        await RefreshAsync(Most, TimeSpan.FromMinutes(60));

        Assert.That(Enumerable.Range(0, Most).Where(refresher.Wants), Is.All.Matches<int>(static key => key % 2 == 0).And.Exactly(Most / 2).Items);
        await refresher.StopAsync();

        async Task RefreshAsync(int key, TimeSpan pause)
        {
            refresher.Start(key, pause, static _ => Task.CompletedTask);
            await Holds.UntilAsync(() => refresher.Count == 0);
        }
    }
}
