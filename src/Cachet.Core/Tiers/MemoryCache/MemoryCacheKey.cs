using System.Runtime.CompilerServices;

namespace Cachet;

/// <summary>A key in a memory cache that others use too: it equals only keys of the same tier.</summary>
internal sealed class MemoryCacheKey<TKey>(object tier, TKey key) : IEquatable<MemoryCacheKey<TKey>>
    where TKey : notnull
{
    public TKey Key => key;

    private object Tier => tier;

    public bool Equals(MemoryCacheKey<TKey>? other) =>
        other is not null && ReferenceEquals(tier, other.Tier) && EqualityComparer<TKey>.Default.Equals(key, other.Key);

    public override bool Equals(object? obj) => Equals(obj as MemoryCacheKey<TKey>);

    public override int GetHashCode() => HashCode.Combine(RuntimeHelpers.GetHashCode(tier), key);
}
