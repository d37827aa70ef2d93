using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Caching.Hybrid;

namespace Cachet;

/// <summary>The default serializer: System.Text.Json, with the type resolved once, at Build.</summary>
internal sealed class JsonValueSerializer<TValue>(JsonTypeInfo<TValue> type) : IHybridCacheSerializer<TValue>
{
    public static JsonValueSerializer<TValue> Create(JsonSerializerOptions? options, string cache, string tier)
    {
        try
        {
            return new((JsonTypeInfo<TValue>)(options ?? JsonDefaults.Options).GetTypeInfo(typeof(TValue)));
        }
        catch (Exception error) when (error is NotSupportedException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidOperationException(
                $"Tier '{tier}' of cache '{cache}' cannot serialize {typeof(TValue)}: its JsonSerializerOptions have no JsonTypeInfo for it. "
                + "Set the tier's JsonTypeInfo (from a JsonSerializerContext), its JsonSerializerOptions, or its Serializer.",
                error);
        }
    }

    public TValue Deserialize(ReadOnlySequence<byte> source)
    {
        var reader = new Utf8JsonReader(source);
        TValue value = JsonSerializer.Deserialize(ref reader, type)!;
        return reader.Read() ? throw new JsonException("There is more than one value.") : value;
    }

    public void Serialize(TValue value, IBufferWriter<byte> target)
    {
        using var writer = new Utf8JsonWriter(target);
        JsonSerializer.Serialize(writer, value, type);
    }
}

/// <summary>The options of the default serializer where the application gives none.</summary>
internal static class JsonDefaults
{
    public static JsonSerializerOptions Options { get; } = Create();

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only where the application has reflection for System.Text.Json switched on.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Only where the application has reflection for System.Text.Json switched on.")]
    private static JsonSerializerOptions Create()
    {
        // A cache must give back what it was given: fields (of tuples, say), not-a-number and the infinities are kept.
        var options = new JsonSerializerOptions
        {
            IncludeFields = true,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        };
        if (JsonSerializer.IsReflectionEnabledByDefault) options.TypeInfoResolver = new DefaultJsonTypeInfoResolver();
        options.MakeReadOnly();
        return options;
    }
}
