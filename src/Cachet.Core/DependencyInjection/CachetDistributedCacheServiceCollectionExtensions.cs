using Cachet;
using Microsoft.Extensions.Caching.Distributed;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers caches that are shown as distributed caches.</summary>
public static class CachetDistributedCacheServiceCollectionExtensions
{
    /// <summary>Registers a cache of bytes as the container's <see cref="IDistributedCache"/> and <see cref="IBufferDistributedCache"/>: for sessions, token
    /// caches, the distributed cache tag helper, and whatever else asks for one.</summary>
    /// <param name="services">Where to register it.</param>
    /// <param name="name">The cache's name.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>
    /// <para>It takes over the <see cref="IDistributedCache"/> that was registered before, by <c>AddStackExchangeRedisCache</c> say, as its store: what asks for
    /// a distributed cache gets this one, and this one asks the store. The container still creates the store and disposes of it. Where none was registered, and
    /// the options name none, entries live in this process's memory alone. A store that is registered afterwards takes this cache's place instead.</para>
    /// <para>The cache is built when it is first asked for, or else when the host starts, as <c>AddCachet</c> has it: a host with options that make no sense does
    /// not start. Its behaviour is that of <see cref="Cache.DistributedCache"/>.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">An argument is missing.</exception>
    /// <exception cref="ArgumentException">The name is empty, has a <c>:</c> or a control character, or is taken by another cache.</exception>
    /// <exception cref="InvalidOperationException">The container has such a cache already, or a distributed cache for each scope.</exception>
    public static IServiceCollection AddCachetDistributedCache(this IServiceCollection services, string name) =>
        services.AddCachetDistributedCache(name, static (_, _) => { });

    /// <summary>As <see cref="AddCachetDistributedCache(IServiceCollection, string)"/>, with options.</summary>
    /// <param name="services">Where to register it.</param>
    /// <param name="name">The cache's name.</param>
    /// <param name="configure">Sets its options. Runs once, when the cache is built.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is missing.</exception>
    /// <exception cref="ArgumentException">The name is empty, has a <c>:</c> or a control character, or is taken by another cache.</exception>
    /// <exception cref="InvalidOperationException">The container has such a cache already, or a distributed cache for each scope.</exception>
    public static IServiceCollection AddCachetDistributedCache(
        this IServiceCollection services, string name, Action<CachetDistributedCacheOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddCachetDistributedCache(name, (_, options) => configure(options));
    }

    /// <summary>As <see cref="AddCachetDistributedCache(IServiceCollection, string, Action{CachetDistributedCacheOptions})"/>, with the container at hand, for
    /// handlers and stores that are registered in it.</summary>
    /// <param name="services">Where to register it.</param>
    /// <param name="name">The cache's name.</param>
    /// <param name="configure">Sets its options. Runs once, when the cache is built.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is missing.</exception>
    /// <exception cref="ArgumentException">The name is empty, has a <c>:</c> or a control character, or is taken by another cache.</exception>
    /// <exception cref="InvalidOperationException">The container has such a cache already, or a distributed cache for each scope.</exception>
    public static IServiceCollection AddCachetDistributedCache(
        this IServiceCollection services, string name, Action<IServiceProvider, CachetDistributedCacheOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        CacheNames.Check(name, nameof(name));
        if (services.Any(static s => s.ServiceType == typeof(DistributedFace)))
        {
            throw new InvalidOperationException(
                $"The container has a distributed cache of Cachet's already, and '{name}' would be a second one: what asks for a distributed cache gets one only.");
        }

        RegisteredCaches.In(services).Add(name, typeof(IDistributedCache), static provider => provider.GetService<DistributedFace>());
        var store = TakenOverStore.In(services);
        services.AddSingleton(provider => FaceBuilder.Build(
            name, options => configure(provider, options), store is null ? null : () => store.Get(provider), provider));
        services.AddSingleton<IDistributedCache>(static provider => provider.GetRequiredService<DistributedFace>());
        services.AddSingleton<IBufferDistributedCache>(static provider => provider.GetRequiredService<DistributedFace>());
        return services;
    }
}
