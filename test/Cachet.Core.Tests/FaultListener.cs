using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace CachetTests;

/// <summary>Hears one kind of fault that Cachet reports, from its birth on.</summary>
internal sealed class FaultListener(string kind) : EventListener
{
    // Created by the constructor of the base already, which may call back before there is a kind.
    private readonly ConcurrentQueue<(string? Kind, string Payload)> _heard = [];

    /// <summary>The types in each report that has the word: the source is the process's, and other tests' faults may be reported meanwhile.</summary>
    public string[] Of(string word) =>
        [.. _heard.Where(h => h.Kind == kind && h.Payload.Contains(word, StringComparison.Ordinal)).Select(static h => h.Payload)];

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Cachet") EnableEvents(eventSource, EventLevel.Warning);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventSource.Name == "Cachet") _heard.Enqueue((eventData.EventName, string.Join(' ', eventData.Payload!)));
    }
}
