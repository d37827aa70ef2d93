using System.Diagnostics.Tracing;

namespace Cachet;

/// <summary>Where Cachet reports faults in what was plugged into it: names of types only, never a message, a key or a value.</summary>
[EventSource(Name = TelemetryNames.Scope)]
internal sealed class CachetEventSource : EventSource
{
    public static readonly CachetEventSource Log = new();

    private CachetEventSource()
    {
    }

    [Event(1, Level = EventLevel.Warning, Message = "The event handler {0} threw {1}. It is called again; the same pair is not reported again.")]
    public void HandlerFault(string handlerType, string exceptionType) => WriteEvent(1, handlerType, exceptionType);

    [Event(2, Level = EventLevel.Warning, Message = "The logger {0} threw {1}. It is called again; the same pair is not reported again.")]
    public void LoggerFault(string loggerType, string exceptionType) => WriteEvent(2, loggerType, exceptionType);

    [Event(3, Level = EventLevel.Warning, Message = "Recording a key of type {0} threw {1}; the key was left out. The same pair is not reported again.")]
    public void KeyRecordingFault(string keyType, string exceptionType) => WriteEvent(3, keyType, exceptionType);
}
