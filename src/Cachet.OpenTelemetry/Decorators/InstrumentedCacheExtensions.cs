using Microsoft.Extensions.Caching.Distributed;

namespace Cachet;

/// <summary>Gives caches that are not Cachet's its telemetry, where there is no container. In one, <c>services.InstrumentDistributedCache(…)</c> and its
/// like do it.</summary>
public static class InstrumentedCacheExtensions
{
    /// <summary>Decorates a distributed cache: every call makes a span and a measurement, and is otherwise what it was.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="name">What it is called in telemetry, as <c>cache.name</c>.</param>
    /// <param name="tier">The tier's name, as <c>cache.tier.name</c>, where the cache is a level of the cache <paramref name="name"/>: then its calls make
    /// tier spans and tier measurements instead of operations of their own. <see langword="null"/> where it stands alone.</param>
    /// <returns>The decorated cache; <paramref name="cache"/> itself if it is decorated under that name already. It reads and writes the caller's buffers
    /// (<see cref="IBufferDistributedCache"/>) if <paramref name="cache"/> does.</returns>
    /// <remarks>
    /// <para>Results, exceptions, cancellation, and what is synchronous stay as they are. Whoever made <paramref name="cache"/> disposes of it, as before:
    /// the decorated cache is not disposable.</para>
    /// <para>A get is a <c>cache.get</c> and came to a hit or a miss, a set is a <c>cache.insert</c>, a remove a <c>cache.invalidate</c>, and a refresh a
    /// <c>cache.refresh</c>. While nobody listens, nothing is recorded, and a call costs a few field reads more.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">There is no cache.</exception>
    /// <exception cref="ArgumentException">A name is empty, or has a <c>:</c> or a control character.</exception>
    /// <exception cref="InvalidOperationException">The cache is decorated already, under another name.</exception>
    public static IDistributedCache Instrumented(this IDistributedCache cache, string name, string? tier = null)
    {
        ArgumentNullException.ThrowIfNull(cache);
        return InstrumentedDistributedCache.Of(cache, new(name, tier), TimeProvider.System);
    }
}
