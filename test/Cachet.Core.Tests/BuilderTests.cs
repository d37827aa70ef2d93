using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests;

public class BuilderTests
{
    [Test]
    public async Task Build_JsonOptionsWithoutResolver_AreUsedAsTheSerializerWould()
    {
        var options = new System.Text.Json.JsonSerializerOptions(System.Text.Json.JsonSerializerDefaults.Web);
        await using ICache<string, Uri[]> cache = Cache.Builder<string, Uri[]>("c")
            .Distributed(Stores.Memory(), o => o.JsonSerializerOptions = options)
            .Build();
        await cache.InsertAsync("k", [new("http://localhost/")]);

        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo(new[] { new Uri("http://localhost/") }));
    }

    [Test]
    public async Task Build_JsonOptionsWithDeeperValues_AreReadBackToo()
    {
        await using ICache<string, Nested> cache = Cache.Builder<string, Nested>("c")
            .Distributed(Stores.Memory(), static o => o.JsonSerializerOptions = new() { MaxDepth = 200 })
            .Build();
        var deep = new Nested(0, null);
        for (int i = 0; i < 100; i++) deep = new(i, deep);

        await cache.InsertAsync("k", deep);

        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo(deep));
    }

    [Test]
    public void Build_ValuesThatJsonCouldNotReadBack_NamesTypeAndRemedies()
    {
        Assert.That(
            static () => Cache.Builder<string, IFormattable>("c").Distributed(Stores.Memory()).Build(),
            Throws.InvalidOperationException.With.Message.Contains("System.IFormattable").And.Message.Contains("JsonTypeInfo"));
        Assert.That(
            static () => Cache.Builder<string, object>("c").Distributed(Stores.Memory()).Build(),
            Throws.InvalidOperationException.With.Message.Contains("System.Object").And.Message.Contains("Serializer"));
        Assert.That(
            static () => Cache.Builder<string, Action>("c").Distributed(Stores.Memory()).Build(),
            Throws.InvalidOperationException.With.Message.Contains("System.Action"));
        Assert.That(static () => Cache.Builder<string, nint>("c").Distributed(Stores.Memory()).Build(), Throws.InvalidOperationException);
        Assert.That(static () => Cache.Builder<string, Type>("c").Distributed(Stores.Memory()).Build(), Throws.InvalidOperationException);
        Assert.That(static () => Cache.Builder<string, IReadOnlyList<int>>("c").Distributed(Stores.Memory()).Build(), Throws.Nothing);
    }

    [Test]
    public void KeyEncoder_GivesNull_IsAFailureThatNamesIt()
    {
        ICache<Uri, int> cache = Cache.Builder<Uri, int>("c").Distributed(Stores.Memory(), static o => o.KeyEncoder = static _ => null!).Build();

        Assert.That(
            async () => await cache.InsertAsync(new("http://localhost/"), 1),
            Throws.InvalidOperationException.With.Message.Contains("KeyEncoder").And.Message.Not.Contains("localhost"));
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("a:b")]
    [TestCase("a\nb")]
    [TestCase("a\0")]
    [TestCase("a\u0085")]
    public void Builder_BadName_Throws(string name) =>
        Assert.That(() => Cache.Builder<string, int>(name), Throws.InstanceOf<ArgumentException>().With.Property("ParamName").EqualTo("name"));

    [Test]
    public void Builder_NullName_Throws() => Assert.That(() => Cache.Builder<string, int>(null!), Throws.ArgumentNullException);

    [TestCase("products")]
    [TestCase("my cache/2.0 ~ ü")]
    public async Task Build_GoodName_IsTheCachesName(string name)
    {
        await using ICache<string, int> cache = Cache.Builder<string, int>(name).Memory().Build();

        Assert.That(cache.Name, Is.EqualTo(name));
    }

    [Test]
    public void Build_NoTier_SaysWhatToCall() =>
        Assert.That(
            () => Cache.Builder<string, int>("bare").Build(),
            Throws.InvalidOperationException.With.Message.Contains("bare").And.Message.Contains("Memory()").And.Message.Contains("Distributed"));

    [Test]
    public void Build_TwoTiersOfOneName_Throws() =>
        Assert.That(
            () => Cache.Builder<string, int>("c").Memory(o => o.Name = "twin").Distributed(Stores.Memory(), o => o.Name = "twin").Build(),
            Throws.InvalidOperationException.With.Message.Contains("twin").And.Message.Contains("'c'"));

    [Test]
    public void Build_TierNamedAsAnothersDefault_Throws() =>
        Assert.That(
            () => Cache.Builder<string, int>("c").Memory(o => o.Name = "l2").Distributed(Stores.Memory()).Build(),
            Throws.InvalidOperationException.With.Message.Contains("l2"));

    [Test]
    public async Task Build_TiersWithoutNames_AreNamedByPosition()
    {
        var rig = new Rig(3);

        await rig.Cache.GetAsync("k");

        Assert.That(rig.Events.TierEvents.Select(static e => e.TierName), Is.EqualTo(new[] { "l1", "l2", "l3" }));
    }

    [TestCase("a:b")]
    [TestCase("a\tb")]
    [TestCase("")]
    public void Build_BadTierName_NamesOptionCacheAndFix(string name) =>
        Assert.That(
            () => Cache.Builder<string, int>("c").Memory(o => o.Name = name).Build(),
            Throws.InstanceOf<ArgumentException>().With.Message.Contains("Name").And.Message.Contains("'c'"));

    [TestCase(2)]
    [TestCase(0)]
    [TestCase(-1)]
    public void Build_CapacityTooSmall_NamesOptionValueAndFix(int capacity) =>
        Assert.That(
            () => Cache.Builder<string, int>("c").Memory(o => o.Capacity = capacity).Build(),
            Throws.InstanceOf<ArgumentOutOfRangeException>()
                .With.Message.Contains("Capacity").And.Message.Contains($"cannot be {capacity}").And.Message.Contains("3 entries")
                .And.Message.Contains("'l1'").And.Message.Contains("'c'"));

    [Test]
    public void Build_NegativeTimeToLive_NamesOptionValueAndFix() =>
        Assert.That(
            () => Cache.Builder<string, int>("c").Memory(o => o.TimeToLive = TimeSpan.FromSeconds(-1)).Build(),
            Throws.InstanceOf<ArgumentOutOfRangeException>()
                .With.Message.Contains("TimeToLive").And.Message.Contains("-00:00:01").And.Message.Contains("Timeout.InfiniteTimeSpan"));

    [Test]
    public void Build_NegativeClockSkew_NamesOptionValueAndFix() =>
        Assert.That(
            () => Cache.Builder<string, int>("c").Distributed(Stores.Memory(), o => o.ClockSkew = TimeSpan.FromSeconds(-2)).Build(),
            Throws.InstanceOf<ArgumentOutOfRangeException>()
                .With.Message.Contains("ClockSkew").And.Message.Contains("-00:00:02").And.Message.Contains("zero or positive"));

    [Test]
    public void Build_NegativeGenerationCheck_NamesOptionValueAndFix() =>
        Assert.That(
            () => Cache.Builder<string, int>("c").Distributed(Stores.Memory(), o => o.GenerationCheck = TimeSpan.FromSeconds(-3)).Build(),
            Throws.InstanceOf<ArgumentOutOfRangeException>()
                .With.Message.Contains("GenerationCheck").And.Message.Contains("-00:00:03").And.Message.Contains("zero or positive"));

    [Test]
    public void Build_NoInsertPolicy_NamesOptionValueAndFix() =>
        Assert.That(
            () => Cache.Builder<string, int>("c").Memory(o => o.InsertPolicy = null!).Build(),
            Throws.InstanceOf<ArgumentException>()
                .With.Message.Contains("InsertPolicy").And.Message.Contains("null").And.Message.Contains("InsertPolicy.Always"));

    [Test]
    public void Build_EmptyKeyPrefix_NamesOptionValueAndFix() =>
        Assert.That(
            () => Cache.Builder<string, int>("c").Distributed(Stores.Memory(), o => o.KeyPrefix = "").Build(),
            Throws.InstanceOf<ArgumentException>().With.Message.Contains("KeyPrefix").And.Message.Contains("''").And.Message.Contains("give text"));

    [Test]
    public void Build_TwoSerializers_NamesThem() =>
        Assert.That(
            () => Cache.Builder<string, int>("c").Distributed(Stores.Memory(), o =>
            {
                o.JsonSerializerOptions = JsonSerializerOptions.Default;
                o.JsonTypeInfo = (JsonTypeInfo<int>)JsonSerializerOptions.Default.GetTypeInfo(typeof(int));
            }).Build(),
            Throws.InstanceOf<ArgumentException>()
                .With.Message.Contains("Serializer").And.Message.Contains("JsonTypeInfo").And.Message.Contains("JsonSerializerOptions"));

    [Test]
    public void Build_NoJsonTypeInfo_NamesTheType()
    {
        var options = new JsonSerializerOptions { TypeInfoResolver = JsonTypeInfoResolver.Combine() };

        Assert.That(
            () => Cache.Builder<string, Version>("c").Distributed(Stores.Memory(), o => o.JsonSerializerOptions = options).Build(),
            Throws.InvalidOperationException.With.Message.Contains("System.Version").And.Message.Contains("'l1'").And.Message.Contains("JsonTypeInfo"));
    }

    [Test]
    public void Build_DistributedOutsideAContainer_NamesBothRemedies() =>
        Assert.That(
            () => Cache.Builder<string, int>("c").Memory().Distributed().Build(),
            Throws.InvalidOperationException.With.Message.Contains("AddStackExchangeRedisCache").And.Message.Contains("AddCachet")
                .And.Message.Contains("Distributed(store)").And.Message.Contains("'l2'"));

    [Test]
    public void Build_KeyTypeWithoutEncoder_NamesTypeAndOption() =>
        Assert.That(
            () => Cache.Builder<(string Shop, int Id), int>("c").Distributed(Stores.Memory()).Build(),
            Throws.InvalidOperationException.With.Message.Contains("System.ValueTuple").And.Message.Contains("KeyEncoder").And.Message.Contains("ISpanFormattable"));

    [Test]
    public void TierErrors_NoSuchPolicy_Throws() =>
        Assert.That(() => Cache.Builder<string, int>("c").TierErrors((TierErrorPolicy)7), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void Methods_Null_Throw()
    {
        CacheBuilder<string, int> builder = Cache.Builder<string, int>("c");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => builder.Distributed((IDistributedCache)null!), Throws.ArgumentNullException);
            Assert.That(() => builder.Tier(null!), Throws.ArgumentNullException);
            Assert.That(() => builder.EventHandler(null!), Throws.ArgumentNullException);
            Assert.That(() => builder.Clock(null!), Throws.ArgumentNullException);
            Assert.That(() => builder.Instrumentation(null!), Throws.ArgumentNullException);
        }
    }

    [Test]
    public void Methods_AfterBuild_Throw()
    {
        CacheBuilder<string, int> builder = Cache.Builder<string, int>("frozen").Memory();
        builder.Build();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => builder.Build(), Throws.InvalidOperationException.With.Message.Contains("frozen"));
            Assert.That(() => builder.Memory(), Throws.InvalidOperationException);
            Assert.That(() => builder.Distributed(), Throws.InvalidOperationException);
            Assert.That(() => builder.Distributed(Stores.Memory()), Throws.InvalidOperationException);
            Assert.That(() => builder.Tier(new FakeCacheTier<string, int>()), Throws.InvalidOperationException);
            Assert.That(() => builder.StampedeProtection(false), Throws.InvalidOperationException);
            Assert.That(() => builder.EventHandler(new CacheEventRecorder()), Throws.InvalidOperationException);
            Assert.That(() => builder.TierErrors(TierErrorPolicy.Throw), Throws.InvalidOperationException);
            Assert.That(() => builder.Clock(TimeProvider.System), Throws.InvalidOperationException);
            Assert.That(() => builder.Instrumentation(new RecordingInstrumentation("a")), Throws.InvalidOperationException);
        }
    }

    [Test]
    public async Task Build_OptionsChangedAfterwards_ChangeNothing()
    {
        MemoryTierOptions<string, int>? kept = null;
        await using ICache<string, int> cache = Cache.Builder<string, int>("c").Memory(o => kept = o).Build();

        kept!.InsertPolicy = InsertPolicy<string, int>.Never;

        Assert.That(await cache.InsertAsync("k", 1), Is.EqualTo(InsertOutcome.Accepted));
    }

    [Test]
    public async Task Build_AfterAFailure_CanBeRepaired()
    {
        CacheBuilder<string, int> builder = Cache.Builder<string, int>("c");
        Assert.That(() => builder.Build(), Throws.InvalidOperationException);

        await using ICache<string, int> cache = builder.Memory().Build();

        Assert.That(cache.Name, Is.EqualTo("c"));
    }

    private sealed record Nested(int Depth, Nested? Inner);
}
