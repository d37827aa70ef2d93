namespace Cachet;

/// <summary>What a cache, or a tier, may be called.</summary>
internal static class CacheNames
{
    public static void Check(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name, parameter);
        foreach (char c in name)
        {
            if (c == ':' || char.IsControl(c))
            {
                throw new ArgumentException(
                    "A name may hold neither ':' nor control characters: they would let the keys of two caches collide in a shared store.",
                    parameter);
            }
        }
    }
}
