using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Cachet.QuickStart;

/// <summary>OpenTelemetry as an application sets it up: <c>AddCachetInstrumentation()</c> on both builders, and exporters.</summary>
/// <remarks>Disposing it sends whatever was not sent yet.</remarks>
internal sealed class Telemetry : IDisposable
{
    private readonly List<Activity> _spans = [];
    private readonly List<Metric> _metrics = [];
    private readonly BaseExportingMetricReader _reader;
    private readonly TracerProvider _tracing;
    private readonly MeterProvider _metering;

    [SuppressMessage("Reliability", "CA2000", Justification = "The providers dispose of the readers, processors and exporters that they are given.")]
    public Telemetry(Settings settings)
    {
        _reader = new(new InMemoryExporter<Metric>(_metrics));
        TracerProviderBuilder tracing = Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(Name)
            .AddSource(Story.Source.Name)
            .AddCachetInstrumentation()
            .AddInMemoryExporter(_spans);
        MeterProviderBuilder metering = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(Name)
            .AddCachetInstrumentation()
            .AddReader(_reader);
        if (settings.Otlp is { } url)
        {
            tracing.AddOtlpExporter(o => Send(o, url, "v1/traces"));
            metering.AddOtlpExporter(o => Send(o, url, "v1/metrics"));
        }

        if (settings.Console)
        {
            // In a batch, so that it comes after the story and not in between.
            tracing.AddProcessor(new BatchActivityExportProcessor(new ConsoleActivityExporter(new ConsoleExporterOptions())));
            metering.AddConsoleExporter();
        }

        _tracing = tracing.Build();
        _metering = metering.Build();
    }

    /// <summary>The spans of a trace that have ended, in the order in which they did.</summary>
    public IReadOnlyList<Activity> SpansOf(ActivityTraceId trace) => [.. _spans.Where(span => span.TraceId == trace)];

    /// <summary>All that was measured so far.</summary>
    public IReadOnlyList<Metric> Collect()
    {
        _metrics.Clear();
        _reader.Collect();
        return _metrics;
    }

    /// <summary>Makes a provider of its own for Prometheus, since it outlives the story. It answers at once.</summary>
    /// <exception cref="IOException">The port is in use.</exception>
    public static MeterProvider Serve(int port)
    {
        try
        {
            return Sdk.CreateMeterProviderBuilder()
                .ConfigureResource(Name)
                .AddCachetInstrumentation()
                .AddPrometheusHttpListener(o =>
                {
                    o.Host = "127.0.0.1";
                    o.Port = port;
                    o.ConfigureHttpListener = (_, listener) => listener.Prefixes.Add($"http://localhost:{port}/");
                })
                .Build();
        }
        catch (Exception trouble)
        {
            throw new IOException($"port {port} cannot be opened for Prometheus: {trouble.GetBaseException().Message}.", trouble);
        }
    }

    public void Dispose()
    {
        _tracing.Dispose();
        _metering.Dispose();
        _reader.Dispose();
    }

    private static void Name(ResourceBuilder resource) => resource.AddService("cachet-quickstart");

    private static void Send(OtlpExporterOptions options, Uri url, string path)
    {
        // By convention collectors speak gRPC on 4317 and HTTP on 4318. gRPC knows no paths; over HTTP each signal has its own.
        if (url.Port == 4318) options.Protocol = OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = options.Protocol == OtlpExportProtocol.HttpProtobuf ? new($"{url.AbsoluteUri.TrimEnd('/')}/{path}") : url;
        options.TimeoutMilliseconds = 3000;
    }
}
