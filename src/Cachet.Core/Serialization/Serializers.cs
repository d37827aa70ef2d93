using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Cachet;

/// <summary>Which serializer a distributed tier uses.</summary>
internal static class Serializers
{
    /// <summary>The one that was set; else one that is registered for HybridCache (for the type, then the last factory that takes it); else JSON.</summary>
    public static IHybridCacheSerializer<TValue> Choose<TKey, TValue>(
        DistributedTierOptions<TKey, TValue> options, IServiceProvider? services, string cache, string tier)
        where TKey : notnull
    {
        if (options.Serializer is { } given) return given;
        if (options.JsonTypeInfo is { } type) return new JsonValueSerializer<TValue>(type);
        if (options.JsonSerializerOptions is null && services is not null && Registered<TValue>(services) is { } registered) return registered;
        return JsonValueSerializer<TValue>.Create(options.JsonSerializerOptions, cache, tier);
    }

    private static IHybridCacheSerializer<TValue>? Registered<TValue>(IServiceProvider services)
    {
        if (services.GetService<IHybridCacheSerializer<TValue>>() is { } exact) return exact;
        foreach (IHybridCacheSerializerFactory factory in services.GetServices<IHybridCacheSerializerFactory>().Reverse())
        {
            if (factory.TryCreateSerializer(out IHybridCacheSerializer<TValue>? made)) return made;
        }

        return null;
    }
}
