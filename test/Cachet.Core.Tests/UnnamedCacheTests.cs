using Cachet;

namespace CachetTests;

/// <summary>Caches that nobody gave a name.</summary>
public class UnnamedCacheTests
{
    [Test]
    public async Task Build_WithoutAName_IsCalledAfterItsTypes()
    {
        await using ICache<string, int> plain = Cache.Builder<string, int>().Memory().Build();
        await using ICache<Guid, List<byte[]>> generic = Cache.Builder<Guid, List<byte[]>>().Memory().Build();

        Assert.That((plain.Name, generic.Name), Is.EqualTo(("Int32 by String", "List<Byte[]> by Guid")));
    }

    [Test]
    public void Build_WithoutANameInASharedStore_IsRefused() =>
        Assert.That(
            () => Cache.Builder<string, int>().Distributed(Stores.Memory()).Build(),
            Throws.InvalidOperationException.With.Message.StartsWith("Tier 'l1' of cache 'Int32 by String' would share its keys with any other cache")
                .And.Message.Contains("KeyPrefix"));

    [Test]
    public async Task Build_WithoutANameButAPrefix_KeepsApartByIt()
    {
        using var store = new FakeStore();
        await using ICache<string, int> cache = Cache.Builder<string, int>().Distributed(store, static o => o.KeyPrefix = "mine:").Build();

        await cache.InsertAsync("k", 1);

        Assert.That(store.EntryKey, Does.StartWith("mine:"));
    }
}
