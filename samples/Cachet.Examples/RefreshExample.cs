using Cachet.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Cachet.Examples;

/// <summary>Entries in use are renewed in the background before they expire: no caller waits for the loader but the very first.</summary>
internal static class RefreshExample
{
    public static async Task RunAsync(Action<string> print)
    {
        var clock = new FakeTimeProvider();
        var events = new CacheEventRecorder();
        await using ICache<string, int> rates = Cache.Builder<string, int>("rates")
            .Memory(static o =>
            {
                o.TimeToLive = TimeSpan.FromMinutes(10);
                o.TimeToRefresh = TimeSpan.FromMinutes(8);
            })
            .Clock(clock)
            .EventHandler(events)
            .Build();
        int loads = 0;

        // The loader outlives the call: what it uses must not end with the call, as a scoped service would.
        ValueTask<int> LoadAsync(string key, CancellationToken cancellationToken) => new(Interlocked.Increment(ref loads));

        print($"at the beginning: rate {await rates.GetOrInsertAsync("EUR", LoadAsync)}");
        clock.Advance(TimeSpan.FromMinutes(8));
        print($"8 minutes later: still rate {await rates.GetOrInsertAsync("EUR", LoadAsync)}, at once; a refresh begins");

        // Only an example, or a test, waits for it.
        CacheOperationEvent refresh = await events.WaitForOperationAsync(static e => e.Operation == CacheOperation.Refresh);
        print($"the refresh ends: {TelemetryNames.Of(refresh.Outcome)}");
        print($"from then on: rate {await rates.GetOrInsertAsync("EUR", LoadAsync)}");
    }
}
