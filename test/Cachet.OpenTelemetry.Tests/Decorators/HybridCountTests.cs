using Cachet;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace CachetTests.Decorators;

/// <summary>How many factories run, and where decorated HybridCaches come from.</summary>
[CancelAfter(60_000)]
public sealed class HybridCountTests
{
    private readonly string _name = $"counted-{Guid.NewGuid():N}"; // Caches of other tests may still be alive.
    private readonly ServiceCollection _services = new();
    private MetricRecorder _metrics = null!;

    [SetUp]
    public void SetUp() => _metrics = new();

    [TearDown]
    public void TearDown() => _metrics.Dispose();

    [Test]
    public async Task LoadActive_FactoriesRunning_CountsThemUntilTheyEnd()
    {
        HybridCache cache = new ScriptedHybridCache().Instrumented(_name);
        Gate one = new(), other = new();
        Task<int> first = cache.GetOrCreateAsync("a", Held(one)).AsTask(), second = cache.GetOrCreateAsync("b", Held(other)).AsTask();
        Assert.That(_metrics.Points("cache.load.active", _name), Is.EqualTo(["2 {load} cache.name=NAME"]));
        one.Open();
        await first;
        Assert.That(_metrics.Points("cache.load.active", _name), Is.EqualTo(["1 {load} cache.name=NAME"]));
        other.Open();
        await Assert.ThatAsync(() => second, Throws.InstanceOf<IOException>());
        Assert.That(_metrics.Points("cache.load.active", _name), Is.EqualTo(["0 {load} cache.name=NAME"]));

        Func<CancellationToken, ValueTask<int>> Held(Gate gate) => async token =>
        {
            await gate.PassAsync(token);
            return gate == other ? throw new IOException() : 1;
        };
    }

    [Test]
    public void AddHybridCache_Decorated_IsOneAndTheSame()
    {
        _services.AddHybridCache();
        _services.InstrumentHybridCache(_name).InstrumentHybridCache(_name).AddHybridCache();
        using ServiceProvider provider = _services.BuildServiceProvider();
        HybridCache cache = provider.GetRequiredService<HybridCache>();
        Assert.That(provider.GetServices<HybridCache>(), Is.EqualTo([cache]));
        Assert.That(cache.Instrumented(_name), Is.SameAs(cache));
        Assert.That(() => cache.Instrumented("other"), Throws.InvalidOperationException.With.Message.Contains($"as '{_name}'"));
        Assert.That(() => _services.InstrumentHybridCache("other"), Throws.InvalidOperationException);
    }

    [Test]
    public async Task Keyed_Registration_IsTheOnlyOneDecorated()
    {
        ScriptedHybridCache keyed = new(), plain = new();
        _services.AddKeyedSingleton<HybridCache>("a", keyed).AddSingleton<HybridCache>(plain).InstrumentKeyedHybridCache("a", _name);
        await using ServiceProvider provider = _services.BuildServiceProvider();
        Assert.That(provider.GetRequiredService<HybridCache>(), Is.SameAs(plain));
        await provider.GetRequiredKeyedService<HybridCache>("a").RemoveAsync("k");
        Assert.That((keyed.Calls.Count, plain.Calls.Count), Is.EqualTo((1, 0)));
    }

    [Test]
    public void Arguments_ThatMakeNoSense_AreRefused()
    {
        Assert.That(
            () => _services.InstrumentHybridCache(_name),
            Throws.InvalidOperationException.With.Message.EqualTo(
                "There is no HybridCache to instrument in this container yet. Register it first, with AddHybridCache, say; then instrument it."));
        Assert.That(() => new ScriptedHybridCache().Instrumented("a:b"), Throws.ArgumentException);
        Assert.That(() => ((HybridCache)null!).Instrumented(_name), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("cache"));
        Assert.That(
            () => ((IServiceCollection)null!).InstrumentHybridCache(_name), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("services"));
        Assert.That(() => _services.InstrumentKeyedHybridCache(KeyedService.AnyKey, _name), Throws.ArgumentException);
    }
}
