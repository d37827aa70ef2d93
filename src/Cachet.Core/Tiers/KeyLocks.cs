namespace Cachet;

/// <summary>Locks for the writes of a key, striped. Nothing that is not a store's own runs under them.</summary>
internal sealed class KeyLocks<TKey>
    where TKey : notnull
{
    private const int Stripes = 64;

    private readonly Lock[] _locks = [.. Enumerable.Range(0, Stripes).Select(static _ => new Lock())];

    public Lock Of(TKey key) => _locks[((uint)key.GetHashCode() * 2_654_435_769u) >> 26];
}
