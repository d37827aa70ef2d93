using Cachet;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace CachetTests.Decorators;

/// <summary>A memory cache is disposable, and so is its decorator: the container disposes of what it made once, as before, and whoever disposes of the
/// decorator disposes of the cache.</summary>
public sealed class MemoryRegistrationTests
{
    private readonly ServiceCollection _services = new();
    private readonly List<Counting> _made = [];

    [Test]
    public async Task Container_Disposed_DisposesOfTheCacheOnce(
        [Values("type", "factory", "keyed type", "keyed factory", "scoped", "transient", "decorated by hand")] string shape, [Values] bool asynchronously)
    {
        object? key = shape.StartsWith("keyed", StringComparison.Ordinal) ? "a" : null;
        _services.AddSingleton(_made);
        IServiceCollection registered = shape switch
        {
            "type" => _services.AddSingleton<IMemoryCache, Counting>(),
            "factory" => _services.AddSingleton<IMemoryCache>(_ => new Counting(_made)),
            "keyed type" => _services.AddKeyedSingleton<IMemoryCache, Counting>(key),
            "keyed factory" => _services.AddKeyedSingleton<IMemoryCache>(key, (_, _) => new Counting(_made)),
            "scoped" => _services.AddScoped<IMemoryCache, Counting>(),
            "transient" => _services.AddTransient<IMemoryCache, Counting>(),
            _ => _services.AddSingleton(_ => new Counting(_made).Instrumented("views")),
        };
        registered.InstrumentKeyedMemoryCache(key, "views");
        ServiceProvider provider = _services.BuildServiceProvider();
        AsyncServiceScope scope = provider.CreateAsyncScope();
        IMemoryCache cache = scope.ServiceProvider.GetRequiredKeyedService<IMemoryCache>(key);
        cache.Remove("k");
        Assert.That((_made.Count, _made[0].Removals, _made[0].Disposals), Is.EqualTo((1, 1, 0)));
        if (asynchronously)
        {
            await scope.DisposeAsync();
            await provider.DisposeAsync();
        }
        else
        {
            scope.Dispose();
            provider.Dispose();
        }

        Assert.That(_made.Single().Disposals, Is.EqualTo(1));
    }

    [Test]
    public void Cache_DisposedOfByItsUser_IsDisposedOfAsBefore([Values] bool decorated)
    {
        _services.AddSingleton(_made).AddSingleton<IMemoryCache, Counting>();
        if (decorated) _services.InstrumentMemoryCache("views");
        ServiceProvider provider = _services.BuildServiceProvider();
        provider.GetRequiredService<IMemoryCache>().Dispose();
        Assert.That(_made.Single().Disposals, Is.EqualTo(1));
        provider.Dispose();
        Assert.That(_made.Single().Disposals, Is.EqualTo(2), "by the container once more");
    }

    [Test]
    public void Instance_OfTheApplication_IsItsOwnToDisposeOf()
    {
        var instance = new Counting(_made);
        _services.AddSingleton<IMemoryCache>(instance).InstrumentMemoryCache("views");
        using (ServiceProvider provider = _services.BuildServiceProvider())
        {
            IMemoryCache cache = provider.GetRequiredService<IMemoryCache>();
            Assert.That(cache, Is.Not.SameAs(instance));
        }

        Assert.That(instance.Disposals, Is.Zero);
        ((IMemoryCache)_services.Single().ImplementationInstance!).Dispose();
        Assert.That(instance.Disposals, Is.EqualTo(1));
    }

    [Test]
    public void AddMemoryCache_Decorated_StillIsOne()
    {
        using ServiceProvider provider = new ServiceCollection().AddMemoryCache().InstrumentMemoryCache("views").AddMemoryCache().BuildServiceProvider();
        IMemoryCache cache = provider.GetRequiredService<IMemoryCache>();
        cache.Set("k", "v");
        Assert.That(cache.Get("k"), Is.EqualTo("v"));
        Assert.That(provider.GetServices<IMemoryCache>(), Is.EqualTo([cache]));
    }

    [Test]
    public void Twice_IsOneDecorationOrAnError()
    {
        IMemoryCache cache = new Counting(_made).Instrumented("views");
        Assert.That(cache.Instrumented("views"), Is.SameAs(cache));
        Assert.That(() => cache.Instrumented("pages"), Throws.InvalidOperationException.With.Message.Contains("as 'views'"));
        _services.AddSingleton(_made).AddSingleton<IMemoryCache, Counting>().InstrumentMemoryCache("views");
        int registrations = _services.Count;
        Assert.That(_services.InstrumentMemoryCache("views"), Has.Count.EqualTo(registrations));
        Assert.That(() => _services.InstrumentMemoryCache("pages"), Throws.InvalidOperationException);
    }

    [Test]
    public void Arguments_ThatMakeNoSense_AreRefused()
    {
        using var cache = new Counting(_made);
        Assert.That(
            () => _services.InstrumentMemoryCache("views"),
            Throws.InvalidOperationException.With.Message.EqualTo(
                "There is no IMemoryCache to instrument in this container yet. Register it first, with AddMemoryCache, say; then instrument it."));
        Assert.That(() => cache.Instrumented("a:b"), Throws.ArgumentException);
        Assert.That(() => ((IMemoryCache)null!).Instrumented("views"), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("cache"));
        Assert.That(
            () => ((IServiceCollection)null!).InstrumentMemoryCache("views"),
            Throws.ArgumentNullException.With.Property("ParamName").EqualTo("services"));
        Assert.That(() => _services.InstrumentKeyedMemoryCache(KeyedService.AnyKey, "views"), Throws.ArgumentException);
    }

    private sealed class Counting : IMemoryCache
    {
        public Counting(List<Counting> made) => made.Add(this);

        public int Removals { get; private set; }

        public int Disposals { get; private set; }

        public ICacheEntry CreateEntry(object key) => throw new NotSupportedException();

        public bool TryGetValue(object key, out object? value) => throw new NotSupportedException();

        public void Remove(object key) => Removals++;

        public void Dispose() => Disposals++;
    }
}
