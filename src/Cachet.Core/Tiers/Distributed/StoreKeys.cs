namespace Cachet;

/// <summary>What the keys of a distributed tier are called in its store.</summary>
/// <param name="prefix">What comes before every key.</param>
/// <param name="compose">Makes a store key of what comes before it now and the key.</param>
/// <param name="generation">The part of what comes before that changes with a clear; <see langword="null"/> for a tier that is never cleared, whose keys need
/// nothing from the store.</param>
internal sealed class StoreKeys<TKey>(string prefix, Func<string, TKey, string> compose, Generation? generation = null)
    where TKey : notnull
{
    public ValueTask<string> OfAsync(TKey key, CancellationToken cancellationToken)
    {
        if (generation is null) return new(compose(prefix, key));
        ValueTask<string> before = generation.KeyPrefixAsync(cancellationToken);
        return before.IsCompletedSuccessfully ? new(compose(before.Result, key)) : LaterAsync(before, key);
    }

    /// <summary>Leaves every present entry behind.</summary>
    public ValueTask ReplaceAsync(CancellationToken cancellationToken) =>
        generation?.ReplaceAsync(cancellationToken) ?? throw new NotSupportedException("The keys of this tier have no generation: it cannot be cleared.");

    private async ValueTask<string> LaterAsync(ValueTask<string> before, TKey key) => compose(await before.ConfigureAwait(false), key);
}
