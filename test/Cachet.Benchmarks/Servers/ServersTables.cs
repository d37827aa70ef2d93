using CachetTests;

namespace CachetBenchmarks;

/// <summary>The tables of docs/performance/servers.md.</summary>
internal sealed class ServersTables(IReadOnlyList<CellResult> results)
{
    private static readonly string[] _loadHead =
    [
        "callers", "contender", "telemetry", "calls/s", "p50 µs", "p90 µs", "p99 µs", "p99.9 µs", "CPU µs/call", "B/call", "from server", "spans/call", "arrived",
    ];

    private static readonly string[] _costHead =
    [
        "callers", "contender", "CPU µs/call off", "on", "share of the whole", "calls/s on / off", "p50 on / off", "B/call off", "on", "spans/call", "arrived",
    ];

    /// <summary>All that was measured on a server.</summary>
    public string Loads(string server, Reads reads) => MarkdownTable.Of(
        _loadHead, results.Where(r => r.Cell.Server == server && r.Cell.Reads == reads).Select(Load));

    /// <summary>Off and on next to each other, for everything that can be observed.</summary>
    public string Costs(string server) => MarkdownTable.Of(
        _costHead,
        results.Where(r => r.Cell.Server == server && r.Cell.Reads == Reads.AllFromServer && r.Cell.Telemetry)
            .Select(r => Cost(Of(Unobserved(r.Cell)).Load, r)));

    private static Cell Unobserved(Cell cell) =>
        cell with { Telemetry = false, Contender = cell.Contender == Contender.Decorated ? Contender.Bare : cell.Contender };

    private static string[] Cost(Measurement off, CellResult on) =>
    [
        $"{on.Cell.Callers}",
        Name(on.Cell.Contender),
        $"{off.Cpu:0.0}",
        $"{on.Load.Cpu:0.0}",
        $"{(on.Load.Cpu - off.Cpu) / on.Load.Cpu:0 %}",
        $"{on.Load.PerSecond / off.PerSecond:0.00}",
        $"{on.Load.P50 / off.P50:0.00}",
        $"{off.Bytes:#,0}",
        $"{on.Load.Bytes:#,0}",
        $"{on.SpansPerOperation:0.0}",
        $"{on.Delivered:0 %}",
    ];

    private static string Name(Contender contender) => contender switch
    {
        Contender.Bare => "bare store",
        Contender.CacheAside => "bare store, JSON",
        Contender.Decorated => "decorated store",
        _ => $"{contender}",
    };

    private string[] Load(CellResult result)
    {
        Measurement load = result.Load;
        bool telemetry = result.Cell.Telemetry;
        return
        [
            $"{result.Cell.Callers}",
            Name(result.Cell.Contender),
            telemetry ? "on" : "off",
            $"{load.PerSecond:#,0}",
            load.P50 < 100 ? $"{load.P50:0.#}" : $"{load.P50:#,0}",
            $"{load.P90:#,0}",
            $"{load.P99:#,0}",
            $"{load.P999:#,0}",
            $"{load.Cpu:0.0}",
            $"{load.Bytes:#,0}",
            $"{load.Commands / CommandsPerRead(result.Cell):0 %}",
            telemetry ? $"{result.SpansPerOperation:0.0}" : "–",
            telemetry ? $"{result.Delivered:0 %}" : "–",
        ];
    }

    /// <summary>What a lone caller needs, with whom nobody shares.</summary>
    private double CommandsPerRead(Cell cell) =>
        Math.Round(Of(cell with { Reads = Reads.AllFromServer, Callers = 1, Telemetry = false }).Load.Commands);

    private CellResult Of(Cell cell) => results.Single(r => r.Cell == cell);
}
