namespace CachetTests.Snippets;

public class BeginningTests
{
    private readonly ProductDatabase _database = new();

    [Test]
    public async Task FirstCache_AskedTwice_LoadsOnce()
    {
        ProductDatabase database = _database;

        // snippet: first-cache
        await using ICache<string, Product> products = Cache.Builder<string, Product>("products")
            .Memory()
            .Build();

        Product product = await products.GetOrInsertAsync("p1", async (key, ct) => await database.ReadAsync(key, ct));
        // end
        Assert.That(await products.GetOrInsertAsync("p1", database.ReadAsync), Is.SameAs(product));
        Assert.That(database.Reads, Is.EqualTo(1));
    }

    [Test]
    public async Task Operations_OfACache_AreThese()
    {
        await using ICache<string, Product> products = Cache.Builder<string, Product>("products").Memory().Build();
        Product product = new("p1", "espresso machine", 399);

        // snippet: operations
        InsertOutcome outcome = await products.InsertAsync("p1", product);   // Rejected: no tier took it
        CacheEntry<Product>? found = await products.GetAsync("p1");          // null: a miss
        bool isThere = await products.ContainsAsync("p1");                   // a get that promotes nothing
        long? count = await products.CountAsync();                           // about, of the first tier; null: it cannot tell
        await products.InvalidateAsync("p1");                                // drops this key
        await products.ClearAsync();                                         // drops every key of this cache
        // end
        Assert.That((outcome, found?.Value, isThere, count), Is.EqualTo((InsertOutcome.Accepted, product, true, 1L)));
        Assert.That(await products.ContainsAsync("p1"), Is.False);
    }

    [Test]
    public void Name_WithAColon_IsRefused()
    {
        Assert.That(static () => Cache.Builder<string, int>("shop:products"), Throws.ArgumentException);

        // snippet: names
        Cache.Builder<string, Product>("products")
            .Memory(o => o.Name = "memory")
            .Distributed(o => o.Name = "redis");
        // end
    }
}
