namespace Cachet;

/// <summary>A synchronous tier behind a boundary. Its hits allocate what the codec does, and an entry.</summary>
internal sealed class SynchronousTransformTier<TKey, TValue, TStoreKey, TStoreValue>(
    Boundary<TKey, TValue, TStoreKey, TStoreValue> boundary,
    ICacheTier<TStoreKey, TStoreValue> tier,
    ISynchronousTier<TStoreKey, TStoreValue> synchronous)
    : TransformTier<TKey, TValue, TStoreKey, TStoreValue>(boundary, tier), ISynchronousTier<TKey, TValue>
    where TKey : notnull
    where TStoreKey : notnull
{
    private readonly Boundary<TKey, TValue, TStoreKey, TStoreValue> _boundary = boundary;

    public long? Count => synchronous.Count;

    public CacheEntry<TValue>? Find(TKey key) => Read(key).Entry;

    public TierReadResult<TValue> Read(TKey key) => Decode(synchronous.Read(_boundary.Encode(key)));
}
