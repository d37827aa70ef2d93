using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace CachetTests.Otlp;

/// <summary>What the exporters could not send, which they say nowhere else.</summary>
internal sealed class ExporterFaults : EventListener
{
    // It then makes a client of its own, and sends.
    private const string Harmless = "HttpClientFactoryUnavailable";

    private readonly ConcurrentQueue<string> _heard = new();

    public IReadOnlyCollection<string> Heard => _heard;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "OpenTelemetry-Exporter-OpenTelemetryProtocol") EnableEvents(eventSource, EventLevel.Warning);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName != Harmless) _heard.Enqueue($"{eventData.EventName}: {string.Join(", ", eventData.Payload ?? [])}");
    }
}
