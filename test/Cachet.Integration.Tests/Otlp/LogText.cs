using Cachet;
using Google.Protobuf;

namespace CachetTests.Otlp;

/// <summary>Draws Cachet's log records as text, for whole-output assertions: one line a record, those of a trace together, the traces in the order in
/// which they began.</summary>
internal static class LogText
{
    // The same everywhere, or another one every time.
    private static readonly HashSet<string> _leftOut = [TelemetryNames.CacheName, TelemetryNames.DurationNanoseconds, TelemetryNames.RequestId];

    public static string Of(ReceivedTelemetry received)
    {
        Span[] spans = [.. received.Spans.Select(static s => s.Data).OrderBy(static s => s.StartTimeUnixNano)];
        var names = spans.ToDictionary(static s => (s.TraceId, s.SpanId), static s => s.Name);
        ILookup<ByteString, LogRecord> records = received.Logs
            .Where(static l => l.Origin.Scope.Name == TelemetryNames.Scope)
            .ToLookup(static l => l.Data.TraceId, static l => l.Data);
        IEnumerable<ByteString> traces = spans.Select(static s => s.TraceId).Concat(records.Select(static r => r.Key)).Distinct();
        return string.Join('\n', traces
            .SelectMany(trace => records[trace])
            .Select(r => Line(r, names.GetValueOrDefault((r.TraceId, r.SpanId), "a span unknown"))));
    }

    /// <summary>For example <c>Debug cache.hit in cache.tier get l1: tier.name=l1, operation=get</c>.</summary>
    private static string Line(LogRecord record, string span)
    {
        string attributes = AttributeText.Of(record.Attributes.ByName().Where(static a => !_leftOut.Contains(a.Key)));
        return $"{record.SeverityText} {record.EventName} in {span}: {attributes}";
    }
}
