using Cachet;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers caches.</summary>
public static class CachetServiceCollectionExtensions
{
    /// <summary>Registers a cache as a singleton: an <see cref="ICache{TKey, TValue}"/> keyed by its name, and, while it is the only one of its
    /// type, without a key too.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="services">Where to register it.</param>
    /// <param name="name">The cache's name.</param>
    /// <param name="configure">Adds tiers and whatever else it needs. Runs once, when the cache is built.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>
    /// <para>The cache is built when it is first asked for, or else when the host starts: a host with a cache that makes no sense does not start,
    /// but throws an <c>OptionsValidationException</c> that says what is wrong with every such cache. No tier is asked for anything then: a store
    /// that is down stops no host.</para>
    /// <para>The clock is the container's <see cref="TimeProvider"/> where one is registered. Event handlers are those that the builder is given,
    /// never ones that are merely registered. The container disposes of the cache, before the stores and whatever else the cache was built from;
    /// a cache that nobody asked for is not built for that.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">An argument is missing.</exception>
    /// <exception cref="ArgumentException">The name is empty, has a <c>:</c> or a control character, or is taken by another cache.</exception>
    public static IServiceCollection AddCachet<TKey, TValue>(
        this IServiceCollection services, string name, Action<CacheBuilder<TKey, TValue>> configure)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddCachet<TKey, TValue>(name, (_, builder) => configure(builder));
    }

    /// <summary>As <see cref="AddCachet{TKey, TValue}(IServiceCollection, string, Action{CacheBuilder{TKey, TValue}})"/>, with a cache that
    /// configuration alone describes.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="services">Where to register it.</param>
    /// <param name="name">The cache's name.</param>
    /// <param name="section">The cache's own section: see <see cref="CacheBuilder{TKey, TValue}.Configuration"/>, which adds the same to a cache that
    /// code describes.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is missing.</exception>
    /// <exception cref="ArgumentException">The name is empty, has a <c>:</c> or a control character, or is taken by another cache.</exception>
    public static IServiceCollection AddCachet<TKey, TValue>(this IServiceCollection services, string name, IConfigurationSection section)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(section);
        return services.AddCachet<TKey, TValue>(name, (_, builder) => builder.Configuration(section));
    }

    /// <summary>As <see cref="AddCachet{TKey, TValue}(IServiceCollection, string, Action{CacheBuilder{TKey, TValue}})"/>, with the container at
    /// hand, for handlers and stores that are registered in it.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="services">Where to register it.</param>
    /// <param name="name">The cache's name.</param>
    /// <param name="configure">Adds tiers and whatever else it needs. Runs once, when the cache is built.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is missing.</exception>
    /// <exception cref="ArgumentException">The name is empty, has a <c>:</c> or a control character, or is taken by another cache.</exception>
    public static IServiceCollection AddCachet<TKey, TValue>(
        this IServiceCollection services, string name, Action<IServiceProvider, CacheBuilder<TKey, TValue>> configure)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        CacheNames.Check(name, nameof(name));
        RegisteredCaches caches = RegisteredCaches.In(services);
        caches.Add<TKey, TValue>(name);

        services.AddKeyedSingleton<ICache<TKey, TValue>>(name, (provider, _) =>
        {
            var builder = new CacheBuilder<TKey, TValue>(name, provider);
            configure(provider, builder);
            return builder.BuildCache();
        });
        services.TryAddSingleton(provider =>
            provider.GetRequiredKeyedService<ICache<TKey, TValue>>(caches.OnlyOne(typeof(ICache<TKey, TValue>))));
        return services;
    }
}
