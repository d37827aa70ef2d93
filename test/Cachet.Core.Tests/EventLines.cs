using Cachet;

namespace CachetTests;

/// <summary>Operation events as text: <c>get hit l1</c>, <c>get_or_insert loaded coalesced</c>.</summary>
internal static class EventLines
{
    public static IReadOnlyList<string> OperationLines(this EventRecorder events) => [.. events.Operations.Select(static e =>
        $"{TelemetryNames.Of(e.Operation)} {TelemetryNames.Of(e.Outcome)}{(e.TierName is { } tier ? " " + tier : "")}{(e.Coalesced ? " coalesced" : "")}")];

    public static string LastOperationLine(this EventRecorder events) => events.OperationLines()[^1];
}
