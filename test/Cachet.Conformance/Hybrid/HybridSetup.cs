using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace CachetTests;

/// <summary>How a fact wants its cache.</summary>
internal sealed record HybridSetup
{
    /// <summary>In a suite with two levels: <see langword="null"/> for the one that all caches of the test share.</summary>
    public IDistributedCache? SecondLevel { get; init; }

    /// <summary>What counts where a call says nothing.</summary>
    public HybridCacheEntryOptions? Defaults { get; init; }

    /// <summary>The largest value that is stored, in bytes.</summary>
    public long? MaximumPayloadBytes { get; init; }

    /// <summary>What else is registered.</summary>
    public Action<IServiceCollection> Services { get; init; } = static _ => { };
}
