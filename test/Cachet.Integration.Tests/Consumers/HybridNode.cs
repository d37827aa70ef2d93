using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace CachetTests.Consumers;

/// <summary>A process with .NET's HybridCache, instrumented as <c>products</c>, over the shared server.</summary>
internal sealed class HybridNode : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private HybridNode(ServiceProvider services)
    {
        _services = services;
        Cache = services.GetRequiredService<HybridCache>();
    }

    public HybridCache Cache { get; }

    /// <summary>Starts one, and forgets the telemetry of its start: a HybridCache asks its second level at once whether everything was invalidated.</summary>
    public static async Task<HybridNode> StartAsync(SecondLevel secondLevel, Telemetry telemetry)
    {
        var services = new ServiceCollection();
        services.AddSharedRedis();
        if (secondLevel != SecondLevel.DecoratedRedis) services.AddCachetDistributedCache("second-level", static o => o.LocalTimeToLive = TimeSpan.Zero);
        if (secondLevel != SecondLevel.Face) services.InstrumentDistributedCache("products", tier: "l2");
        services.AddHybridCache();
        services.InstrumentHybridCache("products");

        var node = new HybridNode(services.BuildServiceProvider());
        await (secondLevel switch
        {
            SecondLevel.DecoratedRedis => telemetry.EndedAsync("cache.tier get l2"),
            SecondLevel.Face => telemetry.EndedAsync("cache.get second-level"),
            _ => telemetry.EndedAsync("cache.tier get l2", count: 2), // That of the HybridCache, and the second level's own.
        });
        telemetry.Take();
        return node;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
