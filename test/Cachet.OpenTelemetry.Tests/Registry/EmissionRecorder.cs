using Cachet;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Trace;

namespace CachetTests.Registry;

/// <summary>Everything that Cachet emits meanwhile: from all of its sources, all of its meters and to all loggers, whether the registry knows them or
/// not.</summary>
internal sealed class EmissionRecorder : IDisposable
{
    private readonly List<LogRecord> _records = [];
    private readonly TracerProvider _provider; // The recorder listens by itself: this attaches the instrumentation.

    public EmissionRecorder()
    {
        Logs = LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Trace).AddOpenTelemetry(o => o.AddInMemoryExporter(_records)));
        _provider = Sdk.CreateTracerProviderBuilder().AddCachetInstrumentation(static o => o.KeyRecording = KeyRecording.Full).Build();
    }

    public SpanRecorder Spans { get; } = new();

    public MeasurementRecorder Measurements { get; } = new();

    public ILoggerFactory Logs { get; }

    /// <summary>All that was emitted so far. To be asked once nothing is under way.</summary>
    public IReadOnlyList<Emission> Emissions => [.. Spans.Emissions, .. Measurements.Emissions, .. _records.Select(Of)];

    /// <summary>Whether the name of a source or a meter is one of Cachet's.</summary>
    public static bool IsOurs(string scope) => scope == "Cachet" || scope.StartsWith("Cachet.", StringComparison.Ordinal);

    public void Dispose()
    {
        Logs.Dispose();
        Measurements.Dispose();
        Spans.Dispose();
        _provider.Dispose();
    }

    private static Emission Of(LogRecord record)
    {
        IEnumerable<EmittedAttribute> attributes = record.Attributes!.Select(static a => new EmittedAttribute(a.Key, a.Value));
        if (record.Exception is { } exception) attributes = attributes.Concat(Of(exception));
        return new(
            SignalKind.Event,
            record.EventId.Name ?? "without a name",
            [new("scope", record.CategoryName!), new("severity", record.LogLevel.ToString().ToLowerInvariant()), new("event_id", $"{record.EventId.Id}")],
            [.. attributes]);
    }

    // What OTLP exporters make of an exception.
    private static IEnumerable<EmittedAttribute> Of(Exception exception) =>
    [
        new("exception.type", exception.GetType().Name),
        new("exception.message", exception.Message),
        new("exception.stacktrace", exception.ToString()),
    ];
}
