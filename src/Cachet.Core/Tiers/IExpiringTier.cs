namespace Cachet;

/// <summary>A tier that lets its cache tell it which entries have expired.</summary>
internal interface IExpiringTier<TKey, TValue>
    where TKey : notnull
{
    /// <summary>Hands the tier the rules by which its entries live; called once, at Build.</summary>
    void JudgeBy(Lifetimes<TValue> lifetimes);

    /// <summary>Drops an entry that was found to have expired, if the key still holds that very one: an eviction.</summary>
    void DropExpired(TKey key, CacheEntry<TValue> entry);
}
