using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace CachetTests;

/// <summary>Spans as a tree of text, everything that is the same in every run: one line per span, indented below its parent.</summary>
/// <remarks>A line is <c>display name [kind status] attribute=value … -> display name of a linked span</c>. Calls inside an operation stand in the order in which
/// the cache's clock saw them begin, all else in the order of its text.</remarks>
internal static class TraceText
{
    public static string Of(IReadOnlyCollection<Activity> spans)
    {
        HashSet<ActivitySpanId> present = [.. spans.Select(static s => s.SpanId)];
        var text = new StringBuilder();
        foreach (string tree in spans.Where(s => !present.Contains(s.ParentSpanId)).Select(s => Tree(s, spans, 0)).Order(StringComparer.Ordinal))
        {
            text.Append(tree);
        }

        return text.ToString().TrimEnd('\n');
    }

    /// <summary>A span's own line.</summary>
    public static string Line(Activity span, IReadOnlyCollection<Activity> spans)
    {
        var text = new StringBuilder(span.DisplayName).Append(" [").Append(span.Kind).Append(' ').Append(span.Status).Append(']');
        if (span.StatusDescription is { } description) text.Append(" description=").Append(description);
        foreach ((string name, object? value) in span.TagObjects) text.Append(' ').Append(name).Append('=').Append(Text(value));
        foreach (ActivityEvent e in span.Events) text.Append(" event ").Append(e.Name);
        foreach (ActivityLink link in span.Links)
        {
            text.Append(" -> ").Append(spans.SingleOrDefault(s => s.Context == link.Context)?.DisplayName ?? "?");
            if (link.Tags?.Any() == true) text.Append(" with attributes");
        }

        return text.ToString();
    }

    /// <summary>An attribute's value; text as it is, everything else as JSON would have it.</summary>
    public static string Text(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Tree(Activity span, IReadOnlyCollection<Activity> spans, int depth)
    {
        var text = new StringBuilder().Append(' ', depth * 2).Append(Line(span, spans)).Append('\n');
        IEnumerable<(TimeSpan Begins, string Text)> children = spans
            .Where(s => s.ParentSpanId == span.SpanId && s.TraceId == span.TraceId)
            .Select(s => (IsTimedByTheCache(s) ? s.StartTimeUtc - span.StartTimeUtc : default, Tree(s, spans, depth + 1)));
        foreach ((_, string child) in children.OrderBy(static c => c.Begins).ThenBy(static c => c.Text, StringComparer.Ordinal)) text.Append(child);
        return text.ToString();
    }

    private static bool IsTimedByTheCache(Activity span) => span.OperationName is "cache.tier" or "cache.load";
}
