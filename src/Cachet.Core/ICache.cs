namespace Cachet;

/// <summary>A named cache of one or more tiers, each operation of which can be observed.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values. A <see langword="null"/> value is legal, cached, and different from a miss.</typeparam>
/// <remarks>
/// <para>All members may be called from many threads at once. Cancelling a call ends that call's own wait at once; work that it shares with
/// other callers of the key goes on until the last of them has left.</para>
/// <para>Unless a member says otherwise, the failure of a tier during a read is reported and walked past as <see cref="TierErrorPolicy"/>
/// says, and the failure of a tier during a write is thrown after every tier was tried.</para>
/// <para>Every member throws <see cref="ArgumentNullException"/> for a <see langword="null"/> key and <see cref="ObjectDisposedException"/>
/// once the cache is disposed, both at the call, and <see cref="OperationCanceledException"/> if its token is cancelled before it has its answer.</para>
/// </remarks>
public interface ICache<TKey, TValue> : IAsyncDisposable
    where TKey : notnull
{
    /// <summary>The cache's name: <c>cache.name</c> in all telemetry.</summary>
    string Name { get; }

    /// <summary>Looks the key up, tier by tier, and promotes what a fallback tier holds into the tiers in front of it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends this caller's wait.</param>
    /// <returns>The entry; <see langword="null"/> for a miss. Never waits for another caller's loader.</returns>
    ValueTask<CacheEntry<TValue>?> GetAsync(TKey key, CancellationToken cancellationToken = default);

    /// <summary>Stores the value in every tier, stamped with the present time.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; <see langword="null"/> is cached like any other.</param>
    /// <param name="cancellationToken">Cancels the write; tiers already written keep it.</param>
    /// <returns><see cref="InsertOutcome.Accepted"/> if any tier took it.</returns>
    /// <remarks>If a tier fails, its exception is thrown after all tiers were tried; of several, that of the first tier.</remarks>
    ValueTask<InsertOutcome> InsertAsync(TKey key, TValue value, CancellationToken cancellationToken = default);

    /// <summary>Stores an entry, with its own time to live if it has one, in every tier.</summary>
    /// <param name="key">The key.</param>
    /// <param name="entry">The entry. It is not changed: tiers get copies, stamped with the present time where it has no
    /// <see cref="CacheEntry{TValue}.CachedAt"/>.</param>
    /// <param name="cancellationToken">Cancels the write; tiers already written keep it.</param>
    /// <returns><see cref="InsertOutcome.Accepted"/> if any tier took it; <see cref="InsertOutcome.Rejected"/> if every tier's policy refused
    /// it, or it had expired already (then the key is dropped).</returns>
    ValueTask<InsertOutcome> InsertEntryAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken = default);

    /// <summary>Returns the cached value, or runs the loader, stores what it gives, and returns that.</summary>
    /// <param name="key">The key.</param>
    /// <param name="loader">Computes the value. Concurrent callers of a key share one run; its token fires when all of them have left. It must not
    /// ask the same cache for the same key: it would wait for itself.</param>
    /// <param name="cancellationToken">Ends this caller's wait.</param>
    /// <returns>The value.</returns>
    /// <remarks>An exception of the loader reaches every caller that waited for it, as the same instance, and nothing is cached. A failure to
    /// store the loaded value is reported, not thrown, unless <see cref="TierErrorPolicy.Throw"/> is set.</remarks>
    ValueTask<TValue> GetOrInsertAsync(
        TKey key, Func<TKey, CancellationToken, ValueTask<TValue>> loader, CancellationToken cancellationToken = default);

    /// <summary>As <see cref="GetOrInsertAsync(TKey, Func{TKey, CancellationToken, ValueTask{TValue}}, CancellationToken)"/>, with a state
    /// handed to the loader, so that a static lambda needs no closure.</summary>
    /// <typeparam name="TState">The type of the state.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="state">Handed to the loader.</param>
    /// <param name="loader">Computes the value.</param>
    /// <param name="cancellationToken">Ends this caller's wait.</param>
    /// <returns>The value.</returns>
    ValueTask<TValue> GetOrInsertAsync<TState>(
        TKey key, TState state, Func<TKey, TState, CancellationToken, ValueTask<TValue>> loader, CancellationToken cancellationToken = default);

    /// <summary>Returns the cached entry, or runs a loader that chooses the entry's time to live, or gives nothing.</summary>
    /// <param name="key">The key.</param>
    /// <param name="loader">Computes the entry; <see langword="null"/> caches nothing.</param>
    /// <param name="cancellationToken">Ends this caller's wait.</param>
    /// <returns>The entry, or <see langword="null"/> if the loader gave nothing. A loaded entry carries
    /// <see cref="CacheEntry{TValue}.CachedAt"/> if the loader set it, or if a tier accepted the entry.</returns>
    ValueTask<CacheEntry<TValue>?> GetOrInsertEntryAsync(
        TKey key, Func<TKey, CancellationToken, ValueTask<CacheEntry<TValue>?>> loader, CancellationToken cancellationToken = default);

    /// <summary>As <see cref="GetOrInsertEntryAsync(TKey, Func{TKey, CancellationToken, ValueTask{CacheEntry{TValue}?}}, CancellationToken)"/>,
    /// with a state handed to the loader.</summary>
    /// <typeparam name="TState">The type of the state.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="state">Handed to the loader.</param>
    /// <param name="loader">Computes the entry; <see langword="null"/> caches nothing.</param>
    /// <param name="cancellationToken">Ends this caller's wait.</param>
    /// <returns>The entry, or <see langword="null"/> if the loader gave nothing.</returns>
    ValueTask<CacheEntry<TValue>?> GetOrInsertEntryAsync<TState>(
        TKey key,
        TState state,
        Func<TKey, TState, CancellationToken, ValueTask<CacheEntry<TValue>?>> loader,
        CancellationToken cancellationToken = default);

    /// <summary>Drops the key from every tier.</summary>
    /// <remarks>No read or load that overlaps it leaves the old value behind: what such a one was storing at that very moment is dropped again, at the
    /// latest when its own store has ended.</remarks>
    /// <param name="key">The key; one that is absent is no error.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>A task that ends when every tier was tried.</returns>
    ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken = default);

    /// <summary>Whether a fresh entry is cached under the key, in any tier. Promotes nothing; a tier's time to idle begins anew all the same.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns><see langword="true"/> if <see cref="GetAsync"/> would find it.</returns>
    ValueTask<bool> ContainsAsync(TKey key, CancellationToken cancellationToken = default);

    /// <summary>Drops every entry of this cache from every tier.</summary>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>A task that ends when every tier was tried.</returns>
    /// <remarks>A distributed tier is cleared for every node; another node learns of it when it next looks at the store's generation
    /// (<see cref="DistributedTierOptions{TKey, TValue}.GenerationCheck"/>), and when its own memory tier's copies have run out.</remarks>
    ValueTask ClearAsync(CancellationToken cancellationToken = default);

    /// <summary>How many entries the primary tier holds, about: entries that have expired but were not yet dropped count too.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The count; <see langword="null"/> where the primary tier cannot tell.</returns>
    ValueTask<long?> CountAsync(CancellationToken cancellationToken = default);
}
