using System.Diagnostics.Tracing;

namespace Cachet.QuickStart;

/// <summary>Notices that the OTLP exporter failed: OpenTelemetry never lets that disturb the application, and tells event listeners only.</summary>
internal sealed class OtlpTrouble : EventListener
{
    private int _failures;

    public bool Any => Volatile.Read(ref _failures) > 0;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "OpenTelemetry-Exporter-OpenTelemetryProtocol") EnableEvents(eventSource, EventLevel.Warning);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData) => Interlocked.Increment(ref _failures);
}
