using System.Diagnostics;
using System.Globalization;
using Cachet;

namespace CachetTests;

/// <summary>Draws traces as text, for whole-output assertions: one line a span, indented below its parent.</summary>
internal static class TraceText
{
    // What a line's name or place says already.
    private static readonly HashSet<string> _told =
        [TelemetryNames.CacheName, TelemetryNames.Operation, TelemetryNames.TierOperation, TelemetryNames.Outcome];

    /// <param name="spans">In the order in which they ended: siblings that began at once are drawn in it.</param>
    public static string Of(IReadOnlyList<Activity> spans)
    {
        var lines = new List<string>();
        ILookup<ActivitySpanId, Activity> children = spans.OrderBy(static s => s.StartTimeUtc).ToLookup(static s => s.ParentSpanId);
        var names = spans.ToDictionary(static s => s.SpanId, static s => s.DisplayName);
        foreach (Activity root in spans.Where(s => !names.ContainsKey(s.ParentSpanId)).OrderBy(static s => s.StartTimeUtc)) Draw(root, 0);
        return string.Join('\n', lines);

        void Draw(Activity span, int depth)
        {
            lines.Add($"{new string(' ', depth * 2)}{Line(span, names)}");
            foreach (Activity child in children[span.SpanId].Where(c => c.TraceId == span.TraceId)) Draw(child, depth + 1);
        }
    }

    /// <summary>For example <c>cache.tier get l2: hit; fallback=True, size=51</c>.</summary>
    private static string Line(Activity span, Dictionary<ActivitySpanId, string> names)
    {
        string outcome = span.GetTagItem(TelemetryNames.Outcome) is { } value ? $": {value}" : string.Empty;
        bool isTier = span.OperationName == TelemetryNames.TierSpan;
        IEnumerable<string> details = span.TagObjects
            .Where(t => !_told.Contains(t.Key) && !(isTier && t.Key == TelemetryNames.TierName))
            .Select(static t => $"{t.Key.Replace("cache.", string.Empty, StringComparison.Ordinal)}={Convert.ToString(t.Value, CultureInfo.InvariantCulture)}")
            .Concat(span.Status == ActivityStatusCode.Unset ? [] : [$"status={span.Status}"])
            .Concat(span.Kind == ActivityKind.Internal ? [] : [$"kind={span.Kind}"])
            .Concat(span.Links.Select(l => $"link to {names.GetValueOrDefault(l.Context.SpanId, "a span unknown")}"));
        string rest = string.Join(", ", details);
        return rest.Length == 0 ? $"{span.DisplayName}{outcome}" : $"{span.DisplayName}{outcome}; {rest}";
    }
}
