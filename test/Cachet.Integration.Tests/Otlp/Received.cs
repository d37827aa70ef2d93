using Google.Protobuf;

namespace CachetTests.Otlp;

/// <summary>A span, a metric or a log record as it was received, with where it is from.</summary>
internal sealed record Received<T>(Origin Origin, T Data);

/// <summary>The resource and the scope that something was sent under.</summary>
internal sealed record Origin(Resource Resource, InstrumentationScope Scope, string SchemaUrl)
{
    public override string ToString() => $"{Scope.Name} {Scope.Version} {SchemaUrl}";
}

/// <summary>Reads single values out of messages.</summary>
internal static class Reading
{
    public static string Hex(this ByteString bytes) => Convert.ToHexStringLower(bytes.Span);

    public static object? Value(this AnyValue value) => value.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => value.StringValue,
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue,
        AnyValue.ValueOneofCase.IntValue => value.IntValue,
        AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue,
        _ => null,
    };

    /// <summary>Attributes by their name; one that was sent twice is an error.</summary>
    public static IReadOnlyDictionary<string, object?> ByName(this IEnumerable<KeyValue> attributes) =>
        attributes.ToDictionary(static a => a.Key, static a => a.Value.Value());
}
