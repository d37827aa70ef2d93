using System.ComponentModel;
using System.Globalization;

namespace Cachet;

/// <summary>Reads <see cref="KeyRecording"/> from configuration.</summary>
internal sealed class KeyRecordingConverter : TypeConverter
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

    public override object ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        (value as string)?.Trim().ToUpperInvariant() switch
        {
            "NONE" => KeyRecording.None,
            "HASH" => KeyRecording.Hash,
            "FULL" => KeyRecording.Full,
            _ => throw new FormatException($"KeyRecording cannot be '{value}': write None, Hash or Full."),
        };
}
