using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Cachet;

/// <summary>Adds tiers over an <see cref="IMemoryCache"/> to caches.</summary>
public static class MemoryCacheTierBuilderExtensions
{
    /// <summary>Adds a tier over the memory cache that is registered as <see cref="IMemoryCache"/> in the container that builds this cache.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="builder">The cache's builder.</param>
    /// <param name="configure">Sets its options.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>Where there is none, Build throws. Otherwise as <see cref="MemoryCache{TKey, TValue}(CacheBuilder{TKey, TValue}, IMemoryCache,
    /// Action{MemoryCacheTierOptions{TKey, TValue}})"/>.</remarks>
    /// <exception cref="ArgumentNullException">There is no builder.</exception>
    /// <exception cref="InvalidOperationException">The cache is built already.</exception>
    public static CacheBuilder<TKey, TValue> MemoryCache<TKey, TValue>(
        this CacheBuilder<TKey, TValue> builder, Action<MemoryCacheTierOptions<TKey, TValue>>? configure = null)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(builder);
        return Add(builder, null, configure);
    }

    /// <summary>Adds a tier over a memory cache that the application uses for other things too. Bounded as the memory cache is: unless that has a size
    /// limit, by lifetimes only.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="builder">The cache's builder.</param>
    /// <param name="cache">The memory cache. Cachet never disposes of it.</param>
    /// <param name="configure">Sets its options.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>
    /// <para>Keys never collide, neither with the application's own nor with those of another tier, whatever the names: every tier sees its own
    /// entries only. A clear drops those and no others, and so does disposing of the Cachet cache.</para>
    /// <para>A hit costs what the memory cache's own costs, and the key's 32 bytes. Where there is a memory cache of one's own to choose,
    /// <c>Memory()</c> is faster.</para>
    /// <para>An entry that the memory cache refuses for its size counts as inserted and then evicted. A clear gives room back only a moment later, in the
    /// background: until then a memory cache that was full goes on refusing. It drops expired entries on its own clock, shortly
    /// after they expired: one that is gone by then reads as missing, not as expired.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">There is no builder, or no memory cache.</exception>
    /// <exception cref="InvalidOperationException">The cache is built already.</exception>
    public static CacheBuilder<TKey, TValue> MemoryCache<TKey, TValue>(
        this CacheBuilder<TKey, TValue> builder, IMemoryCache cache, Action<MemoryCacheTierOptions<TKey, TValue>>? configure = null)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(cache);
        return Add(builder, cache, configure);
    }

    private static CacheBuilder<TKey, TValue> Add<TKey, TValue>(
        CacheBuilder<TKey, TValue> builder, IMemoryCache? cache, Action<MemoryCacheTierOptions<TKey, TValue>>? configure)
        where TKey : notnull
    {
        var options = new MemoryCacheTierOptions<TKey, TValue>();
        configure?.Invoke(options);
        return builder.Add(new(
            options, site => new MemoryCacheTier<TKey, TValue>(cache ?? Registered(site), options, site.Time), TierKind.MemoryCache));
    }

    private static IMemoryCache Registered(TierSite site) =>
        site.Services?.GetService<IMemoryCache>() ?? throw new InvalidOperationException(
            $"{site} has no memory cache. Register one (AddMemoryCache) in the container that AddCachet builds this cache from, or hand one in: "
            + "MemoryCache(cache).");
}
