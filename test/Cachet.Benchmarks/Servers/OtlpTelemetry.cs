using System.Diagnostics.Tracing;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using ZiggyCreatures.Caching.Fusion;

namespace CachetBenchmarks;

/// <summary>Traces and metrics of whatever is there, all of them, sent to a receiver by OpenTelemetry's exporter as it comes.</summary>
internal sealed class OtlpTelemetry : IDisposable
{
    // Some collections fall into what is measured; there would be none in the minute that is the default.
    private const int MetricsEvery = 1_000;

    private readonly SdkEvents _events = new();
    private readonly int _receiver;
    private readonly Received _before;
    private readonly TracerProvider _traces;
    private readonly MeterProvider _metrics;

    private OtlpTelemetry(int receiver, Received before)
    {
        _receiver = receiver;
        _before = before;
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetSampler(new AlwaysOnSampler())
            .AddCachetInstrumentation()
            .AddSource(
                FusionCacheDiagnostics.ActivitySourceName,
                FusionCacheDiagnostics.ActivitySourceNameMemoryLevel,
                FusionCacheDiagnostics.ActivitySourceNameDistributedLevel)
            .AddOtlpExporter(o => Send(o, ReceiverCommand.Traces))
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .AddCachetInstrumentation()
            .AddMeter(FusionCacheDiagnostics.MeterName, FusionCacheDiagnostics.MeterNameMemoryLevel, FusionCacheDiagnostics.MeterNameDistributedLevel)
            .AddOtlpExporter((o, reader) =>
            {
                Send(o, ReceiverCommand.Metrics);
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = MetricsEvery;
            })
            .Build();
    }

    public static async Task<OtlpTelemetry> StartAsync(int receiver) => new(receiver, await Received.AskAsync(receiver));

    /// <summary>Sends what is left, and compares what was made with what was received.</summary>
    public async Task<Delivery> StopAsync()
    {
        Dispose();
        if (_events.Errors.Count > 0) throw new InvalidOperationException(string.Join('\n', _events.Errors));
        Received now = await Received.AskAsync(_receiver);
        long spans = now.Spans - _before.Spans;
        return new(
            spans + _events.SpansDropped,
            spans,
            now.TraceRequests - _before.TraceRequests,
            now.MetricRequests - _before.MetricRequests,
            now.Bytes - _before.Bytes);
    }

    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
        _events.Dispose();
    }

    private void Send(OtlpExporterOptions options, string path)
    {
        options.Protocol = OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = ReceiverCommand.Address(_receiver, path);
    }

    /// <summary>How many spans found no room to wait in: the SDK says so when it ends. And what went wrong.</summary>
    private sealed class SdkEvents : EventListener
    {
        private const string Dropped = "ExistsDroppedExportProcessorItems";

        public List<string> Errors { get; } = [];

        public long SpansDropped { get; private set; }

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name.StartsWith("OpenTelemetry-", StringComparison.Ordinal)) EnableEvents(eventSource, EventLevel.Warning);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.EventName == Dropped) SpansDropped += Convert.ToInt64(eventData.Payload![2], null);
            else if (eventData.Level <= EventLevel.Error) Errors.Add($"{eventData.EventName}: {string.Join(", ", eventData.Payload ?? [])}");
        }
    }
}
