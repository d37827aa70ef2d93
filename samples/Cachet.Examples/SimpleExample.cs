using Microsoft.Extensions.Time.Testing;

namespace Cachet.Examples;

/// <summary>One tier, in memory: insert, get, expire, invalidate, count.</summary>
internal static class SimpleExample
{
    public static async Task RunAsync(Action<string> print)
    {
        // A clock that is moved by hand, so that nobody has to wait. Leave it out, and it is the system's.
        var clock = new FakeTimeProvider();
        await using ICache<string, int> stock = Cache.Builder<string, int>("stock")
            .Memory(static o =>
            {
                o.Capacity = 1000;
                o.TimeToLive = TimeSpan.FromMinutes(1);
            })
            .Clock(clock)
            .Build();

        await stock.InsertAsync("apples", 12);
        await stock.InsertAsync("pears", 0); // A value like any other: it is not a miss.
        print($"apples: {await Show("apples")}, pears: {await Show("pears")}, plums: {await Show("plums")}");
        print($"entries: {await stock.CountAsync()}");

        await stock.InvalidateAsync("pears");
        print($"pears, invalidated: {await stock.ContainsAsync("pears")}");

        // An entry may have a time to live of its own.
        await stock.InsertEntryAsync("plums", new CacheEntry<int>(7, timeToLive: TimeSpan.FromHours(1)));
        clock.Advance(TimeSpan.FromMinutes(2));
        print($"two minutes later, apples: {await Show("apples")}, plums: {await Show("plums")}");

        async Task<string> Show(string key) => await stock.GetAsync(key) is { } entry ? $"{entry.Value}" : "not cached";
    }
}
