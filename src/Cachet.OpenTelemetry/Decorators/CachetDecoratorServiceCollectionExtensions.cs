using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Gives caches that are registered already, and are not Cachet's, its telemetry.</summary>
public static class CachetDecoratorServiceCollectionExtensions
{
    private const string DistributedRemedy = "AddStackExchangeRedisCache or AddDistributedMemoryCache, say";

    /// <summary>Decorates every <see cref="IDistributedCache"/> that is registered so far without a key: every call makes a span and a measurement, and is
    /// otherwise what it was.</summary>
    /// <param name="services">Where it is registered.</param>
    /// <param name="name">What it is called in telemetry, as <c>cache.name</c>.</param>
    /// <param name="tier">The tier's name, as <c>cache.tier.name</c>, where the cache is a level of the cache <paramref name="name"/>: then its calls make
    /// tier spans and tier measurements instead of operations of their own. <see langword="null"/> where it stands alone.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>
    /// <para>The cache itself is decorated as by
    /// <see cref="InstrumentedCacheExtensions.Instrumented(IDistributedCache, string, string?)"/>. Lifetimes stay as they are, the container creates and
    /// disposes of the decorated caches as before, and calling it twice is harmless. The clock is the container's <see cref="TimeProvider"/> where one is
    /// registered.</para>
    /// <para>A consumer that looks at the concrete type of an <see cref="IDistributedCache"/> finds the decorator's. HybridCache does look: it has no use
    /// for the in-process cache of AddDistributedMemoryCache as a second level, but takes a decorated one.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">There is no collection.</exception>
    /// <exception cref="ArgumentException">A name is empty, or has a <c>:</c> or a control character.</exception>
    /// <exception cref="InvalidOperationException">There is no such registration yet, or it is decorated already under another name.</exception>
    public static IServiceCollection InstrumentDistributedCache(this IServiceCollection services, string name, string? tier = null) =>
        services.InstrumentKeyedDistributedCache(serviceKey: null, name, tier);

    /// <summary>As <see cref="InstrumentDistributedCache"/>, for those that are registered with a key.</summary>
    /// <param name="services">Where it is registered.</param>
    /// <param name="serviceKey">The key; <see langword="null"/> for those without one.</param>
    /// <param name="name">What it is called in telemetry, as <c>cache.name</c>.</param>
    /// <param name="tier">The tier's name, where the cache is a level of the cache <paramref name="name"/>.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">There is no collection.</exception>
    /// <exception cref="ArgumentException">A name is empty, or has a <c>:</c> or a control character; or the key stands for every key.</exception>
    /// <exception cref="InvalidOperationException">There is no such registration yet, or it is decorated already under another name.</exception>
    public static IServiceCollection InstrumentKeyedDistributedCache(
        this IServiceCollection services, object? serviceKey, string name, string? tier = null)
    {
        Check(services, serviceKey);
        DecoratedService<IDistributedCache>.Replace(
            services,
            serviceKey,
            new(name, tier),
            static (cache, decoration, provider) => InstrumentedDistributedCache.Of(cache, decoration, ClockOf(provider)),
            DistributedRemedy);
        return services;
    }

    /// <summary>Decorates every <see cref="HybridCache"/> that is registered so far without a key: every call makes a span and a measurement, and so does
    /// every run of a factory.</summary>
    /// <param name="services">Where it is registered.</param>
    /// <param name="name">What it is called in telemetry, as <c>cache.name</c>.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>The cache itself is decorated as by <see cref="InstrumentedCacheExtensions.Instrumented(HybridCache, string)"/>. Lifetimes stay as they are,
    /// the container creates and disposes of the decorated caches as before, and calling it twice is harmless. The clock is the container's
    /// <see cref="TimeProvider"/> where one is registered. Its second level is seen if it is decorated too, as a tier:
    /// <c>InstrumentDistributedCache(name, tier: "l2")</c>.</remarks>
    /// <exception cref="ArgumentNullException">There is no collection.</exception>
    /// <exception cref="ArgumentException">The name is empty, or has a <c>:</c> or a control character.</exception>
    /// <exception cref="InvalidOperationException">There is no such registration yet, or it is decorated already under another name.</exception>
    public static IServiceCollection InstrumentHybridCache(this IServiceCollection services, string name) =>
        services.InstrumentKeyedHybridCache(serviceKey: null, name);

    /// <summary>As <see cref="InstrumentHybridCache"/>, for those that are registered with a key.</summary>
    /// <param name="services">Where it is registered.</param>
    /// <param name="serviceKey">The key; <see langword="null"/> for those without one.</param>
    /// <param name="name">What it is called in telemetry, as <c>cache.name</c>.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">There is no collection.</exception>
    /// <exception cref="ArgumentException">The name is empty, or has a <c>:</c> or a control character; or the key stands for every key.</exception>
    /// <exception cref="InvalidOperationException">There is no such registration yet, or it is decorated already under another name.</exception>
    public static IServiceCollection InstrumentKeyedHybridCache(this IServiceCollection services, object? serviceKey, string name)
    {
        Check(services, serviceKey);
        DecoratedService<HybridCache>.Replace(
            services,
            serviceKey,
            new(name),
            static (cache, decoration, provider) => InstrumentedHybridCache.Of(cache, decoration, ClockOf(provider)),
            "AddHybridCache, say");
        return services;
    }

    /// <summary>Decorates every <see cref="IMemoryCache"/> that is registered so far without a key: every call makes a span and a measurement, and is
    /// otherwise what it was; evictions and entries are counted.</summary>
    /// <param name="services">Where it is registered.</param>
    /// <param name="name">What it is called in telemetry, as <c>cache.name</c>.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>
    /// <para>The cache itself is decorated as by <see cref="InstrumentedCacheExtensions.Instrumented(IMemoryCache, string)"/>. Lifetimes stay as they are,
    /// the container creates and disposes of the decorated caches as before, and calling it twice is harmless. The clock is the container's
    /// <see cref="TimeProvider"/> where one is registered.</para>
    /// <para>The memory cache of an application is shared by all that ask for one, of ASP.NET Core itself too: all of them are seen under the one name.
    /// A consumer that casts it to <c>MemoryCache</c>, to clear or to compact it, finds the decorator instead.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">There is no collection.</exception>
    /// <exception cref="ArgumentException">The name is empty, or has a <c>:</c> or a control character.</exception>
    /// <exception cref="InvalidOperationException">There is no such registration yet, or it is decorated already under another name.</exception>
    public static IServiceCollection InstrumentMemoryCache(this IServiceCollection services, string name) =>
        services.InstrumentKeyedMemoryCache(serviceKey: null, name);

    /// <summary>As <see cref="InstrumentMemoryCache"/>, for those that are registered with a key.</summary>
    /// <param name="services">Where it is registered.</param>
    /// <param name="serviceKey">The key; <see langword="null"/> for those without one.</param>
    /// <param name="name">What it is called in telemetry, as <c>cache.name</c>.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException">There is no collection.</exception>
    /// <exception cref="ArgumentException">The name is empty, or has a <c>:</c> or a control character; or the key stands for every key.</exception>
    /// <exception cref="InvalidOperationException">There is no such registration yet, or it is decorated already under another name.</exception>
    public static IServiceCollection InstrumentKeyedMemoryCache(this IServiceCollection services, object? serviceKey, string name)
    {
        Check(services, serviceKey);
        DecoratedService<IMemoryCache>.Replace(
            services,
            serviceKey,
            new(name),
            static (cache, decoration, provider) => InstrumentedMemoryCache.Of(cache, decoration, ClockOf(provider), provider),
            "AddMemoryCache, say");
        return services;
    }

    private static void Check(IServiceCollection services, object? serviceKey)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (serviceKey is null || !ReferenceEquals(serviceKey, KeyedService.AnyKey)) return;
        throw new ArgumentException("What is registered for any key has no key of its own to be decorated under. Name the key.", nameof(serviceKey));
    }

    private static TimeProvider ClockOf(IServiceProvider? provider) => provider?.GetService<TimeProvider>() ?? TimeProvider.System;
}
