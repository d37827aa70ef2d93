using Cachet.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Cachet.Examples;

/// <summary>An application's class, and how it is tested with Cachet.Testing. Where a test would assert, this prints.</summary>
internal static class TestingExample
{
    public static async Task RunAsync(Action<string> print)
    {
        // Given: what the store holds, and a clock that is moved by hand.
        var clock = new FakeTimeProvider();
        var events = new CacheEventRecorder();
        var store = new FakeCacheTier<string, decimal> { { "tea", new CacheEntry<decimal>(3.50m, clock.GetUtcNow()) } };
        await using ICache<string, decimal> cache = Cache.Builder<string, decimal>("prices")
            .Memory(static o => o.TimeToLive = TimeSpan.FromMinutes(1))
            .Tier(store)
            .Clock(clock)
            .EventHandler(events)
            .Build();
        var till = new Till(cache);

        // A price that the store has is not asked for elsewhere.
        print($"2 tea: {await till.TotalAsync("tea", 2)}; the store was asked to {string.Join(", ", store.CallLines)}");

        // When the store is down, the till goes on.
        store.FailWhen(static call => call.Operation == CacheOperation.Get);
        clock.Advance(TimeSpan.FromMinutes(2));
        events.Clear();
        print($"2 tea: {await till.TotalAsync("tea", 2)}; {string.Join(", ", events.TierLines)}");

        // In the middle of a call: what does the till do while the store has not answered yet?
        store.ClearFailures();
        Gate gate = store.Hold(CacheOperation.Get);
        Task<decimal> asking = till.TotalAsync("coffee", 1);
        await gate.Reached;
        print($"waiting: {!asking.IsCompleted}");
        gate.Open();
        print($"1 coffee: {await asking}");
    }

    private sealed class Till(ICache<string, decimal> prices)
    {
        public async Task<decimal> TotalAsync(string item, int amount) => amount * await prices.GetOrInsertAsync(item, PriceListAsync);

        private static ValueTask<decimal> PriceListAsync(string item, CancellationToken cancellationToken) => new(4.00m);
    }
}
