namespace Cachet;

/// <summary>Where an entry that a tier is asked to store comes from.</summary>
public enum InsertSource
{
    /// <summary>A caller's insert.</summary>
    Direct,

    /// <summary>A loader, of a get_or_insert or of a refresh.</summary>
    Load,

    /// <summary>A fallback tier.</summary>
    Promotion,
}

/// <summary>Which entries a tier is given to store.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <remarks>A refusal is the outcome <see cref="InsertOutcome.Rejected"/>, not an error. Refusing a caller's own insert drops the key from the tier, so that
/// nobody is served what was there before; refusing a load or a promotion leaves the tier as it is, and so does <see cref="Never"/> whatever it
/// refuses. A predicate that throws is a failure of that tier's insert.</remarks>
public sealed class InsertPolicy<TKey, TValue>
    where TKey : notnull
{
    private readonly Func<TKey, CacheEntry<TValue>, InsertSource, bool>? _predicate;

    private InsertPolicy(Func<TKey, CacheEntry<TValue>, InsertSource, bool>? predicate) => _predicate = predicate;

#pragma warning disable CA1000 // The policies of a pair of types, as EqualityComparer<T>.Default is.
    /// <summary>Every entry: the default.</summary>
    public static InsertPolicy<TKey, TValue> Always { get; } = new(null);

    /// <summary>None: the tier is only read, invalidated and cleared.</summary>
    public static InsertPolicy<TKey, TValue> Never { get; } = new(static (_, _, _) => false);

    /// <summary>The entries for which the predicate is true.</summary>
    /// <param name="predicate">Gets key, entry and source. Called on the caller's path: keep it quick.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="ArgumentNullException">There is no predicate.</exception>
    public static InsertPolicy<TKey, TValue> When(Func<TKey, CacheEntry<TValue>, InsertSource, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return new(predicate);
    }
#pragma warning restore CA1000

    internal bool IsNever => ReferenceEquals(this, Never);

    /// <summary>This policy in front of a boundary: it judges what keys and entries become behind it.</summary>
    internal InsertPolicy<TFrontKey, TFrontValue> InFront<TFrontKey, TFrontValue>(
        Func<TFrontKey, TKey> encodeKey, Func<CacheEntry<TFrontValue>, CacheEntry<TValue>> encodeEntry)
        where TFrontKey : notnull
    {
        if (IsNever) return InsertPolicy<TFrontKey, TFrontValue>.Never;
        if (_predicate is not { } predicate) return InsertPolicy<TFrontKey, TFrontValue>.Always;
        return new((key, entry, source) => predicate(encodeKey(key), encodeEntry(entry), source));
    }

    internal bool Accepts(TKey key, CacheEntry<TValue> entry, InsertSource source) =>
        _predicate is null || _predicate(key, entry, source);
}
