using Cachet.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Cachet.Examples;

/// <summary>Three tiers, each slower, larger and longer-lived than the one in front of it.</summary>
internal static class MultiTierExample
{
    public static async Task RunAsync(Action<string> print)
    {
        var clock = new FakeTimeProvider();
        var events = new CacheEventRecorder();
        FakeCacheTier<string, string> region = new(), archive = new(); // They stand for stores over the network.
        await using ICache<string, string> reports = Cache.Builder<string, string>("reports")
            .Memory(static o =>
            {
                Set(o, "memory", TimeSpan.FromMinutes(1));
                o.InsertPolicy = InsertPolicy<string, string>.When(static (_, entry, _) => entry.Value.Length < 1000); // Nothing large.
            })
            .Tier(region, static o => Set(o, "region", TimeSpan.FromHours(1)))
            .Tier(archive, static o => Set(o, "archive", TimeSpan.FromDays(30)))
            .Clock(clock)
            .EventHandler(events)
            .Build();

        await reports.InsertAsync("small", "january");
        await reports.InsertAsync("large", new('j', 5000));
        print($"small: {await AskAsync("small")}, large: {await AskAsync("large")}");

        // What a tier has is promoted into all in front of it.
        clock.Advance(TimeSpan.FromMinutes(10));
        print($"10 minutes later: {await AskAsync("small")}, then {await AskAsync("small")}");
        clock.Advance(TimeSpan.FromDays(10));
        print($"10 days later: {await AskAsync("small")}, then {await AskAsync("small")}");
        clock.Advance(TimeSpan.FromDays(30));
        print($"30 days later: {await AskAsync("small")}");

        async Task<string> AskAsync(string key)
        {
            await reports.GetAsync(key);
            return events.OperationLines[^1];
        }
    }

    private static void Set(TierOptions<string, string> options, string name, TimeSpan timeToLive)
    {
        options.Name = name;
        options.TimeToLive = timeToLive;
    }
}
