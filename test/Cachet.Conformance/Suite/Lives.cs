using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests;

/// <summary>Options of entries.</summary>
internal static class Lives
{
    public static DistributedCacheEntryOptions ForEver => new();

    public static DistributedCacheEntryOptions For(TimeSpan life) => new() { AbsoluteExpirationRelativeToNow = life };

    public static DistributedCacheEntryOptions Until(DateTimeOffset end) => new() { AbsoluteExpiration = end };

    public static DistributedCacheEntryOptions Idle(TimeSpan life, TimeSpan? atMost = null) =>
        new() { SlidingExpiration = life, AbsoluteExpirationRelativeToNow = atMost };
}
