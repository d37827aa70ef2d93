namespace Cachet;

/// <summary>The caller's function in any of its shapes, without a closure.</summary>
internal interface ILoader<TKey, TValue>
{
    /// <summary>Whether the caller can do with nothing.</summary>
    bool IsOptional { get; }

    ValueTask<CacheEntry<TValue>?> LoadAsync(TKey key, CancellationToken cancellationToken);
}

/// <summary>A loader, and what its caller is to get: the value, or the entry.</summary>
internal interface ILoader<TKey, TValue, TResult> : ILoader<TKey, TValue>
{
    TResult ResultOf(CacheEntry<TValue>? entry);

    /// <summary>Waits for a load that somebody else leads, and that gives a value unless this loader is optional.</summary>
    Task<TResult> Follow(ReadFlight<TValue> load, CancellationToken cancellationToken);
}

internal readonly struct ValueLoader<TKey, TValue>(Func<TKey, CancellationToken, ValueTask<TValue>> load)
    : ILoader<TKey, TValue, TValue>
{
    public bool IsOptional => false;

    public async ValueTask<CacheEntry<TValue>?> LoadAsync(TKey key, CancellationToken cancellationToken) =>
        new(await load(key, cancellationToken).ConfigureAwait(false));

    public TValue ResultOf(CacheEntry<TValue>? entry) => entry!.Value;

    public Task<TValue> Follow(ReadFlight<TValue> load, CancellationToken cancellationToken) => load.FollowToValue(cancellationToken);
}

internal readonly struct ValueLoader<TKey, TState, TValue>(TState state, Func<TKey, TState, CancellationToken, ValueTask<TValue>> load)
    : ILoader<TKey, TValue, TValue>
{
    public bool IsOptional => false;

    public async ValueTask<CacheEntry<TValue>?> LoadAsync(TKey key, CancellationToken cancellationToken) =>
        new(await load(key, state, cancellationToken).ConfigureAwait(false));

    public TValue ResultOf(CacheEntry<TValue>? entry) => entry!.Value;

    public Task<TValue> Follow(ReadFlight<TValue> load, CancellationToken cancellationToken) => load.FollowToValue(cancellationToken);
}

internal readonly struct EntryLoader<TKey, TValue>(Func<TKey, CancellationToken, ValueTask<CacheEntry<TValue>?>> load)
    : ILoader<TKey, TValue, CacheEntry<TValue>?>
{
    public bool IsOptional => true;

    public ValueTask<CacheEntry<TValue>?> LoadAsync(TKey key, CancellationToken cancellationToken) => load(key, cancellationToken);

    public CacheEntry<TValue>? ResultOf(CacheEntry<TValue>? entry) => entry;

    public Task<CacheEntry<TValue>?> Follow(ReadFlight<TValue> load, CancellationToken cancellationToken) => load.FollowToEntry(cancellationToken);
}

internal readonly struct EntryLoader<TKey, TState, TValue>(
    TState state, Func<TKey, TState, CancellationToken, ValueTask<CacheEntry<TValue>?>> load)
    : ILoader<TKey, TValue, CacheEntry<TValue>?>
{
    public bool IsOptional => true;

    public ValueTask<CacheEntry<TValue>?> LoadAsync(TKey key, CancellationToken cancellationToken) => load(key, state, cancellationToken);

    public CacheEntry<TValue>? ResultOf(CacheEntry<TValue>? entry) => entry;

    public Task<CacheEntry<TValue>?> Follow(ReadFlight<TValue> load, CancellationToken cancellationToken) => load.FollowToEntry(cancellationToken);
}
