using System.Diagnostics;

namespace Cachet.QuickStart;

/// <summary>Draws one trace as an indented tree: a line for each span, below the span that it happened in.</summary>
internal sealed class TraceTree
{
    private const int NameWidth = 40;
    private const int DurationWidth = 8;
    private const int ShownOfAKind = 2;

    private readonly ILookup<ActivitySpanId, Activity> _children;
    private readonly Dictionary<ActivitySpanId, Activity> _spans;
    private readonly HashSet<ActivitySpanId> _linkedTo;
    private readonly TextWriter _output;

    private TraceTree(IReadOnlyList<Activity> spans, TextWriter output)
    {
        _output = output;
        _spans = spans.ToDictionary(static span => span.SpanId);
        _children = spans.OrderBy(static span => span.StartTimeUtc).ToLookup(static span => span.ParentSpanId);
        _linkedTo = [.. spans.SelectMany(static span => span.Links).Select(static link => link.Context.SpanId)];
    }

    public static void Draw(IReadOnlyList<Activity> spans, TextWriter output)
    {
        var tree = new TraceTree(spans, output);
        foreach (Activity root in spans.Where(span => !tree._spans.ContainsKey(span.ParentSpanId))) tree.Draw(root, "  ", "  ");
    }

    private void Draw(Activity span, string prefix, string indent)
    {
        string name = $"{prefix}{span.DisplayName}".PadRight(NameWidth);
        _output.WriteLine($"{name} {Durations.Text(span.Duration.TotalSeconds),DurationWidth}   {Details(span)}".TrimEnd());
        (Activity? Span, int More)[] lines = [.. Lines([.. _children[span.SpanId]])];
        for (int i = 0; i < lines.Length; i++)
        {
            bool last = i == lines.Length - 1;
            string branch = indent + (last ? "└─ " : "├─ ");
            if (lines[i].Span is { } child) Draw(child, branch, indent + (last ? "   " : "│  "));
            else _output.WriteLine($"{branch}… and {lines[i].More} more like it");
        }
    }

    /// <summary>Of siblings that look alike only the first few get lines of their own; the rest are counted.</summary>
    private IEnumerable<(Activity? Span, int More)> Lines(IReadOnlyList<Activity> siblings)
    {
        foreach (IGrouping<string, Activity> alike in siblings.GroupBy(Looks))
        {
            int shown = alike.Count() > ShownOfAKind + 1 ? ShownOfAKind : ShownOfAKind + 1; // A line for one more would save none.
            foreach (Activity span in alike.Take(shown)) yield return (span, 0);
            if (alike.Skip(shown).Any()) yield return (null, alike.Count() - shown);
        }
    }

    private string Looks(Activity span) => $"{span.DisplayName} {Details(span)} [{string.Join(", ", _children[span.SpanId].Select(Looks))}]";

    private string Details(Activity span)
    {
        List<string> details = [];
        if (span.Status == ActivityStatusCode.Error) details.Add($"ERROR {span.GetTagItem(TelemetryNames.ErrorType)}");
        else if (span.GetTagItem(TelemetryNames.Outcome) is { } outcome) details.Add($"{outcome}");
        if (span.OperationName != TelemetryNames.TierSpan && span.GetTagItem(TelemetryNames.TierName) is { } tier) details.Add($"served by {tier}");
        if (span.GetTagItem(TelemetryNames.Fallback) is true) details.Add("fallback");
        if (span.GetTagItem(TelemetryNames.EntrySize) is { } size) details.Add($"{size} bytes");
        if (span.GetTagItem(TelemetryNames.Coalesced) is true) details.Add("coalesced");
        if (_linkedTo.Contains(span.SpanId)) details.Add($"span {Short(span.SpanId)}");
        foreach (ActivityLink link in span.Links)
        {
            string name = _spans.TryGetValue(link.Context.SpanId, out Activity? target) ? target.OperationName : "span";
            details.Add($"→ linked to {name} {Short(link.Context.SpanId)}");
        }

        return string.Join(", ", details);
    }

    private static string Short(ActivitySpanId id) => id.ToHexString()[..6];
}
