using Cachet;

namespace CachetTests;

/// <summary>What a write or a load that ends meanwhile means for flights under way.</summary>
public class StampedeOvertakingTests
{
    [Test]
    public async Task GetOrInsertAsync_AfterAnInvalidateThatOvertookALoad_IsNotServedByThatLoad([Values] bool clear)
    {
        var rig = new Rig(1);
        var loading = new Gate();
        Task<string?> first = rig.Cache.GetOrInsertAsync("k", async (_, token) =>
        {
            await loading.PassAsync(token);
            return "overtaken";
        }).AsTask();
        await loading.Reached;
        if (clear) await rig.Cache.ClearAsync();
        else await rig.Cache.InvalidateAsync("k");
        Gate looking = rig.L1.Hold(CacheOperation.Get);
        Task<string?> second = rig.Cache.GetOrInsertAsync("k", static (_, _) => new("new")).AsTask();
        await looking.Reached;

        loading.Open();
        Assert.That(await first, Is.EqualTo("overtaken"));
        looking.Open();

        Assert.That(await second, Is.EqualTo("new"));
        Assert.That(rig.Contents("k"), Is.EqualTo("new"));
    }

    [Test]
    public async Task GetOrInsertAsync_AfterALoadEndedWhileALookupIsHeld_SeesWhatWasLoaded()
    {
        var rig = new Rig(1);
        var loading = new Gate();
        int loads = 0;
        Task<string?> first = rig.Cache.GetOrInsertAsync("k", async (_, token) =>
        {
            await loading.PassAsync(token);
            return "v" + ++loads;
        }).AsTask();
        await loading.Reached;
        Gate looking = rig.L1.Hold(CacheOperation.Get, after: true);
        Task<CacheEntry<string?>?> early = rig.Cache.GetAsync("k").AsTask(); // has seen nothing, and is held
        await looking.Reached;
        loading.Open();
        Assert.That(await first, Is.EqualTo("v1"));

        Task<string?> load = rig.Cache.GetOrInsertAsync("k", (_, _) => new("v" + ++loads)).AsTask();
        Task<CacheEntry<string?>?> get = rig.Cache.GetAsync("k").AsTask();
        looking.Open();

        Assert.That(await load, Is.EqualTo("v1"));
        Assert.That((await get)?.Value, Is.EqualTo("v1"));
        Assert.That(await early, Is.Null);
        Assert.That(rig.Flights, Is.Zero);
    }
}
