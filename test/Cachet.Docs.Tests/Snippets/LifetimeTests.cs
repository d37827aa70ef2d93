using Cachet.Testing;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests.Snippets;

public class LifetimeTests
{
    private static readonly Product _product = new("p1", "espresso machine", 399);

    [Test]
    public async Task Lifetimes_OfTiersAndEntries_Hold()
    {
        IDistributedCache redis = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
        var clock = new FakeTimeProvider();
        var events = new CacheEventRecorder();

        // snippet: lifetimes
        CacheBuilder<string, Product> builder = Cache.Builder<string, Product>("products")
            .Memory(o => o.TimeToLive = TimeSpan.FromSeconds(30))
            .Distributed(redis, o =>
            {
                o.TimeToLive = TimeSpan.FromHours(1);
                o.TimeToLiveJitter = 0.1;                    // 54 to 60 minutes, drawn for each entry
                o.ClockSkew = TimeSpan.FromSeconds(10);      // another node's clock may be that far ahead; 5 s unless set
            });
        // end
        await using ICache<string, Product> products = builder.Clock(clock).EventHandler(events).Build();
        await products.InsertAsync("p1", _product);
        clock.Advance(TimeSpan.FromSeconds(31));
        await products.GetAsync("p1");
        Assert.That(
            events.TierLines.Skip(2),
            Is.EqualTo(new[] { "l1 evict evicted expired", "l1 get expired", "l2 get hit", "l1 insert inserted" }));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.That(await products.GetAsync("p1"), Is.Null);
    }

    [Test]
    public async Task EntryLife_OfItsOwn_BeatsTheTiers()
    {
        var clock = new FakeTimeProvider();
        await using ICache<string, Product> products = Cache.Builder<string, Product>("products")
            .Memory(static o => o.TimeToLive = TimeSpan.FromSeconds(30)).Clock(clock).Build();
        Product product = _product;

        // snippet: entry-life
        await products.InsertEntryAsync("p1", new(product, timeToLive: TimeSpan.FromHours(6)));         // in every tier
        await products.InsertEntryAsync("p2", new(product, timeToLive: Timeout.InfiniteTimeSpan));      // for ever
        // end
        clock.Advance(TimeSpan.FromHours(6));
        Assert.That(await products.ContainsAsync("p1"), Is.True);
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.That(await products.ContainsAsync("p1"), Is.False);
        clock.Advance(TimeSpan.FromDays(3650));
        Assert.That(await products.ContainsAsync("p2"), Is.True);
    }

    [Test]
    public async Task InsertPolicy_OfATier_ChoosesWhatItStores()
    {
        FakeCacheTier<string, Product> store = [], archive = [];

        // snippet: insert-policy
        await using ICache<string, Product> products = Cache.Builder<string, Product>("products")
            .Memory()
            .Tier(store, o => o.InsertPolicy =
                InsertPolicy<string, Product>.When((key, entry, source) => source != InsertSource.Load || !entry.Value.IsDraft))
            .Tier(archive, o => o.InsertPolicy = InsertPolicy<string, Product>.Never)   // read, invalidated and cleared only
            .Build();
        // end
        await products.GetOrInsertAsync("p1", static (_, _) => new(_product with { Price = 0 }));
        await products.InsertAsync("p2", _product);
        Assert.That(store.Entries.Keys, Is.EqualTo(new[] { "p2" }));
        Assert.That(archive.Entries, Is.Empty);
    }
}
