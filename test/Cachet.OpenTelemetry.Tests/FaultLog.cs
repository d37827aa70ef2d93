using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace CachetTests;

/// <summary>What the event source of the instrumentation reports meanwhile.</summary>
internal sealed class FaultLog : EventListener
{
    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>The messages, in order.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "OpenTelemetry-Instrumentation-Cachet") EnableEvents(eventSource, EventLevel.Verbose);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
        _lines?.Enqueue(string.Format(System.Globalization.CultureInfo.InvariantCulture, eventData.Message!, [.. eventData.Payload!]));
}
