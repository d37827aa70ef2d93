using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Distributed;

namespace Cachet;

/// <summary>How long an entry lives, as the options of a distributed cache have it.</summary>
/// <param name="Sliding">For how long it may go unread; <see langword="null"/> for ever.</param>
/// <param name="Limit">What it never outlives; not set for none.</param>
internal readonly record struct FaceLife(TimeSpan? Sliding, Life Limit)
{
    /// <summary>Reads options. Of two absolute expirations the earlier counts; <see cref="TimeSpan.MaxValue"/> is never.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The absolute expiration is not in the future.</exception>
    [SuppressMessage("Usage", "CA2208", Justification = "The caller sees which of the options it is.")]
    public static FaceLife Of(DistributedCacheEntryOptions options, TimeProvider time)
    {
        long now = time.GetUtcNow().UtcTicks;
        long limit = long.MaxValue;
        if (options.AbsoluteExpiration is { } at)
        {
            limit = at.UtcTicks > now ? at.UtcTicks : throw new ArgumentOutOfRangeException(
                nameof(options.AbsoluteExpiration), at, "An absolute expiration has to be in the future.");
        }

        if (options.AbsoluteExpirationRelativeToNow is { } left && left.Ticks < limit - now) limit = now + left.Ticks;
        TimeSpan? sliding = options.SlidingExpiration == TimeSpan.MaxValue ? null : options.SlidingExpiration;
        return new(sliding, limit == long.MaxValue ? default : Life.Until(now, limit));
    }
}
