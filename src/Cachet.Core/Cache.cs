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
}
