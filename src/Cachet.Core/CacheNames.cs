namespace Cachet;

/// <summary>What a cache, or a tier, may be called.</summary>
internal static class CacheNames
{
    public static void Check(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name, parameter);
        if (!IsValid(name))
        {
            throw new ArgumentException(
                "A name may hold neither ':' nor control characters: they would let the keys of two caches collide in a shared store.", parameter);
        }
    }

    public static bool IsValid(string name) => !string.IsNullOrWhiteSpace(name) && !name.Any(static c => c == ':' || char.IsControl(c));
}
