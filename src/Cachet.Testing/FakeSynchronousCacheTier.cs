namespace Cachet.Testing;

/// <summary>A fake tier that also answers without waiting, as memory does: the cache asks it on the caller's own thread.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <remarks>Only asynchronous calls come to gates, <c>Before</c> and <c>After</c>. The gets that a cache sends to its first tier are not among them
/// when that tier is this one: they are recorded with <see cref="CacheTierCall{TKey, TValue}.Synchronous"/>, and can fail.</remarks>
public sealed class FakeSynchronousCacheTier<TKey, TValue> : FakeCacheTier<TKey, TValue>, ISynchronousTier<TKey, TValue>
    where TKey : notnull
{
    /// <summary>Makes an empty tier.</summary>
    public FakeSynchronousCacheTier()
    {
    }

    /// <summary>Makes a tier that holds a copy of some entries.</summary>
    /// <param name="entries">The entries; of those with one key the last.</param>
    /// <exception cref="ArgumentNullException">There are no entries, not even none.</exception>
    public FakeSynchronousCacheTier(IEnumerable<KeyValuePair<TKey, CacheEntry<TValue>>> entries)
        : base(entries)
    {
    }

    long? ISynchronousTier<TKey, TValue>.Count => Entries.Count;

    /// <inheritdoc/>
    public CacheEntry<TValue>? Find(TKey key) => GetAtOnce(key);
}
