namespace Cachet;

/// <summary>What a memory tier keeps its entries in. Implemented by structs, so that a hit makes no virtual call.</summary>
internal interface IMemoryStore<TKey, TValue>
    where TKey : notnull
{
    /// <summary>What holds the entries now, for everything but hits.</summary>
    BitFaster.Caching.ICache<TKey, CacheEntry<TValue>> Entries { get; }

    CacheEntry<TValue>? Find(TKey key);

    /// <summary>Begins anew with an empty cache, and returns the one that held the entries.</summary>
    BitFaster.Caching.ICache<TKey, CacheEntry<TValue>> Swap();
}
