using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CachetTests.Decorators;

/// <summary>Whatever way a cache was registered, it is decorated, and created, shared and disposed of as before.</summary>
public sealed class RegistrationShapeTests
{
    private readonly ServiceCollection _services = new();

    [SetUp]
    public void SetUp()
    {
        Disposable.Made = 0;
        Disposable.Disposals = 0;
    }

    [Test]
    public void Type_Singleton_IsCreatedOnceAndDisposedOnce()
    {
        _services.AddSingleton<IDistributedCache, Disposable>().InstrumentDistributedCache("sessions");
        AssertDecoratedAndDisposedOnce(static p => p.GetRequiredService<IDistributedCache>());
    }

    [Test]
    public void Factory_Singleton_IsCreatedOnceAndDisposedOnce()
    {
        _services.AddSingleton<IDistributedCache>(static _ => new Disposable()).InstrumentDistributedCache("sessions");
        AssertDecoratedAndDisposedOnce(static p => p.GetRequiredService<IDistributedCache>());
    }

    [Test]
    public void KeyedType_Singleton_IsCreatedOnceAndDisposedOnce()
    {
        _services.AddKeyedSingleton<IDistributedCache, Disposable>("a").InstrumentKeyedDistributedCache("a", "sessions");
        AssertDecoratedAndDisposedOnce(static p => p.GetRequiredKeyedService<IDistributedCache>("a"));
    }

    [Test]
    public void KeyedFactory_Singleton_IsToldTheKeyItWasRegisteredWith()
    {
        object? told = null;
        _services.AddKeyedSingleton<IDistributedCache>("a", (_, key) =>
        {
            told = key;
            return new Disposable();
        }).InstrumentKeyedDistributedCache("a", "sessions");
        AssertDecoratedAndDisposedOnce(static p => p.GetRequiredKeyedService<IDistributedCache>("a"));
        Assert.That(told, Is.EqualTo("a"));
    }

    [Test]
    public void KeyedType_ThatAsksForItsKey_IsToldTheKeyItWasRegisteredWith()
    {
        _services.AddKeyedSingleton<IDistributedCache, KnowsItsKey>("a").InstrumentKeyedDistributedCache("a", "sessions");
        AssertDecoratedAndDisposedOnce(static p => p.GetRequiredKeyedService<IDistributedCache>("a"));
        Assert.That(KnowsItsKey.Told, Is.EqualTo("a"));
    }

    [Test]
    public void Instance_OfTheApplication_IsNeverDisposedOf([Values(null, "a")] string? key)
    {
        var instance = new Disposable();
        if (key is null) _services.AddSingleton<IDistributedCache>(instance);
        else _services.AddKeyedSingleton<IDistributedCache>(key, instance);
        _services.InstrumentKeyedDistributedCache(key, "sessions");
        using (ServiceProvider provider = _services.BuildServiceProvider())
        {
            IDistributedCache cache = provider.GetRequiredKeyedService<IDistributedCache>(key);
            cache.Remove("k");
            ServiceDescriptor registered = _services.Single();
            Assert.That(cache, Is.SameAs(registered.IsKeyedService ? registered.KeyedImplementationInstance : registered.ImplementationInstance));
            Assert.That(instance.Removals, Is.EqualTo(1));
        }

        Assert.That(Disposable.Disposals, Is.Zero);
    }

    [Test]
    public void Scoped_InTwoScopes_IsOneEachAndDisposedWithItsScope()
    {
        _services.AddScoped<IDistributedCache, Disposable>().InstrumentDistributedCache("sessions");
        using ServiceProvider provider = _services.BuildServiceProvider(validateScopes: true);
        using (IServiceScope one = provider.CreateScope(), other = provider.CreateScope())
        {
            IDistributedCache cache = one.ServiceProvider.GetRequiredService<IDistributedCache>();
            Assert.That(one.ServiceProvider.GetRequiredService<IDistributedCache>(), Is.SameAs(cache));
            Assert.That(other.ServiceProvider.GetRequiredService<IDistributedCache>(), Is.Not.SameAs(cache));
            Assert.That((Disposable.Made, Disposable.Disposals), Is.EqualTo((2, 0)));
        }

        Assert.That(Disposable.Disposals, Is.EqualTo(2));
        Assert.That(() => provider.GetRequiredService<IDistributedCache>(), Throws.InvalidOperationException, "scopes are validated as before");
    }

    [Test]
    public void Transient_AskedForTwice_IsTwo()
    {
        _services.AddTransient<IDistributedCache, Disposable>().InstrumentDistributedCache("sessions");
        using (ServiceProvider provider = _services.BuildServiceProvider())
        {
            IDistributedCache one = provider.GetRequiredService<IDistributedCache>(), other = provider.GetRequiredService<IDistributedCache>();
            Assert.That(one, Is.Not.SameAs(other));
            Assert.That(Disposable.Made, Is.EqualTo(2));
        }

        Assert.That(Disposable.Disposals, Is.EqualTo(2));
    }

    [Test]
    public void Several_Registrations_AreAllDecoratedInTheirOrder()
    {
        var first = new Disposable();
        _services.AddSingleton<IDistributedCache>(first);
        _services.AddSingleton<IDistributedCache, Disposable>();
        _services.AddSingleton<IDistributedCache>(static _ => new ScriptedBufferDistributedCache());
        _services.InstrumentDistributedCache("sessions");
        using ServiceProvider provider = _services.BuildServiceProvider();
        IDistributedCache[] caches = [.. provider.GetServices<IDistributedCache>()];
        Assert.That(caches.Select(static c => c is IBufferDistributedCache), Is.EqualTo([false, false, true]));
        Assert.That(provider.GetRequiredService<IDistributedCache>(), Is.SameAs(caches[2]));
        caches[0].Remove("k");
        Assert.That(first.Removals, Is.EqualTo(1));
        Assert.That(caches.Select(IsDecorated), Is.EqualTo([true, true, true]));
    }

    [Test]
    public void Keys_OfOtherRegistrations_AreLeftAlone()
    {
        _services.AddSingleton<IDistributedCache, Disposable>();
        _services.AddKeyedSingleton<IDistributedCache, Disposable>("a");
        _services.AddKeyedSingleton<IDistributedCache, Disposable>("b");
        _services.InstrumentKeyedDistributedCache("a", "sessions");
        using ServiceProvider provider = _services.BuildServiceProvider();
        Assert.That(IsDecorated(provider.GetRequiredService<IDistributedCache>()), Is.False);
        Assert.That(IsDecorated(provider.GetRequiredKeyedService<IDistributedCache>("a")), Is.True);
        Assert.That(IsDecorated(provider.GetRequiredKeyedService<IDistributedCache>("b")), Is.False);
    }

    [Test]
    public void KeyedServices_OfAllKeys_AreAsManyAsWereRegistered()
    {
        _services.AddSingleton<IDistributedCache, Disposable>();
        _services.AddKeyedSingleton<IDistributedCache, Disposable>("a");
        _services.InstrumentDistributedCache("sessions").InstrumentKeyedDistributedCache("a", "tokens");
        using ServiceProvider provider = _services.BuildServiceProvider();
        IDistributedCache cache = provider.GetRequiredKeyedService<IDistributedCache>("a");
        Assert.That(provider.GetKeyedServices<IDistributedCache>(KeyedService.AnyKey), Is.EqualTo([cache]));
    }

    [Test]
    public void Factory_GivesNothing_NothingIsGiven()
    {
        _services.AddSingleton<IDistributedCache>(static _ => null!).InstrumentDistributedCache("sessions");
        using ServiceProvider provider = _services.BuildServiceProvider();
        Assert.That(provider.GetService<IDistributedCache>(), Is.Null);
    }

    [Test]
    public void TryAdd_Afterwards_FindsARegistration()
    {
        _services.AddSingleton<IDistributedCache, Disposable>().InstrumentDistributedCache("sessions");
        _services.TryAddSingleton<IDistributedCache, ScriptedDistributedCache>();
        using ServiceProvider provider = _services.BuildServiceProvider();
        Assert.That(provider.GetServices<IDistributedCache>(), Has.Exactly(1).Items);
    }

    [Test]
    public void Twice_SameName_IsOneDecoration()
    {
        _services.AddSingleton<IDistributedCache>(new Disposable());
        _services.AddSingleton<IDistributedCache, Disposable>();
        _services.InstrumentDistributedCache("sessions", "l2");
        ServiceDescriptor[] once = [.. _services];
        _services.InstrumentDistributedCache("sessions", "l2");
        Assert.That(_services, Is.EqualTo(once));
    }

    [Test]
    public void Twice_AfterAnotherWasRegistered_DecoratesThatToo()
    {
        _services.AddSingleton<IDistributedCache, Disposable>().InstrumentDistributedCache("sessions");
        _services.AddSingleton<IDistributedCache, Disposable>().InstrumentDistributedCache("sessions");
        using ServiceProvider provider = _services.BuildServiceProvider();
        Assert.That(provider.GetServices<IDistributedCache>().Select(IsDecorated), Is.EqualTo([true, true]));
    }

    [TestCase("tokens", null, "'sessions'", "'tokens'")]
    [TestCase("sessions", "l2", "'sessions'", "tier 'l2' of 'sessions'")]
    public void Twice_AnotherName_SaysWhichItHas(string name, string? tier, string has, string asked)
    {
        _services.AddSingleton<IDistributedCache, Disposable>().InstrumentDistributedCache("sessions");
        _services.AddSingleton<IDistributedCache, Disposable>();
        ServiceDescriptor[] before = [.. _services];
        Assert.That(
            () => _services.InstrumentDistributedCache(name, tier),
            Throws.InvalidOperationException.With.Message.EqualTo(
                $"The cache is instrumented already, as {has}; it cannot be instrumented as {asked} too. Instrument it once, under one name."));
        Assert.That(_services, Is.EqualTo(before), "and nothing is changed");
    }

    [Test]
    public void Instrumented_Twice_IsTheSameOrAnError()
    {
        IDistributedCache cache = new Disposable().Instrumented("sessions");
        Assert.That(cache.Instrumented("sessions"), Is.SameAs(cache));
        Assert.That(() => cache.Instrumented("tokens"), Throws.InvalidOperationException.With.Message.Contains("as 'sessions'"));
        Assert.That(() => cache.Instrumented("sessions", "l2"), Throws.InvalidOperationException);
        _services.AddSingleton(cache);
        Assert.That(() => _services.InstrumentDistributedCache("tokens"), Throws.InvalidOperationException);
        Assert.That(_services.InstrumentDistributedCache("sessions").Single().ImplementationInstance, Is.SameAs(cache));
    }

    [Test]
    public void NothingRegistered_SaysWhatToRegisterFirst()
    {
        _services.AddKeyedSingleton<IDistributedCache, Disposable>("b");
        Assert.That(
            () => _services.InstrumentDistributedCache("sessions"),
            Throws.InvalidOperationException.With.Message.EqualTo(
                "There is no IDistributedCache to instrument in this container yet. Register it first, with AddStackExchangeRedisCache or "
                + "AddDistributedMemoryCache, say; then instrument it."));
        Assert.That(
            () => _services.InstrumentKeyedDistributedCache("a", "sessions"),
            Throws.InvalidOperationException.With.Message.StartsWith("There is no IDistributedCache with the key 'a' to instrument"));
    }

    [Test]
    public void Arguments_ThatMakeNoSense_AreRefusedByName()
    {
        _services.AddSingleton<IDistributedCache, Disposable>();
        var cache = new Disposable();
        Assert.That(() => cache.Instrumented("a:b"), Throws.ArgumentException);
        Assert.That(() => cache.Instrumented("sessions", " "), Throws.ArgumentException);
        Assert.That(() => cache.Instrumented(null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("name"));
        Assert.That(() => ((IDistributedCache)null!).Instrumented("sessions"), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("cache"));
        Assert.That(() => _services.InstrumentDistributedCache(""), Throws.ArgumentException);
        Assert.That(
            () => ((IServiceCollection)null!).InstrumentDistributedCache("a"),
            Throws.ArgumentNullException.With.Property("ParamName").EqualTo("services"));
        Assert.That(
            () => _services.InstrumentKeyedDistributedCache(KeyedService.AnyKey, "a"),
            Throws.ArgumentException.With.Property("ParamName").EqualTo("serviceKey"));
    }

    private static bool IsDecorated(IDistributedCache cache)
    {
        // Decorated again under a name that nobody has, a decorated cache says that it is.
        try
        {
            cache.Instrumented("a name that nobody has");
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    private void AssertDecoratedAndDisposedOnce(Func<IServiceProvider, IDistributedCache> get)
    {
        using (ServiceProvider provider = _services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true }))
        {
            Assert.That(Disposable.Made, Is.Zero, "not before it is asked for");
            IDistributedCache cache = get(provider);
            Assert.That(get(provider), Is.SameAs(cache));
            Assert.That(IsDecorated(cache));
            Assert.That((Disposable.Made, Disposable.Disposals), Is.EqualTo((1, 0)));
        }

        Assert.That(Disposable.Disposals, Is.EqualTo(1));
    }

    private class Disposable : IDistributedCache, IDisposable
    {
        public Disposable() => Made++;

        public static int Made { get; set; }

        public static int Disposals { get; set; }

        public int Removals { get; private set; }

        public byte[]? Get(string key) => null;

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Task.FromResult<byte[]?>(null);

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
        {
        }

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => Task.CompletedTask;

        public void Refresh(string key)
        {
        }

        public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public void Remove(string key) => Removals++;

        public Task RemoveAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public void Dispose() => Disposals++;
    }

    private sealed class KnowsItsKey : Disposable
    {
        public KnowsItsKey([ServiceKey] string key) => Told = key;

        public static string? Told { get; private set; }
    }
}
