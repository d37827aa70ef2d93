using System.Text.RegularExpressions;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;

namespace CachetTests.Decorators;

/// <summary>.NET's HybridCache, decorated as <c>products</c>, over a second level that is decorated as its tier <c>l2</c>; made anew for each test.</summary>
[CancelAfter(60_000)]
public abstract partial class HybridFixture
{
    private protected TickingClock Clock { get; } = new();

    private protected TraceRecorder Trace { get; private set; } = null!;

    private protected MetricRecorder Metrics { get; private set; } = null!;

    private protected HybridStore Store { get; private set; } = null!;

    private protected HybridCache Products { get; private set; } = null!;

    /// <summary>The spans, the sizes of what HybridCache makes of values put as N.</summary>
    private protected string Text => Sizes().Replace(Trace.Text, "cache.entry.size=N");

    [SetUp]
    public void SetUp()
    {
        Trace = new();
        Metrics = new();
        Store = new(Trace.Source);
        Products = Build();
        Trace.EndedAsync("cache.tier get l2").Wait(); // It asks its second level when it is made.
        Trace.Forget();
        Metrics.Forget();
    }

    [TearDown]
    public void TearDown()
    {
        Metrics.Dispose();
        Trace.Dispose();
    }

    /// <summary>Records anew, by other options.</summary>
    private protected void Retrace(Action<CachetTraceOptions> configure)
    {
        Trace.Dispose();
        Trace = new(b => b.AddCachetInstrumentation(configure));
    }

    /// <summary>Builds a decorated HybridCache.</summary>
    /// <param name="store">Its second level; <see langword="null"/> for the decorated store.</param>
    private protected HybridCache Build(IDistributedCache? store = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton<IDistributedCache>(_ => store ?? Store);
        if (store is null) services.InstrumentDistributedCache("products", tier: "l2");
        services.AddHybridCache();
        services.InstrumentHybridCache("products");
        return services.BuildServiceProvider().GetRequiredService<HybridCache>();
    }

    [GeneratedRegex(@"cache\.entry\.size=\d+")]
    private static partial Regex Sizes();
}
