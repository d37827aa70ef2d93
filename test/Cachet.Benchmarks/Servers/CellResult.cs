using System.Text.Json;
using System.Text.Json.Serialization;

namespace CachetBenchmarks;

/// <summary>What came out of a cell. Times are in microseconds.</summary>
internal sealed record CellResult(Cell Cell, Measurement Load, Delivery Delivery)
{
    private static readonly JsonSerializerOptions _json = new() { IgnoreReadOnlyProperties = true, Converters = { new JsonStringEnumConverter() } };

    public const string CsvHead =
        "server,reads,contender,callers,telemetry,operations,seconds,operations_per_second,p50_us,p90_us,p99_us,p99.9_us,cpu_us_per_operation,"
        + "bytes_per_operation,compiling,server_commands_per_operation,spans_made_per_operation,spans_made,spans_received,trace_requests,metric_requests,bytes_sent";

    /// <summary>Of the spans that were made, how many reached the receiver.</summary>
    public double Delivered => Delivery.SpansReceived / (double)Delivery.SpansMade;

    public double SpansPerOperation => Delivery.SpansMade / (double)Load.AllOperations;

    public static CellResult Parse(string line) => JsonSerializer.Deserialize<CellResult>(line, _json)!;

    public override string ToString() => JsonSerializer.Serialize(this, _json);

    public string Csv() => string.Join(',', Cell.Server, Cell.Reads, Cell.Contender, Cell.Callers, Cell.Telemetry ? "on" : "off",
        $"{Load.Operations},{Load.Seconds:0.000},{Load.PerSecond:0},{Load.P50:0.0},{Load.P90:0.0},{Load.P99:0.0},{Load.P999:0.0}",
        $"{Load.Cpu:0.00},{Load.Bytes:0},{Load.Compiling:0.000},{Load.Commands:0.000},{(Cell.Telemetry ? SpansPerOperation : 0):0.000}",
        $"{Delivery.SpansMade},{Delivery.SpansReceived},{Delivery.TraceRequests},{Delivery.MetricRequests},{Delivery.Bytes}");
}

/// <summary>What a load came to. Times are in microseconds; CPU, bytes and commands are per operation.</summary>
/// <param name="Operations">How many ended while it was measured.</param>
/// <param name="AllOperations">How many there were, those to warm up included.</param>
/// <param name="Seconds">How long it was measured.</param>
/// <param name="P50">The median of the operations' times.</param>
/// <param name="P90">Nine in ten took at most so long.</param>
/// <param name="P99">99 in a hundred.</param>
/// <param name="P999">999 in a thousand.</param>
/// <param name="Cpu">The processor's time that the process took, all its threads together: those that export telemetry, too.</param>
/// <param name="Bytes">What was allocated.</param>
/// <param name="Commands">What was sent to the server.</param>
/// <param name="Compiling">Which share of that time went into compiling what was not yet compiled as well as it will be.</param>
internal sealed record Measurement(
    long Operations, long AllOperations, double Seconds, double P50, double P90, double P99, double P999, double Cpu, double Bytes, double Commands,
    double Compiling)
{
    public double PerSecond => Operations / Seconds;
}

/// <summary>What became of the telemetry of a process.</summary>
/// <param name="SpansMade">How many spans ended.</param>
/// <param name="SpansReceived">How many of them reached the receiver.</param>
/// <param name="TraceRequests">In how many requests.</param>
/// <param name="MetricRequests">How many requests with metrics there were.</param>
/// <param name="Bytes">How long all requests were.</param>
internal sealed record Delivery(long SpansMade, long SpansReceived, long TraceRequests, long MetricRequests, long Bytes)
{
    public static Delivery Nothing { get; } = new(0, 0, 0, 0, 0);
}
