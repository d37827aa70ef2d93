using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CachetTests.Otlp;

/// <summary>Where an application sends its telemetry.</summary>
internal sealed record Exporters(
    Action<TracerProviderBuilder> Traces, Action<MeterProviderBuilder> Metrics, Action<LoggerProviderBuilder> Logs)
{
    /// <summary>To standard output: spans and log records as they end, metrics at the end.</summary>
    public static Exporters Console { get; } = new(
        static traces => traces.AddConsoleExporter(), static metrics => metrics.AddConsoleExporter(), static logs => logs.AddConsoleExporter());

    /// <summary>To a collector on a loopback port.</summary>
    public static Exporters Otlp(OtlpExportProtocol protocol, int port, OtlpExportCompression compression = default, Pace? pace = null)
    {
        return new(
            traces => traces.AddOtlpExporter(o =>
            {
                Send(o, "traces");
                if (pace is not null) Hurry(o.BatchExportProcessorOptions, pace);
            }),
            metrics => metrics.AddOtlpExporter((o, reader) =>
            {
                Send(o, "metrics");
                if (pace is not null) reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = pace.DelayMilliseconds;
            }),
            logs => logs.AddOtlpExporter((o, processor) =>
            {
                Send(o, "logs");
                if (pace is not null) Hurry(processor.BatchExportProcessorOptions, pace);
            }));

        void Send(OtlpExporterOptions options, string signal)
        {
            string path = protocol == OtlpExportProtocol.HttpProtobuf ? $"v1/{signal}" : "";
            options.Protocol = protocol;
            options.Endpoint = new($"http://127.0.0.1:{port}/{path}");
            options.Compression = compression;
            if (pace is not null) options.TimeoutMilliseconds = pace.TimeoutMilliseconds;
        }
    }

    private static void Hurry<T>(BatchExportProcessorOptions<T> options, Pace pace)
        where T : class
    {
        options.MaxQueueSize = pace.Queue;
        options.MaxExportBatchSize = pace.Batch;
        options.ScheduledDelayMilliseconds = pace.DelayMilliseconds;
    }
}

/// <summary>How exporters work in the background.</summary>
/// <param name="Queue">How many spans, and how many log records, wait at most.</param>
/// <param name="Batch">How many are sent at once.</param>
/// <param name="DelayMilliseconds">What lies between two sendings.</param>
/// <param name="TimeoutMilliseconds">How long an exporter waits for an answer.</param>
internal sealed record Pace(int Queue, int Batch, int DelayMilliseconds, int TimeoutMilliseconds);
