namespace Cachet;

/// <summary>What the keys of a distributed tier are called in its store.</summary>
/// <param name="prefix">What comes before every key.</param>
/// <param name="compose">Makes a store key of what comes before it now and the key.</param>
/// <param name="generation">The part of what comes before that changes with a clear; <see langword="null"/> for a tier that is never cleared, whose keys need
/// nothing from the store.</param>
internal sealed class StoreKeys<TKey>(string prefix, Func<string, TKey, string> compose, Generation? generation = null)
    where TKey : notnull
{
    public async ValueTask<string> OfAsync(TKey key, CancellationToken cancellationToken) =>
        compose(generation is null ? prefix : await generation.KeyPrefixAsync(cancellationToken).ConfigureAwait(false), key);

    /// <summary>Leaves every present entry behind.</summary>
    public ValueTask ReplaceAsync(CancellationToken cancellationToken) =>
        generation?.ReplaceAsync(cancellationToken) ?? throw new NotSupportedException("The keys of this tier have no generation: it cannot be cleared.");
}
