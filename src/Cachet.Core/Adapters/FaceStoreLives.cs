using Microsoft.Extensions.Caching.Distributed;

namespace Cachet;

/// <summary>For how long the store of a distributed cache is told to keep entries: it prolongs the sliding ones itself, up to their limit.</summary>
internal sealed class FaceStoreLives(TimeProvider time) : StoreLives<FacePayload>(time)
{
    public override DistributedCacheEntryOptions Of(CacheEntry<FacePayload> entry)
    {
        TimeSpan? left = Left(entry);
        TimeSpan? sliding = entry.Value.Sliding is { } idle ? WholeSeconds(idle.Ticks) : null;
        return left is null && sliding is null
            ? ForEver
            : new() { AbsoluteExpirationRelativeToNow = Inclusive(left), SlidingExpiration = Inclusive(sliding) };
    }

    // Exactly at its limit an entry is alive, which the memory store of the framework denies. Redis, which keeps whole seconds, never sees the tick.
    private static TimeSpan? Inclusive(TimeSpan? time) => time + new TimeSpan(1);
}
