using System.Diagnostics.CodeAnalysis;

namespace Cachet;

/// <summary>Turns what is stored back into a value.</summary>
/// <typeparam name="TStored">The type of what is stored.</typeparam>
/// <typeparam name="TValue">The type of the value.</typeparam>
/// <param name="stored">What is stored.</param>
/// <param name="value">The value.</param>
/// <returns>Whether it is a value at all.</returns>
public delegate bool ValueDecoder<in TStored, TValue>(TStored stored, [MaybeNullWhen(false)] out TValue value);

/// <summary>Makes codecs of functions.</summary>
public static class ValueCodec
{
    /// <summary>Makes a codec that takes whatever is stored for a value.</summary>
    /// <typeparam name="TValue">The type of the cache's values.</typeparam>
    /// <typeparam name="TStored">The type of the values behind the boundary.</typeparam>
    /// <param name="encode">Turns a value into what is stored.</param>
    /// <param name="decode">Turns it back. An exception is a failure of that tier's get.</param>
    /// <returns>The codec.</returns>
    /// <exception cref="ArgumentNullException">A function is missing.</exception>
    public static IValueCodec<TValue, TStored> Create<TValue, TStored>(Func<TValue, TStored> encode, Func<TStored, TValue> decode)
    {
        ArgumentNullException.ThrowIfNull(encode);
        ArgumentNullException.ThrowIfNull(decode);
        return new OfFunctions<TValue, TStored>(encode, (TStored stored, [MaybeNullWhen(false)] out TValue value) =>
        {
            value = decode(stored);
            return true;
        });
    }

    /// <summary>Makes a codec that can refuse what is stored: corrupt, foreign, or of another version.</summary>
    /// <typeparam name="TValue">The type of the cache's values.</typeparam>
    /// <typeparam name="TStored">The type of the values behind the boundary.</typeparam>
    /// <param name="encode">Turns a value into what is stored.</param>
    /// <param name="tryDecode">Turns it back, or tells that it is none.</param>
    /// <returns>The codec.</returns>
    /// <exception cref="ArgumentNullException">A function is missing.</exception>
    public static IValueCodec<TValue, TStored> Create<TValue, TStored>(Func<TValue, TStored> encode, ValueDecoder<TStored, TValue> tryDecode)
    {
        ArgumentNullException.ThrowIfNull(encode);
        ArgumentNullException.ThrowIfNull(tryDecode);
        return new OfFunctions<TValue, TStored>(encode, tryDecode);
    }

    private sealed class OfFunctions<TValue, TStored>(Func<TValue, TStored> encode, ValueDecoder<TStored, TValue> tryDecode)
        : IValueCodec<TValue, TStored>
    {
        public TStored Encode(TValue value) => encode(value);

        public bool TryDecode(TStored stored, [MaybeNullWhen(false)] out TValue value) => tryDecode(stored, out value);
    }
}
