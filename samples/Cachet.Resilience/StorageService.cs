namespace Cachet.Resilience;

/// <summary>A service that stores things: one function that answers requests. What is put around it, to log or to authorize, is a function too.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <param name="request">What is asked for.</param>
/// <param name="cancellationToken">Cancels the request.</param>
/// <returns>The answer.</returns>
public delegate ValueTask<StorageReply<TValue>> StorageService<TKey, TValue>(StorageRequest<TKey, TValue> request, CancellationToken cancellationToken);

/// <summary>A request.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <param name="Operation">Get, insert, invalidate or clear.</param>
/// <param name="Key">The key, save of a clear.</param>
/// <param name="Entry">The entry of an insert.</param>
public sealed record StorageRequest<TKey, TValue>(CacheOperation Operation, TKey? Key = default, CacheEntry<TValue>? Entry = null);

/// <summary>An answer.</summary>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <param name="Entry">What a get found.</param>
/// <param name="Outcome">What became of an insert.</param>
public sealed record StorageReply<TValue>(CacheEntry<TValue>? Entry = null, InsertOutcome Outcome = InsertOutcome.Accepted);
