using Microsoft.Extensions.Caching.Hybrid;

namespace CachetTests;

/// <summary>Options of entries of hybrid caches.</summary>
internal static class Entries
{
    /// <summary>Nothing is looked up.</summary>
    public static HybridCacheEntryOptions Unread { get; } =
        With(HybridCacheEntryFlags.DisableLocalCacheRead | HybridCacheEntryFlags.DisableDistributedCacheRead);

    /// <summary>Nothing is stored.</summary>
    public static HybridCacheEntryOptions Unwritten { get; } =
        With(HybridCacheEntryFlags.DisableLocalCacheWrite | HybridCacheEntryFlags.DisableDistributedCacheWrite);

    /// <summary>Neither.</summary>
    public static HybridCacheEntryOptions Uncached { get; } =
        With(HybridCacheEntryFlags.DisableLocalCache | HybridCacheEntryFlags.DisableDistributedCache);

    /// <summary>No factory is run.</summary>
    public static HybridCacheEntryOptions CachedOnly { get; } = With(HybridCacheEntryFlags.DisableUnderlyingData);

    /// <summary>The first level alone.</summary>
    public static HybridCacheEntryOptions LocalOnly { get; } = With(HybridCacheEntryFlags.DisableDistributedCache);

    public static HybridCacheEntryOptions With(HybridCacheEntryFlags flags) => new() { Flags = flags };

    public static HybridCacheEntryOptions For(TimeSpan life, TimeSpan? locally = null) => new() { Expiration = life, LocalCacheExpiration = locally };
}
