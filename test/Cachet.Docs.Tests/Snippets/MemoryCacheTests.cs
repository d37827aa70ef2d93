using Microsoft.Extensions.Caching.Memory;

namespace CachetTests.Snippets;

public class MemoryCacheTests
{
    [Test]
    public async Task MemoryCache_OfTheApplication_IsSharedAndNotCleared()
    {
        // snippet: memory-cache-tier
        using var memory = new MemoryCache(new MemoryCacheOptions { SizeLimit = 100_000 });
        await using ICache<string, Product> products = Cache.Builder<string, Product>("products")
            .MemoryCache(memory, o => o.SizeOf = (key, product) => key.Length + product.Name.Length)
            .Build();
        // end
        memory.Set("p1", "the application's own", new MemoryCacheEntryOptions { Size = 1 });
        await products.InsertAsync("p1", new("p1", "one", 1));
        await products.ClearAsync();
        Assert.That(await products.GetAsync("p1"), Is.Null);
        Assert.That(memory.Get("p1"), Is.EqualTo("the application's own"));
    }
}
