using Microsoft.Extensions.Caching.Distributed;

namespace Cachet;

/// <summary>Where caches begin.</summary>
public static class Cache
{
    /// <summary>Begins a cache.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="name">Its name, <c>cache.name</c> in all telemetry, and by default the first part of its keys in a distributed store.</param>
    /// <returns>The builder; add tiers in the order in which they are to be asked.</returns>
    /// <exception cref="ArgumentException">The name is empty, or has a <c>:</c> or a control character.</exception>
    public static CacheBuilder<TKey, TValue> Builder<TKey, TValue>(string name)
        where TKey : notnull => new(name);

    /// <summary>Begins a cache without a name of its own: it is called after its types, such as <c>Product by String</c>.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <returns>The builder.</returns>
    /// <remarks>Two of the same types have the same name, and are counted as one in metrics. A distributed tier of such a cache needs a
    /// <see cref="DistributedTierOptions{TKey, TValue}.KeyPrefix"/>, so that no two share keys by accident.</remarks>
    public static CacheBuilder<TKey, TValue> Builder<TKey, TValue>()
        where TKey : notnull => new(CacheNames.After(typeof(TKey), typeof(TValue))) { IsUnnamed = true };

    /// <summary>Builds a cache of bytes and shows it as a distributed cache, for libraries that ask for one, with the telemetry of a cache.</summary>
    /// <param name="name">Its name, <c>cache.name</c> in all telemetry, and by default the first part of its keys in the store.</param>
    /// <param name="configure">Sets its options, the store above all.</param>
    /// <returns>The cache. It can be disposed of; what was handed in never is.</returns>
    /// <remarks>
    /// <para>Entries with an absolute expiration, or with none, may be answered from memory for
    /// <see cref="CachetDistributedCacheOptions.LocalTimeToLive"/> at most. Those with a sliding expiration never are: the store is asked each
    /// time, and prolongs their life.</para>
    /// <para>Synchronous methods call the store's synchronous methods, and never wait for asynchronous work. What the store throws reaches the
    /// caller.</para>
    /// </remarks>
    /// <exception cref="ArgumentException">The name is empty, or has a <c>:</c> or a control character; or an option makes no sense.</exception>
    public static IBufferDistributedCache DistributedCache(string name, Action<CachetDistributedCacheOptions>? configure = null) =>
        FaceBuilder.Build(name, configure);
}
