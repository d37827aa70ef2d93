using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests.Snippets;

public class MemoryTests
{
    [Test]
    public async Task Memory_AllItsOptions_Work()
    {
        var clock = new FakeTimeProvider();
        var left = new ConcurrentQueue<(string, EvictionReason)>();

        // snippet: memory-tier
        CacheBuilder<string, Product> builder = Cache.Builder<string, Product>("products").Memory(o =>
        {
            o.Capacity = 50_000;                          // entries; 10,000 unless set
            o.EvictionPolicy = EvictionPolicy.TinyLfu;    // Lru unless set
            o.TimeToLive = TimeSpan.FromMinutes(10);      // from when it was stored
            o.TimeToIdle = TimeSpan.FromMinutes(2);       // from when it was last read
            o.EvictionListener((key, product, reason) => left.Enqueue((key, reason)));
        });
        // end
        await using ICache<string, Product> products = builder.Clock(clock).Build();
        await products.InsertAsync("p1", new("p1", "one", 1));
        await products.InsertAsync("p1", new("p1", "two", 2));
        clock.Advance(TimeSpan.FromMinutes(2) + TimeSpan.FromTicks(1));
        Assert.That(await products.GetAsync("p1"), Is.Null);
        Assert.That(left, Is.EqualTo(new[] { ("p1", EvictionReason.Replaced), ("p1", EvictionReason.Expired) }));
    }
}
