using Cachet;

namespace CachetTests;

/// <summary>Loaders that call the cache.</summary>
public class ReentrancyTests
{
    [Test]
    public async Task GetOrInsert_FromInsideItsOwnLoader_IsRefused([Values] bool stampedeProtection, [Values] bool memory, [Values] bool afterAnAwait)
    {
        await using ICache<string, string> cache = Cached("products", stampedeProtection, memory);

        Exception? refusal = await cache.GetOrInsertAsync("secret", async (key, ct) =>
        {
            if (afterAnAwait) await Task.Yield();
            return await cache.GetOrInsertAsync(key, static (_, _) => new("inner"), ct);
        }).FaultAsync();

        Assert.That(refusal, Is.TypeOf<InvalidOperationException>());
        Assert.That(refusal!.Message, Does.Contain("A loader of cache 'products' asked this cache for the very key that it is loading").And.Not.Contain("secret"));
        Assert.That(await cache.ContainsAsync("secret"), Is.False);
        Assert.That(((TieredCache<string, string>)cache).Flights, Is.Zero);
    }

    [Test]
    public async Task GetOrInsert_OverTheLoaderOfAnotherKey_IsRefused()
    {
        await using ICache<string, string> cache = Cached("test");

        Exception? refusal = await cache.GetOrInsertAsync(
            "a", (_, ct) => cache.GetOrInsertAsync("b", (_, ct) => cache.GetOrInsertAsync("a", static (_, _) => new("inner"), ct), ct)).FaultAsync();

        Assert.That(refusal, Is.TypeOf<InvalidOperationException>());
    }

    [Test]
    public async Task GetOrInsert_AnotherKeyFromInsideALoader_Loads()
    {
        await using ICache<string, string> cache = Cached("test");

        string value = await cache.GetOrInsertAsync("a", async (_, ct) => "a of " + await cache.GetOrInsertAsync("b", static (_, _) => new("b"), ct));

        Assert.That(value, Is.EqualTo("a of b"));
    }

    [Test]
    public async Task GetOrInsert_TheSameKeyOfAnotherCache_Loads()
    {
        await using ICache<string, string> one = Cached("one");
        await using ICache<string, string> two = Cached("two");

        string value = await one.GetOrInsertAsync("k", async (key, ct) => "one of " + await two.GetOrInsertAsync(key, static (_, _) => new("two"), ct));

        Assert.That(value, Is.EqualTo("one of two"));
    }

    [Test]
    public async Task Get_FromInsideItsOwnLoader_FindsNothing()
    {
        await using ICache<string, string> cache = Cached("test");

        string value = await cache.GetOrInsertAsync("k", async (key, ct) => await cache.GetAsync(key, ct) is null ? "nothing" : "something");

        Assert.That(value, Is.EqualTo("nothing"));
    }

    [Test]
    public async Task GetOrInsert_FromWorkThatALoaderStartedAndDidNotAwait_LoadsOnceThatHasEnded()
    {
        await using ICache<string, string> cache = Cached("test");
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<string>? later = null;
        await cache.GetOrInsertAsync("k", (_, _) =>
        {
            later = LaterAsync();
            return new("first");
        });
        await cache.InvalidateAsync("k");

        gate.SetResult();

        Assert.That(await later!, Is.EqualTo("second"));

        async Task<string> LaterAsync()
        {
            await gate.Task;
            return await cache.GetOrInsertAsync("k", static (_, _) => new("second"));
        }
    }

    private static ICache<string, string> Cached(string name, bool stampedeProtection = true, bool memory = true)
    {
        CacheBuilder<string, string> builder = Cache.Builder<string, string>(name).StampedeProtection(stampedeProtection);
        return (memory ? builder.Memory() : builder.Distributed(Stores.Memory())).Build();
    }
}
