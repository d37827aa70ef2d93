namespace Cachet;

/// <summary>The caller's function in any of its shapes, without a closure.</summary>
internal interface ILoader<TKey, TValue>
{
    /// <summary>Whether the caller can do with nothing.</summary>
    bool IsOptional { get; }

    ValueTask<CacheEntry<TValue>?> LoadAsync(TKey key, CancellationToken cancellationToken);
}

internal readonly struct ValueLoader<TKey, TValue>(Func<TKey, CancellationToken, ValueTask<TValue>> load) : ILoader<TKey, TValue>
{
    public bool IsOptional => false;

    public async ValueTask<CacheEntry<TValue>?> LoadAsync(TKey key, CancellationToken cancellationToken) =>
        new(await load(key, cancellationToken).ConfigureAwait(false));
}

internal readonly struct ValueLoader<TKey, TState, TValue>(TState state, Func<TKey, TState, CancellationToken, ValueTask<TValue>> load)
    : ILoader<TKey, TValue>
{
    public bool IsOptional => false;

    public async ValueTask<CacheEntry<TValue>?> LoadAsync(TKey key, CancellationToken cancellationToken) =>
        new(await load(key, state, cancellationToken).ConfigureAwait(false));
}

internal readonly struct EntryLoader<TKey, TValue>(Func<TKey, CancellationToken, ValueTask<CacheEntry<TValue>?>> load) : ILoader<TKey, TValue>
{
    public bool IsOptional => true;

    public ValueTask<CacheEntry<TValue>?> LoadAsync(TKey key, CancellationToken cancellationToken) => load(key, cancellationToken);
}

internal readonly struct EntryLoader<TKey, TState, TValue>(
    TState state, Func<TKey, TState, CancellationToken, ValueTask<CacheEntry<TValue>?>> load) : ILoader<TKey, TValue>
{
    public bool IsOptional => true;

    public ValueTask<CacheEntry<TValue>?> LoadAsync(TKey key, CancellationToken cancellationToken) => load(key, state, cancellationToken);
}
