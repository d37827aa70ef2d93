using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Exporter;

namespace CachetTests.Otlp;

/// <summary>What a collector makes of what it is sent.</summary>
public enum CollectorAnswer
{
    /// <summary>Takes it.</summary>
    Accepted,

    /// <summary>Cannot take it now: 503, or UNAVAILABLE.</summary>
    Unavailable,

    /// <summary>Will never take it: 400, or INVALID_ARGUMENT.</summary>
    Refused,
}

/// <summary>A collector of OpenTelemetry on a loopback port: reads OTLP over one of its two protocols, keeps it, and answers as it is told.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private static readonly Dictionary<string, Signal> _grpc = new(StringComparer.Ordinal)
    {
        ["/opentelemetry.proto.collector.trace.v1.TraceService/Export"] = Signal.Traces,
        ["/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"] = Signal.Metrics,
        ["/opentelemetry.proto.collector.logs.v1.LogsService/Export"] = Signal.Logs,
    };

    private static readonly Dictionary<string, Signal> _http = new(StringComparer.Ordinal)
    {
        ["/v1/traces"] = Signal.Traces,
        ["/v1/metrics"] = Signal.Metrics,
        ["/v1/logs"] = Signal.Logs,
    };

    private readonly WebApplication _application;
    private readonly OtlpExportProtocol _protocol;
    private readonly CollectorAnswer _answer;
    private readonly Gate? _hold;
    private int _answers;
    private int _compressed;

    private Collector(OtlpExportProtocol protocol, CollectorAnswer answer, Gate? hold)
    {
        _protocol = protocol;
        _answer = answer;
        _hold = hold;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l =>
            l.Protocols = IsGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        _application = builder.Build();
        _application.Run(TakeAsync);
    }

    public ReceivedTelemetry Received { get; } = new();

    /// <summary>How many requests it has answered.</summary>
    public int Answers => Volatile.Read(ref _answers);

    /// <summary>How many of them were compressed.</summary>
    public int Compressed => Volatile.Read(ref _compressed);

    public int Port => new Uri(_application.Urls.Single()).Port;

    private bool IsGrpc => _protocol == OtlpExportProtocol.Grpc;

    /// <summary>Starts one.</summary>
    /// <param name="protocol">What it speaks.</param>
    /// <param name="answer">What it answers.</param>
    /// <param name="hold">Where it waits when it has read a request, before it answers.</param>
    public static async Task<Collector> StartAsync(
        OtlpExportProtocol protocol, CollectorAnswer answer = CollectorAnswer.Accepted, Gate? hold = null)
    {
        var collector = new Collector(protocol, answer, hold);
        await collector._application.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync()
    {
        _hold?.Open();
        return _application.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        if (!(IsGrpc ? _grpc : _http).TryGetValue(context.Request.Path, out Signal signal))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        string mediaType = IsGrpc ? "application/grpc" : "application/x-protobuf";
        if (context.Request.ContentType != mediaType)
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        string? encoding = context.Request.Headers[IsGrpc ? "grpc-encoding" : "content-encoding"];
        if (encoding is not null) Interlocked.Increment(ref _compressed);
        Received.Add(signal, await (IsGrpc ? GrpcMessage.ReadAsync(context.Request) : HttpMessage.ReadAsync(context.Request)));
        if (_hold is not null) await _hold.PassAsync(context.RequestAborted);
        Interlocked.Increment(ref _answers);
        await (IsGrpc ? GrpcMessage.AnswerAsync(context.Response, GrpcStatus()) : HttpMessage.AnswerAsync(context.Response, HttpStatus()));
    }

    private int GrpcStatus() => _answer switch
    {
        CollectorAnswer.Accepted => 0,
        CollectorAnswer.Unavailable => 14,
        _ => 3,
    };

    private int HttpStatus() => _answer switch
    {
        CollectorAnswer.Accepted => StatusCodes.Status200OK,
        CollectorAnswer.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status400BadRequest,
    };
}
