using Cachet;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>Corners where one feature meets another.</summary>
public class EdgeTests
{
    [Test]
    public async Task MemoryCache_SizeThatItRefuses_IsAnErrorAndNothingIsStored([Values] bool limited)
    {
        using var memory = new MemoryCache(new MemoryCacheOptions { SizeLimit = limited ? 100 : null });
        await using ICache<int, string> cache = Cache.Builder<int, string>("test").MemoryCache(memory, static o => o.SizeOf = static (_, _) => -1).Build();

        Exception? fault = await cache.InsertAsync(1, "a").FaultAsync();

        Assert.That(fault, Is.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(await cache.GetAsync(1), Is.Null);
        Assert.That((await cache.CountAsync(), memory.Count), Is.EqualTo(((long?)0, 0)));
    }

    [Test]
    public async Task Times_Infinite_MeanNever()
    {
        var clock = new FakeTimeProvider();
        await using ICache<string, string> cache = Cache.Builder<string, string>("test").Clock(clock).Memory(static o =>
        {
            o.TimeToLive = TimeSpan.FromDays(2);
            o.TimeToIdle = Timeout.InfiniteTimeSpan;
            o.TimeToRefresh = Timeout.InfiniteTimeSpan;
        }).Build();
        await cache.InsertAsync("k", "v");
        clock.Advance(TimeSpan.FromDays(2));

        Assert.That(await cache.GetOrInsertAsync("k", static (_, _) => new("loaded")), Is.EqualTo("v"));
        Assert.That(((TieredCache<string, string>)cache).Refreshes, Is.Zero);
    }

    [Test]
    public void Configuration_NoRefreshAtAll_IsRefusedWithItsPath()
    {
        CacheBuilder<string, int> builder = Cache.Builder<string, int>("products").Memory().Configuration(Sections.Products(("MaxConcurrentRefreshes", "0")));

        Assert.That(
            () => builder.Build(),
            Throws.InstanceOf<OptionsValidationException>().With.Message.EqualTo(
                "'Cachet:products:MaxConcurrentRefreshes' is '0': it should be a whole number from 1 to 2147483647"));
    }

    [Test]
    public void Build_NamesOfTiersThatDifferInCaseOnly_AreRefused() =>
        Assert.That(
            static () => Cache.Builder<string, int>("test").Memory().Memory(static o => o.Name = "L1").Build(),
            Throws.InvalidOperationException.With.Message.Contains("has two tiers named"));

    [TestCase(false)]
    [TestCase(true)]
    public async Task GetOrInsert_TierErrorsSurfaceAndTheProbeFails_JoinsNobodysLoad(bool observed)
    {
        var rig = new Rig(1, synchronousPrimary: true, more: static b => b.TierErrors(TierErrorPolicy.Throw), observed: observed);
        var gate = new Gate();
        Task<string?> leader = rig.Cache.GetOrInsertAsync("k", async (_, ct) =>
        {
            await gate.PassAsync(ct);
            return "v";
        }).AsTask();
        await gate.Reached;
        var failure = new IOException();
        rig.L1.FailOn(CacheOperation.Get, failure);

        Exception? load = await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("other")).FaultAsync();
        Exception? lookup = await rig.Cache.GetAsync("k").FaultAsync();
        gate.Open();

        Assert.That((load, lookup), Is.EqualTo(((Exception?)failure, (Exception?)failure)));
        Assert.That(await leader, Is.EqualTo("v"));
    }
}
