using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CachetTests;

public class ConfigurationTests
{
    [Test]
    public void Configuration_OptionsOfTiers_WinOverCodeWhateverTheOrder([Values] bool first)
    {
        MemoryTierOptions<string, int> memory = null!;
        DistributedTierOptions<string, int> distributed = null!;
        IConfigurationSection section = Sections.Products(
            ("L1:Capacity", "500"), ("L1:TimeToLive", "00:00:30"), ("L2:KeyPrefix", "shop/"), ("L2:TimeToLive", "infinite"),
            ("L2:GenerationCheck", "00:00:01"), ("L2:ClockSkew", "00:00:02"), ("L2:Remote", "false"), ("L2:InsertPolicy", "Never"));
        CacheBuilder<string, int> builder = Cache.Builder<string, int>("products");
        if (first) builder.Configuration(section);
        builder
            .Memory(o => (memory = o).Capacity = 10)
            .Distributed(Stores.Memory(), o => (distributed = o).KeyPrefix = "code/");
        if (!first) builder.Configuration(section);

        builder.Build();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(memory.Capacity, Is.EqualTo(500));
            Assert.That(memory.TimeToLive, Is.EqualTo(TimeSpan.FromSeconds(30)));
            Assert.That(distributed.KeyPrefix, Is.EqualTo("shop/"));
            Assert.That(distributed.TimeToLive, Is.EqualTo(Timeout.InfiniteTimeSpan));
            Assert.That(distributed.GenerationCheck, Is.EqualTo(TimeSpan.FromSeconds(1)));
            Assert.That(distributed.ClockSkew, Is.EqualTo(TimeSpan.FromSeconds(2)));
            Assert.That(distributed.Remote, Is.False);
            Assert.That(distributed.InsertPolicy, Is.SameAs(InsertPolicy<string, int>.Never));
        }
    }

    [Test]
    public void Configuration_WhatItLeavesOut_StaysAsInCode()
    {
        MemoryTierOptions<string, int> memory = null!;
        var policy = InsertPolicy<string, int>.When(static (_, _, _) => true);

        Products(Sections.Products(("L1:TimeToLive", "00:00:30")), c => c.Memory(o =>
        {
            memory = o;
            o.Capacity = 10;
            o.InsertPolicy = policy;
        }));

        Assert.That(memory.Capacity, Is.EqualTo(10));
        Assert.That(memory.InsertPolicy, Is.SameAs(policy));
    }

    [Test]
    public async Task Configuration_WhatItSets_IsWhatTheCacheDoes()
    {
        using var store = new FakeStore();
        ICache<string, int> cache = Products(Sections.Products(("L1:KeyPrefix", "shop/")), c => c.Distributed(store));

        await cache.InsertAsync("k", 1);

        Assert.That(store.EntryKey, Does.StartWith("shop/").And.EndsWith(":k"));
    }

    [Test]
    public void Configuration_TierWithAName_IsFoundByItInAnyCase()
    {
        MemoryTierOptions<string, int> memory = null!;

        Products(Sections.Products(("Near:Capacity", "77"), ("l2:timetolive", "00:01:00")), c => c
            .Memory(o => (memory = o).Name = "near")
            .Distributed(Stores.Memory()));

        Assert.That(memory.Capacity, Is.EqualTo(77));
    }

    [Test]
    public async Task Configuration_TierOfOnesOwn_HasTheOptionsOfAllTiers()
    {
        var tier = new BareTier();
        ICache<string, string?> cache = Cache.Builder<string, string?>("products")
            .Tier(tier)
            .Configuration(Sections.Products(("L1:InsertPolicy", "never")))
            .Build();

        await cache.InsertAsync("k", "v");

        Assert.That(await tier.GetAsync("k", default), Is.Null);
    }

    [TestCase("true", 1)]
    [TestCase("false", 2)]
    public async Task Configuration_StampedeProtection_WinsOverCode(string configured, int loads)
    {
        var gate = new TaskCompletionSource<int>();
        int calls = 0;
        ICache<string, int> cache = Products(
            Sections.Products(("StampedeProtection", configured)), c => c.Memory().StampedeProtection(configured == "false"));

        Task<int>[] both = [Load().AsTask(), Load().AsTask()];
        gate.SetResult(7);

        Assert.That(await Task.WhenAll(both), Is.EqualTo(new[] { 7, 7 }));
        Assert.That(calls, Is.EqualTo(loads));

        ValueTask<int> Load() => cache.GetOrInsertAsync("k", async (_, _) =>
        {
            calls++;
            return await gate.Task;
        });
    }

    [TestCase("Absorb")]
    [TestCase("throw")]
    public async Task Configuration_TierErrors_WinOverCode(string configured)
    {
        ICache<string, string?> cache = Cache.Builder<string, string?>("products")
            .Tier(new ThrowingTier(new IOException("down")))
            .Tier(new BareTier())
            .Configuration(Sections.Products(("TierErrors", configured)))
            .TierErrors(configured == "throw" ? TierErrorPolicy.Absorb : TierErrorPolicy.Throw)
            .Build();

        if (configured == "throw") Assert.That(async () => await cache.GetAsync("k"), Throws.InstanceOf<IOException>());
        else Assert.That(await cache.GetAsync("k"), Is.Null);
    }

    [Test]
    public void Configuration_NothingThere_IsNoErrorWhereCodeAddsTiers([Values] bool emptyObject) =>
        Assert.That(
            () => Products(emptyObject ? Sections.FromJson("""{ "Cachet": { "products": { "L1": {} } } }""") : Sections.Products(), static c => c.Memory()),
            Throws.Nothing);

    [Test]
    public void Configuration_Mistakes_AreAllReportedWithPathAndWhatIsKnown()
    {
        IConfigurationSection section = Sections.FromJson("""
            { "Cachet": { "products": {
                "StampedeProtections": true,
                "TierErrors": "Ignore",
                "L1": { "Capacity": "lots", "TimeToLife": "00:00:30" },
                "L2": "00:00:30",
                "L3": { "Capacity": 5 }
            } } }
            """);

        OptionsValidationException error = Failure(() => Products(section, static c => c.Memory().Distributed(Stores.Memory())));

        Assert.That(error.OptionsName, Is.EqualTo("products"));
        Assert.That(error.Failures, Is.EqualTo(new[]
        {
            "'Cachet:products:TierErrors' is 'Ignore': it should be Absorb or Throw",
            "'Cachet:products:L1:Capacity' is 'lots': it should be a whole number, at most 2147483647",
            "'Cachet:products:L1:TimeToLife' is nothing that can be set for tier 'l1' of cache 'products': "
            + "configuration can set TimeToLive, TimeToLiveJitter, TimeToRefresh, InsertPolicy, Remote, ClockSkew, Capacity, EvictionPolicy, TimeToIdle",
            "'Cachet:products:L2' is '00:00:30': it should be a section with what can be set for tier 'l2' of cache 'products'",
            "'Cachet:products:L3' is nothing that can be set for cache 'products': configuration can set StampedeProtection, TierErrors, MaxConcurrentRefreshes, l1, l2",
            "'Cachet:products:StampedeProtections' is nothing that can be set for cache 'products': "
            + "configuration can set StampedeProtection, TierErrors, MaxConcurrentRefreshes, l1, l2",
        }));
    }

    [Test]
    public void Configuration_PositionOfATierThatHasAName_IsNoTier() =>
        Assert.That(
            Failure(() => Products(Sections.Products(("L1:Capacity", "5")), static c => c.Memory(static o => o.Name = "near"))).Message,
            Is.EqualTo("'Cachet:products:L1' is nothing that can be set for cache 'products': configuration can set StampedeProtection, TierErrors, MaxConcurrentRefreshes, near"));

    [Test]
    public void Configuration_WhatIsNotData_IsNoOption([Values("Name", "KeyEncoder", "Serializer", "Type")] string option) =>
        Assert.That(
            Failure(() => Products(Sections.Products(($"L1:{option}", "x")), static c => c.Distributed(Stores.Memory()))).Message,
            Does.StartWith($"'Cachet:products:L1:{option}' is nothing that can be set for tier 'l1'").And.Contains("KeyPrefix, GenerationCheck"));

    [Test]
    public void Configuration_AValueWhereTheSectionShouldBe_IsAnError() =>
        Assert.That(
            Failure(() => Products(Sections.Products(("", "on")), static c => c.Memory())).Message,
            Is.EqualTo("'Cachet:products' is 'on': it should be a section with what can be set for cache 'products'"));

    [Test]
    public void Configuration_ValueThatMakesNoSense_IsRefusedAsInCode() =>
        Assert.That(
            () => Products(Sections.Products(("L1:Capacity", "2")), static c => c.Memory()),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Capacity of tier 'l1' of cache 'products' cannot be 2"));

    [Test]
    public async Task Configuration_Alone_DescribesTheTiersByPosition()
    {
        using var store = new FakeStore();
        var events = new CacheEventRecorder();
        IConfigurationSection section = Sections.FromJson("""
            { "Cachet": { "products": {
                "L2": { "Type": "distributed", "KeyPrefix": "shop/" },
                "L1": { "Type": "Memory", "Capacity": 500 }
            } } }
            """);
        await using ServiceProvider provider = new ServiceCollection()
            .AddSingleton<IDistributedCache>(store)
            .AddCachet<string, int>("products", c => c.Configuration(section).EventHandler(events))
            .BuildServiceProvider();
        ICache<string, int> cache = provider.GetRequiredService<ICache<string, int>>();

        await cache.InsertAsync("k", 1);

        Assert.That(events.TierEvents.Select(static e => e.TierName).Order(), Is.EqualTo(new[] { "l1", "l2" }));
        Assert.That(await cache.CountAsync(), Is.EqualTo(1)); // a memory tier's; a distributed one cannot tell
        Assert.That(store.EntryKey, Does.StartWith("shop/"));
    }

    [Test]
    public async Task AddCachet_WithASectionOnly_IsDescribedByIt()
    {
        await using ServiceProvider provider = new ServiceCollection()
            .AddCachet<string, int>("products", Sections.Products(("L1:Type", "Memory"), ("L1:Capacity", "3")))
            .BuildServiceProvider();
        ICache<string, int> cache = provider.GetRequiredService<ICache<string, int>>();

        for (int i = 0; i < 10; i++) await cache.InsertAsync($"k{i}", i);

        Assert.That(await cache.CountAsync(), Is.LessThanOrEqualTo(3));
    }

    [Test]
    public void AddCachet_WithNoSection_IsRefused() =>
        Assert.That(
            () => new ServiceCollection().AddCachet<string, int>("products", (IConfigurationSection)null!),
            Throws.ArgumentNullException.With.Property("ParamName").EqualTo("section"));

    [Test]
    public void Configuration_AloneWithMistakes_NamesThem()
    {
        IConfigurationSection section = Sections.Products(
            ("L1:Capacity", "5"), ("L2:Type", "Redis"), ("L3:Type", "Memory"), ("L3:KeyPrefix", "p"), ("L5:Type", "Memory"));

        OptionsValidationException error = Failure(() => Products(section));

        Assert.That(error.Failures, Is.EqualTo(new[]
        {
            "'Cachet:products:L1:Type' is missing: it should be Memory, MemoryCache or Distributed, as no tier is added in code",
            "'Cachet:products:L2:Type' is 'Redis': it should be Memory or MemoryCache or Distributed",
            "'Cachet:products:L3:KeyPrefix' is nothing that can be set for tier 'l3' of cache 'products': "
            + "configuration can set Type, TimeToLive, TimeToLiveJitter, TimeToRefresh, InsertPolicy, Remote, ClockSkew, Capacity, EvictionPolicy, TimeToIdle",
            "'Cachet:products:L5' is nothing that can be set for cache 'products': configuration can set StampedeProtection, TierErrors, MaxConcurrentRefreshes, L1, L2, L3, L4",
        }));
    }

    [Test]
    public void Configuration_AloneAndEmpty_SaysThatThereIsNoTier() =>
        Assert.That(
            Failure(() => Products(Sections.Products())).Message,
            Is.EqualTo(
                "'Cachet:products:L1' is missing: cache 'products' has no tier. Add tiers in code, or describe them as L1, L2 …, each with its Type"));

    [Test]
    public void Configuration_Again_IsInPlaceOfTheFirst()
    {
        MemoryTierOptions<string, int> memory = null!;

        Products(Sections.Products(("L1:Capacity", "5")), c => c.Memory(o => memory = o).Configuration(Sections.Products(("L1:TimeToLive", "00:00:01"))));

        Assert.That(memory.Capacity, Is.EqualTo(10_000));
        Assert.That(memory.TimeToLive, Is.EqualTo(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public void Configuration_Null_Throws() =>
        Assert.That(() => Cache.Builder<string, int>("c").Configuration(null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("section"));

    [Test]
    public void Configuration_AfterBuild_Throws()
    {
        CacheBuilder<string, int> builder = Cache.Builder<string, int>("frozen").Memory();
        builder.Build();

        Assert.That(() => builder.Configuration(Sections.Products()), Throws.InvalidOperationException.With.Message.Contains("frozen"));
    }

    private static ICache<string, int> Products(IConfigurationSection section, Action<CacheBuilder<string, int>>? configure = null)
    {
        CacheBuilder<string, int> builder = Cache.Builder<string, int>("products").Configuration(section);
        configure?.Invoke(builder);
        return builder.Build();
    }

    private static OptionsValidationException Failure(Action act) => Assert.Throws<OptionsValidationException>(act)!;
}
