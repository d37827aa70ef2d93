using System.Diagnostics.Tracing;

namespace Cachet;

/// <summary>Where faults in what was plugged into the instrumentation are reported: names of types only, never a message, a key or a value.</summary>
/// <remarks>The beginning of its name is what the self-diagnostics of the OpenTelemetry SDK listens to.</remarks>
[EventSource(Name = "OpenTelemetry-Instrumentation-Cachet")]
internal sealed class CachetTraceEventSource : EventSource
{
    public static readonly CachetTraceEventSource Log = new();

    private CachetTraceEventSource()
    {
    }

    [Event(1, Level = EventLevel.Error, Message = "The callback {0} threw {1}. It is called again; the same pair is not reported again.")]
    public void CallbackFault(string callback, string exceptionType) => WriteEvent(1, callback, exceptionType);

    [Event(2, Level = EventLevel.Warning, Message = "Tracer providers differ in the option KeyRecording: {0}. Spans are shared, so the one that tells least counts for all: {1}.")]
    public void KeyRecordingDiffers(string asked, string counts) => WriteEvent(2, asked, counts);
}
