using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Cachet;

/// <summary>What telemetry says of keys, as <c>cache.key</c>: nothing, unless an application chooses otherwise. Never in metrics.</summary>
/// <remarks>The text of a key is its invariant formatting: a string itself, otherwise what <see cref="IFormattable"/> or
/// <see cref="object.ToString"/> gives. In configuration that is bound to options it is written <c>None</c>, <c>Hash</c> or <c>Full</c>.</remarks>
[TypeConverter(typeof(KeyRecordingConverter))]
public sealed class KeyRecording
{
    private const int HashBytes = 8;

    private static readonly byte[] _secret = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);
    private static readonly FaultPairs _reported = new();

    private readonly Func<object, string?>? _text;

    private KeyRecording(Func<object, string?>? text) => _text = text;

    /// <summary>Nothing of them.</summary>
    public static KeyRecording None { get; } = new(null);

    /// <summary>16 hexadecimal digits of a hash of their text, keyed with a secret that is drawn at random for each process: events of one key can be told
    /// to belong together within the process, and nobody outside it can find a key by trying likely ones.</summary>
    public static KeyRecording Hash { get; } = new(static key => HashOf(Format(key)));

    /// <summary>Their whole text.</summary>
    public static KeyRecording Full { get; } = new(Format);

    /// <summary>What a function makes of them, for keys of which some part may be told.</summary>
    /// <typeparam name="TKey">The type of the keys, or any that they can be cast to.</typeparam>
    /// <param name="redactor">Gives the text to record, or <see langword="null"/> for none. It is called from many threads at once, before the operation
    /// begins. Where it throws, the key is left out, and the fault is reported once per type of key and of exception through the event source
    /// <c>Cachet</c>.</param>
    /// <returns>The recording. Keys of another type are left out.</returns>
    /// <exception cref="ArgumentNullException">There is no function.</exception>
    public static KeyRecording Redact<TKey>(Func<TKey, string?> redactor)
    {
        ArgumentNullException.ThrowIfNull(redactor);
        return new(key => key is TKey ours ? redactor(ours) : null);
    }

    /// <summary>What is to be recorded of a key. Never throws.</summary>
    /// <typeparam name="TKey">The type of the key.</typeparam>
    /// <param name="key">The key; <see langword="null"/> where an operation has none.</param>
    /// <returns>The text, or <see langword="null"/> to record nothing.</returns>
    public string? TextOf<TKey>(TKey? key)
    {
        string? text = TextOf(key, out Exception? fault);
        if (fault is not null && _reported.IsNew(typeof(TKey), fault.GetType()))
        {
            CachetEventSource.Log.KeyRecordingFault(typeof(TKey).ToString(), fault.GetType().ToString());
        }

        return text;
    }

    /// <summary>What is to be recorded of a key, for those who report faults of a redactor themselves. Never throws.</summary>
    /// <typeparam name="TKey">The type of the key.</typeparam>
    /// <param name="key">The key; <see langword="null"/> where an operation has none.</param>
    /// <param name="fault">What the redactor threw.</param>
    /// <returns>The text, or <see langword="null"/> to record nothing.</returns>
    public string? TextOf<TKey>(TKey? key, out Exception? fault)
    {
        fault = null;
        if (_text is null || key is null) return null;
        try
        {
            return _text(key);
        }
        catch (Exception thrown)
        {
            fault = thrown;
            return null;
        }
    }

    private static string? Format(object key) => Convert.ToString(key, CultureInfo.InvariantCulture);

    private static string? HashOf(string? text)
    {
        if (text is null) return null;
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secret, MemoryMarshal.AsBytes(text.AsSpan()), hash);
        return Convert.ToHexStringLower(hash[..HashBytes]);
    }
}
