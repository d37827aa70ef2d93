using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace CachetTests;

/// <summary>A hybrid cache for every test, in the form that the run asks for.</summary>
[CancelAfter(30_000)]
public abstract class HybridCacheFixture(Form form)
{
    private protected static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private protected static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly List<ServiceProvider> _nodes = [];

    private Listeners? _listeners;

    private protected StoppedClock Clock { get; private set; } = null!;

    /// <summary>What the data behind the cache is.</summary>
    private protected Source Source { get; private set; } = null!;

    /// <summary>A cache as it comes.</summary>
    private protected HybridCache Cache { get; private set; } = null!;

    [OneTimeSetUp]
    public void Listen() => _listeners = Listeners.For(form);

    [OneTimeTearDown]
    public void Leave() => _listeners?.Dispose();

    [SetUp]
    public void Open()
    {
        Clock = new();
        Source = new();
        Cache = Node();
    }

    [TearDown]
    public async Task CloseAsync()
    {
        foreach (ServiceProvider node in _nodes) await node.DisposeAsync();
        _nodes.Clear();
    }

    /// <summary>One more cache: that of another process, say.</summary>
    private protected HybridCache Node(HybridSetup? setup = null)
    {
        setup = Complete(setup ?? new());
        var services = new ServiceCollection();
        services.AddLogging().AddSingleton<TimeProvider>(Clock).AddMemoryCache(o => o.Clock = Clock);
        if (setup.SecondLevel is { } secondLevel) services.AddSingleton(secondLevel);
        setup.Services(services);
        Register(services, setup);
        if (form is not Form.Bare) services.InstrumentHybridCache("conformance");
        if (form is not Form.Bare && setup.SecondLevel is SecondLevel) services.InstrumentDistributedCache("conformance", tier: "l2");
        ServiceProvider node = services.BuildServiceProvider();
        _nodes.Add(node);
        return node.GetRequiredService<HybridCache>();
    }

    /// <summary>Registers the implementation.</summary>
    private protected abstract void Register(IServiceCollection services, HybridSetup setup);

    private protected virtual HybridSetup Complete(HybridSetup setup) => setup;

    /// <summary>What the cache gives for a key: the source's next value, if it has nothing.</summary>
    private protected ValueTask<string> GetAsync(
        string key, HybridCacheEntryOptions? options = null, HybridCache? node = null, params IEnumerable<string> tags) =>
        (node ?? Cache).GetOrCreateAsync(key, Source.NextAsync, options, tags);
}
