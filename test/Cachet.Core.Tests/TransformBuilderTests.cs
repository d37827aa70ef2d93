using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;

namespace CachetTests;

public class TransformBuilderTests
{
    private static readonly IValueCodec<int, string> _codec = ValueCodec.Create<int, string>(static value => $"{value}", static stored => int.Parse(stored));

    private CacheBuilder<int, int> _builder = null!;

    [SetUp]
    public void SetUp() => _builder = Cache.Builder<int, int>("shop");

    [Test]
    public void Transform_SomethingOtherThanATier_SaysWhereToCallIt()
    {
        var calls = new Dictionary<string, Action<CacheBuilder<int, string>>>
        {
            ["EventHandler"] = static t => t.EventHandler(new CacheEventRecorder()),
            ["Clock"] = static t => t.Clock(TimeProvider.System),
            ["StampedeProtection"] = static t => t.StampedeProtection(false),
            ["TierErrors"] = static t => t.TierErrors(TierErrorPolicy.Throw),
            ["Instrumentation"] = static t => t.Instrumentation(new RecordingInstrumentation("a")),
            ["EnableLogs"] = static t => t.EnableLogs(),
            ["JitterSource"] = static t => t.JitterSource(new Random(1)),
            ["MaxConcurrentRefreshes"] = static t => t.MaxConcurrentRefreshes(1),
            ["Configuration"] = static t => t.Configuration(Sections.Products()),
            ["Build"] = static t => t.Build(),
        };

        using (Assert.EnterMultipleScope())
        {
            foreach ((string name, Action<CacheBuilder<int, string>> call) in calls)
            {
                Assert.That(
                    () => _builder.Transform(_codec, t => call(t.Memory())),
                    Throws.InvalidOperationException.With.Message.StartsWith(name).And.Message.Contains("'shop'").And.Message.Contains("Transform"));
            }
        }
    }

    [Test]
    public void Transform_NoTierBehind_SaysWhatToAdd()
    {
        Assert.That(
            () => _builder.Transform(_codec, static _ => { }),
            Throws.InvalidOperationException.With.Message.Contains("'shop'").And.Message.Contains("Memory()"));
        Assert.That(
            () => _builder.Transform(_codec, static t => t.Transform(static key => key, static _ => { })),
            Throws.InvalidOperationException.With.Message.Contains("'shop'"));
        Assert.That(() => _builder.Build(), Throws.InvalidOperationException.With.Message.Contains("no tier"), "None of it was added.");
    }

    [Test]
    public void Transform_BuilderKeptAndUsedLater_Throws()
    {
        CacheBuilder<int, string>? kept = null;
        _builder.Transform(_codec, t => kept = t.Memory());

        Assert.That(() => kept!.Memory(), Throws.InvalidOperationException);
    }

    [Test]
    public void Transform_AfterBuild_Throws()
    {
        _builder.Memory().Build();

        Assert.That(
            () => _builder.Transform(_codec, static t => t.Memory()), Throws.InvalidOperationException.With.Message.Contains("'shop' is built"));
    }

    [Test]
    public void Transform_Null_Throws()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                () => TransformBuilderExtensions.Transform<int, int, string, string>(null!, static key => $"{key}", _codec, static _ => { }),
                Throws.ArgumentNullException);
            Assert.That(() => _builder.Transform((Func<int, string>)null!, _codec, static t => t.Memory()), Throws.ArgumentNullException);
            Assert.That(() => _builder.Transform((IValueCodec<int, string>)null!, static t => t.Memory()), Throws.ArgumentNullException);
            Assert.That(() => _builder.Transform(_codec, null!), Throws.ArgumentNullException);
            Assert.That(() => _builder.Transform((Func<int, string>)null!, static t => t.Memory()), Throws.ArgumentNullException);
            Assert.That(() => ValueCodec.Create<int, string>(null!, static _ => 0), Throws.ArgumentNullException);
            Assert.That(() => ValueCodec.Create(static (int _) => "", (Func<string, int>)null!), Throws.ArgumentNullException);
            Assert.That(() => ValueCodec.Create(static (int _) => "", (ValueDecoder<string, int>)null!), Throws.ArgumentNullException);
            Assert.That(() => ValueCodec.Create(null!, (ValueDecoder<string, int>)_codec.TryDecode), Throws.ArgumentNullException);
        }
    }

    [Test]
    public void Build_BadOptionBehind_NamesOptionTierAndCache()
    {
        Assert.That(
            () => _builder.Memory().Transform(_codec, static t => t.Memory(static o => o.Capacity = 1)).Build(),
            Throws.InstanceOf<ArgumentOutOfRangeException>()
                .With.Message.Contains("Capacity").And.Message.Contains("'l2'").And.Message.Contains("'shop'"));
        Assert.That(
            () => Cache.Builder<int, int>("c").Transform(_codec, static t => t.Tier(new FakeCacheTier<int, string>(), static o => o.InsertPolicy = null!)).Build(),
            Throws.InstanceOf<ArgumentException>().With.Message.Contains("InsertPolicy"));
    }

    [Test]
    public void Build_TwoTiersOfOneNameAcrossTheBoundary_Throws() => Assert.That(
        () => _builder.Memory(static o => o.Name = "twin").Transform(_codec, static t => t.Memory(static o => o.Name = "twin")).Build(),
        Throws.InvalidOperationException.With.Message.Contains("twin").And.Message.Contains("'shop'"));

    [Test]
    public async Task Build_OptionsChangedBeforeIt_Count()
    {
        MemoryTierOptions<int, string>? options = null;
        _builder.Transform(_codec, t => t.Memory(o => options = o));
        options!.InsertPolicy = InsertPolicy<int, string>.Never;

        await using ICache<int, int> cache = _builder.Build();
        options.InsertPolicy = InsertPolicy<int, string>.Always;

        Assert.That(await cache.InsertAsync(1, 1), Is.EqualTo(InsertOutcome.Rejected));
    }

    [Test]
    public void Build_DistributedBehindOutsideAContainer_NamesTheRemedy() => Assert.That(
        () => _builder.Transform(_codec, static t => t.Distributed()).Build(),
        Throws.InvalidOperationException.With.Message.Contains("Distributed(store)").And.Message.Contains("'l1'"));

    [Test]
    public async Task AddCachet_DistributedBehind_TakesTheContainersStore()
    {
        using var store = new FakeStore();
        var services = new ServiceCollection();
        services.AddSingleton<IDistributedCache>(store).AddCachet<int, int>("shop", static c => c.Transform(_codec, static t => t.Distributed()));
        await using ServiceProvider provider = services.BuildServiceProvider();

        await provider.GetRequiredService<ICache<int, int>>().InsertAsync(7, 49);

        Assert.That(store.EntryKey, Does.StartWith("shop:").And.EndsWith(":7"));
    }
}
