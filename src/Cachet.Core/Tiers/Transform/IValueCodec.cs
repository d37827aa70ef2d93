using System.Diagnostics.CodeAnalysis;

namespace Cachet;

/// <summary>Turns a cache's values into what the tiers behind a boundary hold, and back.</summary>
/// <typeparam name="TValue">The type of the cache's values.</typeparam>
/// <typeparam name="TStored">The type of the values behind the boundary.</typeparam>
/// <remarks>Called from many threads at once, on the callers' own path. A <see langword="null"/> value is a value like any other: it goes through
/// the codec, which alone knows how <typeparamref name="TStored"/> can say so. What is stored must not be changed afterwards: a memory tier hands
/// out the same object again and again. When an entry was cached, and how long it lives, is kept without the codec's help.</remarks>
public interface IValueCodec<TValue, TStored>
{
    /// <summary>Turns a value into what is stored. An exception is a failure of that tier's insert.</summary>
    /// <param name="value">The value.</param>
    /// <returns>What is stored.</returns>
    TStored Encode(TValue value);

    /// <summary>Turns what is stored back into the value. An exception is a failure of that tier's get.</summary>
    /// <param name="stored">What is stored.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether it is a value at all. If not, the cache reports <see cref="CacheOutcome.Invalid"/> and goes on as after a miss.</returns>
    bool TryDecode(TStored stored, [MaybeNullWhen(false)] out TValue value);
}
