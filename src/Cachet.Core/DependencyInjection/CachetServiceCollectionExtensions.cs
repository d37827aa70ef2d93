using Cachet;
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
    /// <param name="configure">Adds tiers and whatever else it needs. Runs when the cache is first asked for.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>The clock is the container's <see cref="TimeProvider"/> where one is registered. The container disposes of the cache.</remarks>
    /// <exception cref="ArgumentNullException">An argument is missing.</exception>
    /// <exception cref="ArgumentException">The name is empty, has a <c>:</c> or a control character, or is taken by another cache.</exception>
    public static IServiceCollection AddCachet<TKey, TValue>(
        this IServiceCollection services, string name, Action<CacheBuilder<TKey, TValue>> configure)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddCachet<TKey, TValue>(name, (_, builder) => configure(builder));
    }

    /// <summary>As <see cref="AddCachet{TKey, TValue}(IServiceCollection, string, Action{CacheBuilder{TKey, TValue}})"/>, with the container at
    /// hand, for handlers and stores that are registered in it.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="services">Where to register it.</param>
    /// <param name="name">The cache's name.</param>
    /// <param name="configure">Adds tiers and whatever else it needs. Runs when the cache is first asked for.</param>
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
        caches.Add(name, typeof(ICache<TKey, TValue>));

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

    /// <summary>The names that are taken in one container.</summary>
    private sealed class RegisteredCaches
    {
        private readonly Dictionary<string, Type> _typeByName = new(StringComparer.Ordinal);

        public static RegisteredCaches In(IServiceCollection services)
        {
            foreach (ServiceDescriptor service in services)
            {
                if (!service.IsKeyedService && service.ImplementationInstance is RegisteredCaches there) return there;
            }

            var caches = new RegisteredCaches();
            services.AddSingleton(caches);
            return caches;
        }

        public void Add(string name, Type type)
        {
            if (_typeByName.TryAdd(name, type)) return;
            throw new ArgumentException($"There is a cache named '{name}' in this container already. Give each a name of its own.", nameof(name));
        }

        public string OnlyOne(Type type)
        {
            string[] names = [.. _typeByName.Where(c => c.Value == type).Select(static c => c.Key)];
            return names.Length == 1 ? names[0] : throw new InvalidOperationException(
                $"There are several caches of type {type}: {string.Join(", ", names)}. Ask for one by name, with [FromKeyedServices(\"{names[0]}\")] or "
                + "GetRequiredKeyedService.");
        }
    }
}
