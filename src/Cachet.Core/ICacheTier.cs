namespace Cachet;

/// <summary>One storage level of a cache: the contract to implement for a tier of one's own.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <remarks>
/// <para>A tier stores and returns entries; lifetimes, insert policies, promotion, coalescing, events and telemetry are the cache's. A tier
/// should give back the entry that it was given, or a copy with the same value, <see cref="CacheEntry{TValue}.CachedAt"/> and
/// <see cref="CacheEntry{TValue}.TimeToLive"/>. Of a copy, the tier's own time to live counts from <c>CachedAt</c>.</para>
/// <para>Members are called from many threads at once, and several for the same key may overlap. An exception is the failure of that call
/// alone: the cache reports it and goes on as <see cref="TierErrorPolicy"/> says.</para>
/// </remarks>
public interface ICacheTier<TKey, TValue>
    where TKey : notnull
{
    /// <summary>Finds the entry of a key, fresh or not.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Fires when nobody waits for the answer any more.</param>
    /// <returns>The entry, or <see langword="null"/>.</returns>
    ValueTask<CacheEntry<TValue>?> GetAsync(TKey key, CancellationToken cancellationToken);

    /// <summary>Stores an entry under a key, replacing what is there. A tier that rejects the entry should drop what it held: it is older.</summary>
    /// <param name="key">The key.</param>
    /// <param name="entry">The entry, stamped with when it was cached.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Whether the tier took it.</returns>
    ValueTask<InsertOutcome> InsertAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken);

    /// <summary>Drops a key; one that is absent is no error.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that ends when the key is gone.</returns>
    ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken);

    /// <summary>Drops every entry.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that ends when the entries are gone.</returns>
    ValueTask ClearAsync(CancellationToken cancellationToken);

    /// <summary>How many entries the tier holds, about.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The count; <see langword="null"/> (the default) where the tier cannot tell.</returns>
    ValueTask<long?> CountAsync(CancellationToken cancellationToken) => default;
}
