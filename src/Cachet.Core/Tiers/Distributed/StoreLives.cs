using Microsoft.Extensions.Caching.Distributed;

namespace Cachet;

/// <summary>For how long a store is told to keep entries: what is left of their lives, rounded up to whole seconds, which is what Redis keeps.</summary>
internal class StoreLives<TValue>(TimeProvider time)
{
    protected static readonly DistributedCacheEntryOptions ForEver = new();

    public virtual DistributedCacheEntryOptions Of(CacheEntry<TValue> entry) =>
        Left(entry) is { } left ? new() { AbsoluteExpirationRelativeToNow = left } : ForEver;

    /// <summary>What is left of an entry's life; <see langword="null"/> for ever.</summary>
    protected TimeSpan? Left(CacheEntry<TValue> entry) => WholeSeconds(entry.Life.Left(time.GetUtcNow().UtcTicks));

    /// <summary>A time in whole seconds, one at least; <see langword="null"/> for ever.</summary>
    protected static TimeSpan? WholeSeconds(long ticks)
    {
        // A store adds it to its own clock: a thousand years on that is for ever.
        const long MostSeconds = 1_000L * 365 * 24 * 60 * 60;
        if (ticks > MostSeconds * TimeSpan.TicksPerSecond) return null;
        return TimeSpan.FromSeconds(Math.Max(1, (ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond));
    }
}
