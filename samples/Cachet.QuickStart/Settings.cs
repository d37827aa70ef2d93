using System.Globalization;
using System.Net;

namespace Cachet.QuickStart;

/// <summary>What the command line asks for.</summary>
internal sealed record Settings
{
    public const string HelpText =
        """
        Cachet quick start: tells the life of a two-tier cache in six steps, shows the trace of each, and then the metrics of all.

        Usage: dotnet run --project samples/Cachet.QuickStart -- [switches]

          --redis HOST:PORT   keep the second tier in this Redis (or Garnet, or Valkey). Without it: in this process, no server needed.
          --otlp URL          also send traces and metrics to an OpenTelemetry collector, for example http://localhost:4317.
                              By gRPC, unless the port is 4318 or OTEL_EXPORTER_OTLP_PROTOCOL says http/protobuf.
          --prometheus PORT   after the story serve the metrics at http://127.0.0.1:PORT/metrics, until stopped (Ctrl+C).
          --console           after the story also print the same spans and metrics through OpenTelemetry's console exporter.
          --help              this text.

        Exit code: 0 all well, 1 something could not be reached or opened, 2 the switches make no sense.

        """;

    public DnsEndPoint? Redis { get; init; }

    public Uri? Otlp { get; init; }

    public int? PrometheusPort { get; init; }

    public bool Console { get; init; }

    public bool Help { get; init; }

    /// <summary>Reads the switches; a value stands behind its switch, after a space or a <c>=</c>.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="settings">What they ask for, if they make sense.</param>
    /// <param name="problem">What is wrong with them, if not: one sentence.</param>
    public static bool TryParse(IReadOnlyList<string> args, out Settings settings, out string problem)
    {
        settings = new();
        problem = "";
        for (int i = 0; i < args.Count && problem.Length == 0; i++)
        {
            (string name, string? value) = Split(args[i]);
            bool takesValue = name is "--redis" or "--otlp" or "--prometheus";
            if (takesValue && value is null && i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal)) value = args[++i];
            if (!takesValue && value is not null) problem = $"'{name}' takes no value.";
            else (settings, problem) = settings.With(name, value ?? "");
        }

        return problem.Length == 0;
    }

    private static (string Name, string? Value) Split(string argument)
    {
        int equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=', StringComparison.Ordinal) : -1;
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }

    private (Settings Settings, string Problem) With(string name, string value) => name switch
    {
        "--redis" => EndPoint(value) is { } redis ? (this with { Redis = redis }, "") : Wants(name, "HOST:PORT, for example localhost:6379", value),
        "--otlp" => Url(value) is { } url
            ? (this with { Otlp = url }, "")
            : Wants(name, "an http or https URL, for example http://localhost:4317", value),
        "--prometheus" => Port(value) is { } port
            ? (this with { PrometheusPort = port }, "")
            : Wants(name, "a port from 1 to 65535, for example 9464", value),
        "--console" => (this with { Console = true }, ""),
        "--help" or "-h" => (this with { Help = true }, ""),
        _ => (this, $"'{name}' is not a switch of this sample."),
    };

    private (Settings Settings, string Problem) Wants(string name, string what, string value) =>
        (this, $"'{name}' wants {what}, and got {(value.Length == 0 ? "nothing" : $"'{value}'")}.");

    private static DnsEndPoint? EndPoint(string value)
    {
        int colon = value.LastIndexOf(':');
        string host = colon > 0 ? value[..colon].TrimStart('[').TrimEnd(']') : "";
        return Uri.CheckHostName(host) != UriHostNameType.Unknown && Port(value[(colon + 1)..]) is { } port ? new(host, port) : null;
    }

    private static Uri? Url(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out Uri? url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) ? url : null;

    private static int? Port(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= IPEndPoint.MaxPort ? port : null;
}
