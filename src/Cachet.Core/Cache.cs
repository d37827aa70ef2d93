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
}
