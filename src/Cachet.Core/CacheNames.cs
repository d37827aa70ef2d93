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

    /// <summary>What a cache without a name is called.</summary>
    public static string After(Type key, Type value) => $"{Name(value)} by {Name(key)}";

    private static string Name(Type type)
    {
        int arity = type.Name.IndexOf('`', StringComparison.Ordinal);
        return arity < 0 ? type.Name : $"{type.Name[..arity]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
