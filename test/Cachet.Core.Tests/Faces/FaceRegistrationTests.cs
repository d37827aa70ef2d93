using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CachetTests.Faces;

/// <summary>Distributed caches in containers.</summary>
public class FaceRegistrationTests
{
    private ServiceCollection _services = null!;
    private ClockedStore _store = null!;

    [SetUp]
    public void SetUp()
    {
        _services = [];
        _store = new(TimeProvider.System);
    }

    [TearDown]
    public void TearDown() => _store.Dispose();

    [Test]
    public async Task Add_BothInterfaces_AreTheSameObject()
    {
        await using ServiceProvider provider = _services.AddCachetDistributedCache("sessions").BuildServiceProvider(validateScopes: true);

        IDistributedCache cache = provider.GetRequiredService<IDistributedCache>();

        Assert.That(provider.GetRequiredService<IBufferDistributedCache>(), Is.SameAs(cache));
        await using AsyncServiceScope scope = provider.CreateAsyncScope();
        Assert.That(scope.ServiceProvider.GetRequiredService<IDistributedCache>(), Is.SameAs(cache));
    }

    [Test]
    public async Task Add_NothingRegisteredBefore_LivesInMemory()
    {
        await using ServiceProvider provider = _services.AddCachetDistributedCache("sessions").BuildServiceProvider();
        IDistributedCache cache = provider.GetRequiredService<IDistributedCache>();

        await cache.SetAsync("k", [1]);

        Assert.That(cache.Get("k"), Is.EqualTo(new byte[] { 1 }));
    }

    [Test]
    public async Task Add_StoreRegisteredBefore_IsTakenOver([Values("instance", "factory", "type", "transient")] string form)
    {
        switch (form)
        {
            case "instance": _services.AddSingleton<IDistributedCache>(_store); break;
            case "factory": _services.AddSingleton<IDistributedCache>(_ => _store); break;
            case "type": _services.AddDistributedMemoryCache(); break;
            default: _services.AddTransient<IDistributedCache>(_ => _store); break;
        }

        await using ServiceProvider provider = _services.AddCachetDistributedCache("sessions").BuildServiceProvider(validateScopes: true);
        IDistributedCache cache = provider.GetRequiredService<IDistributedCache>();
        await cache.SetAsync("k", [1], new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(1) });

        Assert.That(await cache.GetAsync("k"), Is.EqualTo(new byte[] { 1 }));
        Assert.That(provider.GetServices<IDistributedCache>(), Is.EqualTo(new[] { cache }));
        Assert.That(provider.GetKeyedServices<IDistributedCache>(KeyedService.AnyKey), Is.Empty);
        if (form != "type") Assert.That(_store.Calls, Is.EqualTo(new[] { "SetAsync sessions:k", "GetAsync sessions:k" }));
    }

    [Test]
    public async Task Add_SeveralRegisteredBefore_TakesTheOneThatWouldBeAskedFor()
    {
        _services.AddSingleton<IDistributedCache>(_ => throw new InvalidOperationException("Not this one.")).AddSingleton<IDistributedCache>(_store);
        await using ServiceProvider provider = _services.AddCachetDistributedCache("sessions").BuildServiceProvider();

        provider.GetRequiredService<IDistributedCache>().Set("k", [1]);

        Assert.That(_store.Calls, Is.EqualTo(new[] { "Set sessions:k" }));
    }

    [Test]
    public async Task Add_StoreInTheOptions_IsUsedInsteadOfTheRegisteredOne()
    {
        _services.AddSingleton<IDistributedCache>(_ => throw new InvalidOperationException("Not this one."))
            .AddKeyedSingleton<IDistributedCache>("redis", _store)
            .AddCachetDistributedCache("sessions", static (p, o) => o.Store = p.GetRequiredKeyedService<IDistributedCache>("redis"));
        await using ServiceProvider provider = _services.BuildServiceProvider();

        provider.GetRequiredService<IDistributedCache>().Set("k", [1]);

        Assert.That(_store.Calls, Is.EqualTo(new[] { "Set sessions:k" }));
        Assert.That(provider.GetRequiredKeyedService<IDistributedCache>("redis"), Is.SameAs(_store));
    }

    [Test]
    public async Task Add_FrameworksMemoryStoreRegisteredAfterwards_DoesNotTakeItsPlace()
    {
        await using ServiceProvider provider = _services.AddCachetDistributedCache("sessions").AddDistributedMemoryCache().BuildServiceProvider();

        Assert.That(provider.GetRequiredService<IDistributedCache>(), Is.Not.InstanceOf<MemoryDistributedCache>());
    }

    [Test]
    public void Add_StorePerScope_IsRefused()
    {
        _services.AddScoped<IDistributedCache>(_ => _store);

        Assert.That(
            () => _services.AddCachetDistributedCache("sessions"), Throws.InvalidOperationException.With.Message.Contains("Register it as a singleton"));
    }

    [Test]
    public void Add_Twice_IsRefused()
    {
        _services.AddCachetDistributedCache("sessions");

        Assert.That(() => _services.AddCachetDistributedCache("others"), Throws.InvalidOperationException.With.Message.Contains("'others'"));
    }

    [Test]
    public void Add_NameTaken_IsRefused([Values] bool byACache)
    {
        if (byACache) _services.AddCachet<string, int>("sessions", static c => c.Memory());
        else _services.AddCachetDistributedCache("sessions");

        Assert.That(
            () => byACache ? _services.AddCachetDistributedCache("sessions") : _services.AddCachet<string, int>("sessions", static c => c.Memory()),
            Throws.InstanceOf<ArgumentException>().With.Message.Contains("'sessions'"));
    }

    [TestCase("")]
    [TestCase("a:b")]
    [TestCase("a\n")]
    public void Add_BadName_IsRefused(string name)
    {
        Assert.That(() => _services.AddCachetDistributedCache(name), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => Cache.DistributedCache(name), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public void Add_Null_Throws()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => ((IServiceCollection)null!).AddCachetDistributedCache("c"), Throws.ArgumentNullException);
            Assert.That(() => _services.AddCachetDistributedCache(null!), Throws.ArgumentNullException);
            Assert.That(() => _services.AddCachetDistributedCache("c", (Action<CachetDistributedCacheOptions>)null!), Throws.ArgumentNullException);
            Assert.That(
                () => _services.AddCachetDistributedCache("c", (Action<IServiceProvider, CachetDistributedCacheOptions>)null!), Throws.ArgumentNullException);
            Assert.That(() => Cache.DistributedCache("c", static o => o.EventHandler(null!)), Throws.ArgumentNullException);
            Assert.That(() => Cache.DistributedCache("c", static o => o.EnableLogs((ILoggerFactory)null!)), Throws.ArgumentNullException);
        }
    }

    [Test]
    public async Task Start_GoodOptions_BuildsItAndAsksTheStoreForNothing()
    {
        int builds = 0;
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IDistributedCache>(_store).AddCachetDistributedCache("sessions", _ => builds++);
        using IHost host = builder.Build();

        await host.StartAsync();

        Assert.That(builds, Is.EqualTo(1));
        Assert.That(_store.Calls, Is.Empty);
        await host.StopAsync();
    }

    [Test]
    public async Task Dispose_OfTheContainer_DisposesOfTheCacheThenOfTheStoreItCreated([Values] bool asynchronously, [Values] bool created)
    {
        bool? cacheWasGone = null;
        IDistributedCache? cache = null;
        using var store = new DisposedStore(() => cacheWasGone = IsGone(cache!));
        if (created) _services.AddSingleton<IDistributedCache>(_ => store);
        else _services.AddSingleton<IDistributedCache>(store);
        ServiceProvider provider = _services.AddCachetDistributedCache("sessions").BuildServiceProvider();
        cache = provider.GetRequiredService<IDistributedCache>();
        Assert.That(IsGone(cache), Is.False);

        if (asynchronously) await provider.DisposeAsync();
        else provider.Dispose();

        Assert.That(IsGone(cache), Is.True);
        Assert.That(cacheWasGone, Is.EqualTo(created ? true : null));
    }

    [Test]
    public async Task Dispose_OfTheContainer_BuildsNothingThatNobodyAskedFor()
    {
        _services.AddSingleton<IDistributedCache>(static _ => throw new InvalidOperationException()).AddCachetDistributedCache("sessions");
        ServiceProvider provider = _services.BuildServiceProvider();

        await provider.DisposeAsync();
    }

    private static bool IsGone(IDistributedCache cache)
    {
        try
        {
            cache.Get("k");
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    private sealed class DisposedStore(Action disposed) : IDistributedCache, IDisposable
    {
        private Action? _disposed = disposed;

        public void Dispose() => Interlocked.Exchange(ref _disposed, null)?.Invoke();

        public byte[]? Get(string key) => null;

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Task.FromResult<byte[]?>(null);

        public void Refresh(string key)
        {
        }

        public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public void Remove(string key)
        {
        }

        public Task RemoveAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
        {
        }

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => Task.CompletedTask;
    }
}
