using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Cachet;

/// <summary>Adds distributed tiers to caches.</summary>
public static class DistributedTierBuilderExtensions
{
    /// <summary>Adds a tier over the store that is registered as <see cref="IDistributedCache"/> in the container that builds this cache.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="builder">The cache's builder.</param>
    /// <param name="configure">Sets its options.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>Where there is none, Build throws.</remarks>
    /// <exception cref="ArgumentNullException">There is no builder.</exception>
    /// <exception cref="InvalidOperationException">The cache is built already.</exception>
    public static CacheBuilder<TKey, TValue> Distributed<TKey, TValue>(
        this CacheBuilder<TKey, TValue> builder, Action<DistributedTierOptions<TKey, TValue>>? configure = null)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(builder);
        return Add(builder, null, configure);
    }

    /// <summary>Adds a tier over a store that several processes may share.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="builder">The cache's builder.</param>
    /// <param name="store">The store. Cachet never disposes of it.</param>
    /// <param name="configure">Sets its options.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">There is no builder, or no store.</exception>
    /// <exception cref="InvalidOperationException">The cache is built already.</exception>
    public static CacheBuilder<TKey, TValue> Distributed<TKey, TValue>(
        this CacheBuilder<TKey, TValue> builder, IDistributedCache store, Action<DistributedTierOptions<TKey, TValue>>? configure = null)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(store);
        return Add(builder, store, configure);
    }

    private static CacheBuilder<TKey, TValue> Add<TKey, TValue>(
        CacheBuilder<TKey, TValue> builder, IDistributedCache? store, Action<DistributedTierOptions<TKey, TValue>>? configure)
        where TKey : notnull
    {
        var options = new DistributedTierOptions<TKey, TValue>();
        configure?.Invoke(options);
        return builder.Add(new(options, site => Tier(store ?? RegisteredStore(site), options, site), TierKind.Distributed));
    }

    private static DistributedTier<TKey, TValue> Tier<TKey, TValue>(
        IDistributedCache store, DistributedTierOptions<TKey, TValue> options, TierSite site)
        where TKey : notnull
    {
        Func<string, TKey, string> composeKey = (options.KeyEncoder is { } encoder ? Composing(encoder) : KeyEncoders.For<TKey>())
            ?? throw new InvalidOperationException(
                $"{site} cannot turn keys of type {typeof(TKey)} into text. Strings, numbers, Guids, enums, dates and times need no help, nor do types "
                + "of your own that implement ISpanFormattable. For others set the tier's KeyEncoder, which gives every key a text of its own.");
        IHybridCacheSerializer<TValue> serializer = options.Serializer ?? (options.JsonTypeInfo is { } type
            ? new JsonValueSerializer<TValue>(type)
            : JsonValueSerializer<TValue>.Create(options.JsonSerializerOptions, site.ToString()));
        long limit = Math.Min(options.MaximumPayloadBytes, Array.MaxLength) + EntryEnvelope<TValue>.HeaderSize;
        var payloads = PayloadStore.Over(store, ArrayPool<byte>.Shared);
        return new(payloads, options.KeyPrefix ?? PrefixOf(site), composeKey, new(serializer), limit, options.GenerationCheck, site.Time);
    }

    private static Func<string, TKey, string> Composing<TKey>(Func<TKey, string> encoder) => (prefix, key) => string.Concat(
        prefix, encoder(key) ?? throw new InvalidOperationException("The tier's KeyEncoder gave null. It has to give every key a text of its own."));

    private static string PrefixOf(TierSite site) => !site.IsUnnamed
        ? $"{site.Cache}:"
        : throw new InvalidOperationException(
            $"{site} would share its keys with any other cache of the same types, since the cache has no name of its own. Give it one, "
            + "Cache.Builder<…>(\"products\") say, or set the tier's KeyPrefix.");

    private static IDistributedCache RegisteredStore(TierSite site) =>
        site.Services?.GetService<IDistributedCache>() ?? throw new InvalidOperationException(
            $"{site} has no store. Register an IDistributedCache (AddStackExchangeRedisCache, AddDistributedMemoryCache …) "
            + "in the container that AddCachet builds this cache from, or hand one in: Distributed(store).");
}
