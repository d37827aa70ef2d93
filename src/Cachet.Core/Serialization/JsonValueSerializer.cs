using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Caching.Hybrid;

namespace Cachet;

/// <summary>The default serializer: System.Text.Json, with the type resolved once, at Build.</summary>
internal sealed class JsonValueSerializer<TValue>(JsonTypeInfo<TValue> type) : IHybridCacheSerializer<TValue>
{
    private readonly JsonReaderOptions _reading = new()
    {
        AllowTrailingCommas = type.Options.AllowTrailingCommas,
        CommentHandling = type.Options.ReadCommentHandling,
        MaxDepth = type.Options.MaxDepth,
    };

    private readonly JsonWriterOptions _writing = new()
    {
        Encoder = type.Options.Encoder,
        Indented = type.Options.WriteIndented,
        MaxDepth = type.Options.MaxDepth,
    };

    /// <summary>Resolves the type.</summary>
    /// <param name="options">The tier's options, if it has any.</param>
    /// <param name="tier">How messages name the tier.</param>
    /// <exception cref="InvalidOperationException">The type cannot be serialized, or could not be read back; the message says what to set.</exception>
    public static JsonValueSerializer<TValue> Create(JsonSerializerOptions? options, string tier)
    {
        JsonTypeInfo<TValue> type;
        try
        {
            type = (JsonTypeInfo<TValue>)JsonDefaults.Complete(options).GetTypeInfo(typeof(TValue));
        }
        catch (Exception error) when (error is NotSupportedException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidOperationException($"{tier} cannot serialize {typeof(TValue)}: there is no JsonTypeInfo for it. {Remedies}", error);
        }

        bool isOpaque = options is null && (typeof(TValue) == typeof(object) || IsNoData(typeof(TValue)));
        bool isAbstract = type.Kind == JsonTypeInfoKind.Object && typeof(TValue).IsAbstract && type.PolymorphismOptions is null;
        return isOpaque || isAbstract
            ? throw new InvalidOperationException($"{tier} cannot keep values of type {typeof(TValue)}: JSON could not write them, or not read them back. {Remedies}")
            : new(type);
    }

    public TValue Deserialize(ReadOnlySequence<byte> source)
    {
        // A reader's value would be read twice: once to find its end.
        if (source.IsSingleSegment) return JsonSerializer.Deserialize(source.FirstSpan, type)!;
        var reader = new Utf8JsonReader(source, _reading);
        TValue value = JsonSerializer.Deserialize(ref reader, type)!;
        return reader.Read() ? throw new JsonException("There is more than one value.") : value;
    }

    public void Serialize(TValue value, IBufferWriter<byte> target)
    {
        // JSON is UTF-8, and its writer would mend half a surrogate pair in silence: another value than the one that was given.
        if (value is string text && !IsWellFormed(text))
        {
            throw new NotSupportedException("JSON cannot hold a string with half a surrogate pair. Set the tier's Serializer to one that can.");
        }

        using var writer = new Utf8JsonWriter(target, _writing);
        JsonSerializer.Serialize(writer, value, type);
    }

    /// <summary>Types that System.Text.Json resolves and then refuses, value by value.</summary>
    private static bool IsNoData(Type type) =>
        type.IsAssignableTo(typeof(Delegate)) || type.IsAssignableTo(typeof(MemberInfo)) || type == typeof(nint) || type == typeof(nuint);

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out int consumed) != OperationStatus.Done) return false;
            text = text[consumed..];
        }

        return true;
    }

    private const string Remedies =
        "Set the tier's JsonTypeInfo (from a JsonSerializerContext), its JsonSerializerOptions (with a TypeInfoResolver or a converter for the type), "
        + "or its Serializer.";
}

/// <summary>The options of the default serializer, where the application gives none or leaves them incomplete.</summary>
internal static class JsonDefaults
{
    // A cache must give back what it was given: fields (of tuples, say), not-a-number and the infinities are kept.
    private static readonly JsonSerializerOptions _options = WithResolver(new()
    {
        IncludeFields = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    });

    /// <summary>The options to use: those given, resolving types by reflection if they name no resolver, as <see cref="JsonSerializer"/> does.</summary>
    public static JsonSerializerOptions Complete(JsonSerializerOptions? options)
    {
        if (options is null) return _options;
        return options.TypeInfoResolver is null ? WithResolver(new(options)) : options;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only where the application has reflection for System.Text.Json switched on.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Only where the application has reflection for System.Text.Json switched on.")]
    private static JsonSerializerOptions WithResolver(JsonSerializerOptions options)
    {
        if (JsonSerializer.IsReflectionEnabledByDefault) options.TypeInfoResolver = new DefaultJsonTypeInfoResolver();
        return options;
    }
}
