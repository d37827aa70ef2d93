namespace Cachet;

/// <summary>Between a cache and some of its tiers: what keys and entries become behind it.</summary>
internal sealed class Boundary<TKey, TValue, TStoreKey, TStoreValue>(
    Func<TKey, TStoreKey> keyEncoder, IValueCodec<TValue, TStoreValue> codec)
    where TKey : notnull
    where TStoreKey : notnull
{
    /// <summary>A tier that stands behind the boundary, as the cache in front of it is to build it: everything that the cache applies to a tier it
    /// applies to this one too.</summary>
    public TierPlan<TKey, TValue> InFrontOf(TierPlan<TStoreKey, TStoreValue> plan) =>
        new(plan.Options, () => plan.Policy().InFront<TKey, TValue>(Encode, Encode), site => InFrontOf(plan.Create(site)), plan.Kind) { IsTransformed = true };

    public TStoreKey Encode(TKey key) =>
        keyEncoder(key) ?? throw new InvalidOperationException("The key encoder of a Transform gave null. It has to give every key one of its own.");

    public CacheEntry<TStoreValue> Encode(CacheEntry<TValue> entry) => entry.Holding(codec.Encode(entry.Value));

    /// <summary>Decodes what was found; what the codec refuses is undecodable.</summary>
    public TierReadResult<TValue> Decode(TierReadResult<TStoreValue> read)
    {
        var result = new TierReadResult<TValue> { SerializedSize = read.SerializedSize, Undecodable = read.Undecodable, DecodeError = read.DecodeError };
        if (read.Entry is not { } entry) return result;
        return codec.TryDecode(entry.Value, out TValue? value) ? result with { Entry = entry.Holding(value) } : result with { Undecodable = true };
    }

    private TransformTier<TKey, TValue, TStoreKey, TStoreValue> InFrontOf(ICacheTier<TStoreKey, TStoreValue> tier) =>
        tier is ISynchronousTier<TStoreKey, TStoreValue> synchronous
            ? new SynchronousTransformTier<TKey, TValue, TStoreKey, TStoreValue>(this, tier, synchronous)
            : new TransformTier<TKey, TValue, TStoreKey, TStoreValue>(this, tier);
}
