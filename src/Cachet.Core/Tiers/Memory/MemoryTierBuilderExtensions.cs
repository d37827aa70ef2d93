namespace Cachet;

/// <summary>Adds memory tiers to caches.</summary>
public static class MemoryTierBuilderExtensions
{
    /// <summary>Adds a tier in the process's memory, bounded: to make room, those go that are used least.</summary>
    /// <typeparam name="TKey">The type of the keys.</typeparam>
    /// <typeparam name="TValue">The type of the values.</typeparam>
    /// <param name="builder">The cache's builder.</param>
    /// <param name="configure">Sets its options.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException">There is no builder.</exception>
    /// <exception cref="InvalidOperationException">The cache is built already.</exception>
    public static CacheBuilder<TKey, TValue> Memory<TKey, TValue>(
        this CacheBuilder<TKey, TValue> builder, Action<MemoryTierOptions<TKey, TValue>>? configure = null)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new MemoryTierOptions<TKey, TValue>();
        configure?.Invoke(options);
        return builder.Add(new(options, _ => options.CreateTier(), TierKind.Memory));
    }
}
