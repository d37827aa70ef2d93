using System.Globalization;

namespace Cachet;

/// <summary>How the keys that need no encoder of their own become text.</summary>
internal static class KeyEncoders
{
    /// <summary>The encoder of a type of keys, or <see langword="null"/> if it has none. Every one of them is one to one.</summary>
    public static Func<TKey, string>? For<TKey>()
        where TKey : notnull
    {
        if (typeof(TKey) == typeof(string)) return (Func<TKey, string>)(object)(static (string key) => key);
        if (typeof(TKey) == typeof(Guid)) return (Func<TKey, string>)(object)(static (Guid key) => key.ToString("N"));
        return IsInteger(typeof(TKey)) ? static key => ((IFormattable)key).ToString(null, CultureInfo.InvariantCulture) : null;
    }

    private static bool IsInteger(Type type) =>
        type == typeof(int) || type == typeof(long) || type == typeof(uint) || type == typeof(ulong) || type == typeof(short)
        || type == typeof(ushort) || type == typeof(byte) || type == typeof(sbyte) || type == typeof(nint) || type == typeof(nuint)
        || type == typeof(Int128) || type == typeof(UInt128);
}
