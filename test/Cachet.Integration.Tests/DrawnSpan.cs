namespace CachetTests;

/// <summary>A span as far as <see cref="TraceText"/> draws it, wherever it is from. A root's parent is one that is not there.</summary>
internal sealed record DrawnSpan(string TraceId, string SpanId, string ParentSpanId, string Name)
{
    public required IReadOnlyList<KeyValuePair<string, object?>> Attributes { get; init; }

    /// <summary>The ids of the spans that it links to.</summary>
    public required IReadOnlyList<string> Links { get; init; }

    /// <summary><c>Internal</c> and the like.</summary>
    public required string Kind { get; init; }

    /// <summary><c>Unset</c> and the like.</summary>
    public required string Status { get; init; }
}
