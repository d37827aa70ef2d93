using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cachet;

/// <summary>How the keys that need no encoder of their own become text: composes what comes before every key with the key.</summary>
/// <remarks>Different keys give different texts, and equal keys the same one: else an entry that was invalidated under one of two equal keys would
/// live on under the other.</remarks>
internal static class KeyEncoders
{
    private static readonly Dictionary<Type, Delegate> _framework = new()
    {
        [typeof(string)] = Composing<string>(string.Concat),
        [typeof(Guid)] = Composing<Guid>(static (prefix, key) => Compose(prefix, key, "N")),
        [typeof(DateOnly)] = Composing<DateOnly>(static (prefix, key) => Compose(prefix, key, "O")),
        [typeof(TimeOnly)] = Composing<TimeOnly>(static (prefix, key) => Compose(prefix, key, "O")),

        // Two that are equal may differ in kind, offset, trailing zeros, or the sign of zero.
        [typeof(DateTime)] = Composing<DateTime>(static (prefix, key) => Compose(prefix, DateTime.SpecifyKind(key, DateTimeKind.Unspecified), "O")),
        [typeof(DateTimeOffset)] = Composing<DateTimeOffset>(static (prefix, key) => Compose(prefix, key.UtcDateTime, "O")),
        [typeof(decimal)] = Composing<decimal>(static (prefix, key) => Compose(prefix, key, "G29")),
        [typeof(double)] = Composing<double>(static (prefix, key) => Compose(prefix, key + 0.0)),
        [typeof(float)] = Composing<float>(static (prefix, key) => Compose(prefix, key + 0f)),
        [typeof(Half)] = Composing<Half>(static (prefix, key) => Compose(prefix, key + default(Half))),
    };

    // Formattable, but with texts that are not one to one with what Equals tells apart.
    private static readonly Type[] _ambiguous = [typeof(Uri), typeof(Complex), typeof(NFloat)];

    /// <summary>The encoder of a type of keys, or <see langword="null"/> if it has none.</summary>
    public static Func<string, TKey, string>? For<TKey>()
        where TKey : notnull
    {
        Type type = typeof(TKey);
        if (_framework.TryGetValue(type, out Delegate? encoder)) return (Func<string, TKey, string>)encoder;

        // An interface or an abstract class may stand for keys of several types: 1 and 1L, say, which have one text.
        bool isOneToOne = type.IsAssignableTo(typeof(ISpanFormattable)) && !type.IsAbstract && !_ambiguous.Contains(type);
        return isOneToOne ? static (prefix, key) => Compose(prefix, key) : null;
    }

    private static Func<string, TKey, string> Composing<TKey>(Func<string, TKey, string> encoder) => encoder;

    private static string Compose<TKey>(string prefix, TKey key, string? format = null)
    {
        var text = new DefaultInterpolatedStringHandler(0, 2, CultureInfo.InvariantCulture, stackalloc char[256]);
        text.AppendLiteral(prefix);
        text.AppendFormatted(key, format);
        return text.ToStringAndClear();
    }
}
