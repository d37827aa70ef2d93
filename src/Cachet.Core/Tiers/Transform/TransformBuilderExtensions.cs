using System.Diagnostics.CodeAnalysis;

namespace Cachet;

/// <summary>Puts a boundary in front of tiers, behind which they hold other types than the cache.</summary>
public static class TransformBuilderExtensions
{
    /// <summary>Adds tiers that hold other keys and other values than the cache: encrypted or compressed ones, say, or what an existing tier has.</summary>
    /// <typeparam name="TKey">The type of the cache's keys.</typeparam>
    /// <typeparam name="TValue">The type of the cache's values.</typeparam>
    /// <typeparam name="TStoreKey">The type of the keys behind the boundary.</typeparam>
    /// <typeparam name="TStoreValue">The type of the values behind the boundary.</typeparam>
    /// <param name="builder">The cache's builder.</param>
    /// <param name="keyEncoder">Turns a key into what the tiers know it by. Two different keys must never give the same one, and equal keys must give
    /// equal ones. An exception is a failure of that tier's call.</param>
    /// <param name="valueCodec">Turns values into what is stored, and back.</param>
    /// <param name="tiers">Adds the tiers, at least one, in order, with their options; another Transform counts. Everything else is called on
    /// <paramref name="builder"/> itself.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>Each tier is one of the cache's own, with its place in the numbering (<c>l1</c>, <c>l2</c> …), its lifetimes, events and telemetry, as if
    /// it stood there without a boundary; an entry keeps when it was cached and how long it lives. A predicate of
    /// <see cref="InsertPolicy{TKey, TValue}.When"/> sees what is stored, for which an entry is encoded once more. Every hit is decoded anew.</remarks>
    /// <exception cref="ArgumentNullException">An argument is missing.</exception>
    /// <exception cref="InvalidOperationException">No tier was added, something other than a tier was asked for, or the cache is built already.</exception>
    public static CacheBuilder<TKey, TValue> Transform<TKey, TValue, TStoreKey, TStoreValue>(
        this CacheBuilder<TKey, TValue> builder,
        Func<TKey, TStoreKey> keyEncoder,
        IValueCodec<TValue, TStoreValue> valueCodec,
        Action<CacheBuilder<TStoreKey, TStoreValue>> tiers)
        where TKey : notnull
        where TStoreKey : notnull
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(keyEncoder);
        ArgumentNullException.ThrowIfNull(valueCodec);
        ArgumentNullException.ThrowIfNull(tiers);
        CacheBuilder<TStoreKey, TStoreValue> behind = builder.Behind<TStoreKey, TStoreValue>();
        tiers(behind);
        var boundary = new Boundary<TKey, TValue, TStoreKey, TStoreValue>(keyEncoder, valueCodec);
        foreach (TierPlan<TStoreKey, TStoreValue> plan in behind.TakeTiers()) builder.Add(boundary.InFrontOf(plan));
        return builder;
    }

    /// <summary>Adds tiers that hold other values than the cache, under the same keys. Otherwise as
    /// <see cref="Transform{TKey, TValue, TStoreKey, TStoreValue}"/>.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the cache's values.</typeparam>
    /// <typeparam name="TStoreValue">The type of the values behind the boundary.</typeparam>
    /// <param name="builder">The cache's builder.</param>
    /// <param name="valueCodec">Turns values into what is stored, and back.</param>
    /// <param name="tiers">Adds the tiers, at least one.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is missing.</exception>
    /// <exception cref="InvalidOperationException">No tier was added, something other than a tier was asked for, or the cache is built already.</exception>
    public static CacheBuilder<TKey, TValue> Transform<TKey, TValue, TStoreValue>(
        this CacheBuilder<TKey, TValue> builder, IValueCodec<TValue, TStoreValue> valueCodec, Action<CacheBuilder<TKey, TStoreValue>> tiers)
        where TKey : notnull => builder.Transform(static key => key, valueCodec, tiers);

    /// <summary>Adds tiers that know the cache's values under other keys. Otherwise as
    /// <see cref="Transform{TKey, TValue, TStoreKey, TStoreValue}"/>.</summary>
    /// <typeparam name="TKey">The type of the cache's keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <typeparam name="TStoreKey">The type of the keys behind the boundary.</typeparam>
    /// <param name="builder">The cache's builder.</param>
    /// <param name="keyEncoder">Turns a key into what the tiers know it by.</param>
    /// <param name="tiers">Adds the tiers, at least one.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is missing.</exception>
    /// <exception cref="InvalidOperationException">No tier was added, something other than a tier was asked for, or the cache is built already.</exception>
    public static CacheBuilder<TKey, TValue> Transform<TKey, TValue, TStoreKey>(
        this CacheBuilder<TKey, TValue> builder, Func<TKey, TStoreKey> keyEncoder, Action<CacheBuilder<TStoreKey, TValue>> tiers)
        where TKey : notnull
        where TStoreKey : notnull => builder.Transform(keyEncoder, new SameValue<TValue>(), tiers);

    private sealed class SameValue<TValue> : IValueCodec<TValue, TValue>
    {
        public TValue Encode(TValue value) => value;

        public bool TryDecode(TValue stored, [MaybeNullWhen(false)] out TValue value)
        {
            value = stored;
            return true;
        }
    }
}
