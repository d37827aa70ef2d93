using System.Diagnostics;
using Cachet;
using CachetTests.Otlp;

namespace CachetTests;

/// <summary>Draws traces as text, for whole-output assertions: one line a span, indented below its parent.</summary>
internal static class TraceText
{
    // What a line's name or place says already.
    private static readonly HashSet<string> _told =
        [TelemetryNames.CacheName, TelemetryNames.Operation, TelemetryNames.TierOperation, TelemetryNames.Outcome];

    /// <param name="spans">In the order in which they ended: siblings that began at once are drawn in it.</param>
    public static string Of(IReadOnlyList<Activity> spans) => Of([.. spans.OrderBy(static s => s.StartTimeUtc).Select(Drawn)]);

    /// <param name="spans">As they were received, in any order: siblings that began at once are drawn in the order of their names.</param>
    public static string Of(IEnumerable<Span> spans) =>
        Of([.. spans.OrderBy(static s => s.StartTimeUnixNano).ThenBy(static s => s.Name, StringComparer.Ordinal).Select(Drawn)]);

    private static string Of(List<DrawnSpan> spans)
    {
        var lines = new List<string>();
        ILookup<string, DrawnSpan> children = spans.ToLookup(static s => s.ParentSpanId);
        var names = spans.ToDictionary(static s => s.SpanId, static s => s.Name);
        foreach (DrawnSpan root in spans.Where(s => !names.ContainsKey(s.ParentSpanId))) Draw(root, 0);
        return string.Join('\n', lines);

        void Draw(DrawnSpan span, int depth)
        {
            lines.Add($"{new string(' ', depth * 2)}{Line(span, names)}");
            foreach (DrawnSpan child in children[span.SpanId].Where(c => c.TraceId == span.TraceId)) Draw(child, depth + 1);
        }
    }

    /// <summary>For example <c>cache.tier get l2: hit; fallback=True, size=51</c>.</summary>
    private static string Line(DrawnSpan span, Dictionary<string, string> names)
    {
        var attributes = span.Attributes.ToDictionary(static a => a.Key, static a => a.Value);
        string outcome = attributes.TryGetValue(TelemetryNames.Outcome, out object? value) ? $": {value}" : string.Empty;
        bool isTier = attributes.ContainsKey(TelemetryNames.TierOperation);
        IEnumerable<string> details = span.Attributes
            .Where(a => !_told.Contains(a.Key) && !(isTier && a.Key == TelemetryNames.TierName))
            .Select(AttributeText.Of)
            .Concat(span.Status == nameof(ActivityStatusCode.Unset) ? [] : [$"status={span.Status}"])
            .Concat(span.Kind == nameof(ActivityKind.Internal) ? [] : [$"kind={span.Kind}"])
            .Concat(span.Links.Select(id => $"link to {names.GetValueOrDefault(id, "a span unknown")}"));
        string rest = string.Join(", ", details);
        return rest.Length == 0 ? $"{span.Name}{outcome}" : $"{span.Name}{outcome}; {rest}";
    }

    private static DrawnSpan Drawn(Activity span) =>
        new(span.TraceId.ToHexString(), span.SpanId.ToHexString(), span.ParentSpanId.ToHexString(), span.DisplayName)
        {
            Attributes = [.. span.TagObjects],
            Links = [.. span.Links.Select(static l => l.Context.SpanId.ToHexString())],
            Kind = $"{span.Kind}",
            Status = $"{span.Status}",
        };

    private static DrawnSpan Drawn(Span span) =>
        new(span.TraceId.Hex(), span.SpanId.Hex(), span.ParentSpanId.Hex(), span.Name)
        {
            Attributes = [.. span.Attributes.ByName()],
            Links = [.. span.Links.Select(static l => l.SpanId.Hex())],
            Kind = $"{span.Kind}",
            Status = $"{span.Status?.Code ?? default}",
        };
}
