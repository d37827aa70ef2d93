using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Cachet.Examples;

/// <summary>Two nodes, each with a memory of its own, over one store: what one has loaded, the other need not load.</summary>
internal static class TwoTierExample
{
    public static async Task RunAsync(Action<string> print)
    {
        // Any IDistributedCache will do: that of Redis, for example.
        IDistributedCache store = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
        await using ICache<string, string> here = Node(store), there = Node(store);

        print(await here.GetOrInsertAsync("p1", static (key, _) => new($"{key}, loaded here")));
        print(await there.GetOrInsertAsync("p1", static (key, _) => new($"{key}, loaded there")));

        // That was promoted: it is in the other node's memory now.
        print($"in memory: {await here.CountAsync()} here, {await there.CountAsync()} there");

        // An invalidation reaches the store, and the memory of the node that it was made on. The other node's copy has to run out: that
        // is what the memory tier's time to live is for.
        await here.InvalidateAsync("p1");
        print($"invalidated: {await here.ContainsAsync("p1")} here, {await there.ContainsAsync("p1")} there");
    }

    private static ICache<string, string> Node(IDistributedCache store) => Cache.Builder<string, string>("products")
        .Memory(static o => o.TimeToLive = TimeSpan.FromSeconds(30))
        .Distributed(store, static o => o.TimeToLive = TimeSpan.FromMinutes(10))
        .Build();
}
