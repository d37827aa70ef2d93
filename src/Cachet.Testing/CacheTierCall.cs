namespace Cachet.Testing;

/// <summary>One call on a fake tier.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public readonly record struct CacheTierCall<TKey, TValue>
    where TKey : notnull
{
    /// <summary>What the tier was asked to do: <see cref="CacheOperation.Get"/>, <see cref="CacheOperation.Insert"/>,
    /// <see cref="CacheOperation.Invalidate"/> or <see cref="CacheOperation.Clear"/>.</summary>
    public CacheOperation Operation { get; init; }

    /// <summary>The key; the default of a clear, which has none.</summary>
    public TKey? Key { get; init; }

    /// <summary>The entry that came to be inserted, stamped by the cache; <see langword="null"/> for every other operation.</summary>
    public CacheEntry<TValue>? Entry { get; init; }

    /// <summary>Whether a get came through <see cref="ISynchronousTier{TKey, TValue}.Find"/>.</summary>
    public bool Synchronous { get; init; }

    /// <summary>The operation's verb, for example <c>get</c>: neither key nor value.
    /// <see cref="FakeCacheTier{TKey, TValue}.CallLines"/> has the key.</summary>
    /// <returns>The verb.</returns>
    public override string ToString() => TelemetryNames.Of(Operation);
}
