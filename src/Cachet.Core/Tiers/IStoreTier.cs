namespace Cachet;

/// <summary>What a tier offers beside <see cref="ICacheTier{TKey, TValue}"/> if its store can be called synchronously, and prolongs sliding lives
/// itself.</summary>
internal interface IStoreTier<TKey, TValue>
    where TKey : notnull
{
    /// <summary>The same tier, all of whose calls have ended when they return: it calls the store's synchronous methods.</summary>
    ICacheTier<TKey, TValue> Synchronous();

    /// <summary>Prolongs the sliding life of an entry, if it is there and has one. A store does not say whether it did.</summary>
    ValueTask RefreshAsync(TKey key, CancellationToken cancellationToken);
}
