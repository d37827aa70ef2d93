using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

public class AddCachetTests
{
    private ServiceCollection _services = null!;

    [SetUp]
    public void SetUp() => _services = [];

    [Test]
    public async Task AddCachet_ByName_IsASingletonKeyedByIt()
    {
        _services.AddCachet<string, int>("products", static c => c.Memory());
        await using ServiceProvider provider = _services.BuildServiceProvider();

        var cache = provider.GetRequiredKeyedService<ICache<string, int>>("products");

        Assert.That(cache.Name, Is.EqualTo("products"));
        Assert.That(provider.GetRequiredKeyedService<ICache<string, int>>("products"), Is.SameAs(cache));
        Assert.That(provider.GetKeyedService<ICache<string, int>>("others"), Is.Null);
    }

    [Test]
    public async Task AddCachet_OnlyOneOfItsType_IsUnkeyedToo()
    {
        _services.AddCachet<string, int>("numbers", static c => c.Memory()).AddCachet<string, string>("texts", static c => c.Memory());
        await using ServiceProvider provider = _services.BuildServiceProvider();

        Assert.That(
            provider.GetRequiredService<ICache<string, int>>(), Is.SameAs(provider.GetRequiredKeyedService<ICache<string, int>>("numbers")));
        Assert.That(provider.GetRequiredService<ICache<string, string>>().Name, Is.EqualTo("texts"));
    }

    [Test]
    public async Task AddCachet_SeveralOfOneType_UnkeyedIsAnErrorThatNamesThem()
    {
        _services.AddCachet<string, int>("one", static c => c.Memory()).AddCachet<string, int>("two", static c => c.Memory());
        await using ServiceProvider provider = _services.BuildServiceProvider();

        Assert.That(
            () => provider.GetRequiredService<ICache<string, int>>(),
            Throws.InvalidOperationException.With.Message.Contains("one").And.Message.Contains("two").And.Message.Contains("FromKeyedServices"));
        Assert.That(provider.GetRequiredKeyedService<ICache<string, int>>("one").Name, Is.EqualTo("one"));
        Assert.That(provider.GetRequiredKeyedService<ICache<string, int>>("two").Name, Is.EqualTo("two"));
    }

    [Test]
    public async Task AddCachet_AFactoryOfOnesOwnForTheUnkeyed_IsKept()
    {
        ICache<string, int> own = Cache.Builder<string, int>("own").Memory().Build();
        _services.AddSingleton(own).AddCachet<string, int>("one", static c => c.Memory());
        await using ServiceProvider provider = _services.BuildServiceProvider();

        Assert.That(provider.GetRequiredService<ICache<string, int>>(), Is.SameAs(own));
    }

    [Test]
    public void AddCachet_NameTaken_IsRefusedAtRegistration([Values] bool sameType)
    {
        _services.AddCachet<string, int>("twin", static c => c.Memory());

        Assert.That(
            () => sameType
                ? _services.AddCachet<string, int>("twin", static c => c.Memory())
                : _services.AddCachet<string, string>("twin", static c => c.Memory()),
            Throws.InstanceOf<ArgumentException>().With.Message.Contains("'twin'"));
    }

    [Test]
    public void AddCachet_SameNameInAnotherContainer_IsNoError()
    {
        _services.AddCachet<string, int>("twin", static c => c.Memory());

        Assert.That(() => new ServiceCollection().AddCachet<string, int>("twin", static c => c.Memory()), Throws.Nothing);
    }

    [TestCase("")]
    [TestCase("a:b")]
    [TestCase("a\n")]
    public void AddCachet_BadName_IsRefusedAtRegistration(string name) =>
        Assert.That(() => _services.AddCachet<string, int>(name, static c => c.Memory()), Throws.InstanceOf<ArgumentException>());

    [Test]
    public void AddCachet_Null_Throws()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => ((IServiceCollection)null!).AddCachet<string, int>("c", static c => c.Memory()), Throws.ArgumentNullException);
            Assert.That(() => _services.AddCachet<string, int>(null!, static c => c.Memory()), Throws.ArgumentNullException);
            Assert.That(() => _services.AddCachet<string, int>("c", (Action<CacheBuilder<string, int>>)null!), Throws.ArgumentNullException);
            Assert.That(() => _services.AddCachet<string, int>("c", (Action<IServiceProvider, CacheBuilder<string, int>>)null!), Throws.ArgumentNullException);
        }
    }

    [Test]
    public async Task AddCachet_Configure_RunsOnceAndNotBeforeItIsAskedFor()
    {
        int runs = 0;
        _services.AddCachet<string, int>("c", c =>
        {
            runs++;
            c.Memory();
        });
        await using ServiceProvider provider = _services.BuildServiceProvider();
        Assert.That(runs, Is.Zero);

        provider.GetRequiredService<ICache<string, int>>();
        provider.GetRequiredKeyedService<ICache<string, int>>("c");

        Assert.That(runs, Is.EqualTo(1));
    }

    [Test]
    public async Task AddCachet_ConfigureWithTheContainer_CanAskItForHandlers()
    {
        var events = new CacheEventRecorder();
        _services.AddSingleton(events).AddCachet<string, int>("c", static (p, c) => c.Memory().EventHandler(p.GetRequiredService<CacheEventRecorder>()));
        await using ServiceProvider provider = _services.BuildServiceProvider();

        await provider.GetRequiredService<ICache<string, int>>().GetAsync("k");

        Assert.That(events.OperationLines, Is.EqualTo(new[] { "get miss" }));
    }

    [Test]
    public async Task Distributed_StoreInTheContainer_IsUsed()
    {
        using var store = new FakeStore();
        _services.AddCachet<string, int>("products", static c => c.Memory().Distributed()).AddSingleton<IDistributedCache>(store);
        await using ServiceProvider provider = _services.BuildServiceProvider();

        await provider.GetRequiredService<ICache<string, int>>().InsertAsync("k", 1);

        Assert.That(store.EntryKey, Does.StartWith("products:").And.EndsWith(":k"));
    }

    [Test]
    public async Task Distributed_MemoryStoreOfTheFramework_Works()
    {
        _services.AddDistributedMemoryCache().AddCachet<string, int>("c", static c => c.Distributed());
        await using ServiceProvider provider = _services.BuildServiceProvider();
        ICache<string, int> cache = provider.GetRequiredService<ICache<string, int>>();

        await cache.InsertAsync("k", 1);

        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo(1));
    }

    [Test]
    public async Task Distributed_NoStoreInTheContainer_IsAnErrorThatNamesBothRemedies()
    {
        _services.AddCachet<string, int>("c", static c => c.Distributed());
        await using ServiceProvider provider = _services.BuildServiceProvider();

        Assert.That(
            () => provider.GetRequiredService<ICache<string, int>>(),
            Throws.InvalidOperationException.With.Message.Contains("Register an IDistributedCache").And.Message.Contains("Distributed(store)"));
    }

    [Test]
    public async Task Clock_InTheContainer_IsUsedUnlessOneIsSet([Values] bool set)
    {
        var registered = new FakeTimeProvider(Rig.Start);
        var own = new FakeTimeProvider(Rig.Start);
        _services.AddSingleton<TimeProvider>(registered).AddCachet<string, int>("c", c =>
        {
            c.Memory(static o => o.TimeToLive = TimeSpan.FromMinutes(1));
            if (set) c.Clock(own);
        });
        await using ServiceProvider provider = _services.BuildServiceProvider();
        ICache<string, int> cache = provider.GetRequiredService<ICache<string, int>>();
        await cache.InsertAsync("k", 1);

        registered.Advance(TimeSpan.FromMinutes(2));

        Assert.That(await cache.GetAsync("k"), set ? Is.Not.Null : Is.Null);
    }

    [Test]
    public async Task Serializer_InTheContainer_ChangesNothing()
    {
        // AddHybridCache registers such ones: what is stored must not change its form because of a registration that has nothing to do with it.
        await AssertPayload(
            static s => s.AddSingleton<IHybridCacheSerializer<string>>(new Marked("exact"))
                .AddSingleton<IHybridCacheSerializerFactory>(new Factory("factory")),
            "\"v\"");
    }

    [Test]
    public async Task Serializer_OfTheTier_IsUsed()
    {
        await AssertPayload(
            static s => s.AddSingleton<IHybridCacheSerializer<string>>(new Marked("exact")), "tier|v", static o => o.Serializer = new Marked("tier"));
    }

    [Test]
    public async Task Dispose_OfTheContainer_DisposesOfTheCacheAndTheStoreOnce([Values] bool asynchronous)
    {
        FakeStore? store = null;
        _services.AddSingleton<IDistributedCache>(_ => store = new FakeStore()).AddCachet<string, int>("c", static c => c.Memory().Distributed());
        ServiceProvider provider = _services.BuildServiceProvider();
        ICache<string, int> cache = provider.GetRequiredService<ICache<string, int>>();
        await cache.InsertAsync("k", 1);

        if (asynchronous) await provider.DisposeAsync();
        else provider.Dispose();

        Assert.That(() => { _ = cache.GetAsync("k"); }, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(store!.Disposals, Is.EqualTo(1));
    }

    [Test]
    public async Task Dispose_OfTheCache_LeavesTheRegisteredStoreAlone()
    {
        using var store = new FakeStore();
        _services.AddSingleton<IDistributedCache>(store).AddCachet<string, int>("c", static c => c.Distributed());
        await using ServiceProvider provider = _services.BuildServiceProvider();

        await provider.GetRequiredService<ICache<string, int>>().DisposeAsync();

        Assert.That(store.Disposals, Is.Zero);
    }

    private async Task AssertPayload(Action<IServiceCollection> register, string expected, Action<DistributedTierOptions<string, string>>? configure = null)
    {
        using var store = new FakeStore();
        register(_services);
        _services.AddSingleton<IDistributedCache>(store).AddCachet<string, string>("c", c => c.Distributed(configure));
        await using ServiceProvider provider = _services.BuildServiceProvider();
        ICache<string, string> cache = provider.GetRequiredService<ICache<string, string>>();

        await cache.InsertAsync("k", "v");

        Assert.That(Encoding.UTF8.GetString(store.Entries[store.EntryKey].Bytes.AsSpan(EntryEnvelope<string>.HeaderSize)), Is.EqualTo(expected));
        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("v"));
    }

    /// <summary>Writes its mark in front of the text.</summary>
    private sealed class Marked(string mark) : IHybridCacheSerializer<string>
    {
        public string Deserialize(ReadOnlySequence<byte> source) => Encoding.UTF8.GetString(source)[(mark.Length + 1)..];

        public void Serialize(string value, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes($"{mark}|{value}", target);
    }

    private sealed class Factory(string mark) : IHybridCacheSerializerFactory
    {
        public bool TryCreateSerializer<T>([NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
        {
            serializer = typeof(T) == typeof(string) ? (IHybridCacheSerializer<T>)(object)new Marked(mark) : null;
            return serializer is not null;
        }
    }
}
