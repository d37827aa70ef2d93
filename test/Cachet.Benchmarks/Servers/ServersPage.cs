using System.Runtime.InteropServices;
using System.Text;
using CachetTests;

namespace CachetBenchmarks;

/// <summary>docs/performance/servers.md, and the figures that it shows as servers.csv. Those of a quick run go elsewhere: they are no more than a try.</summary>
internal static class ServersPage
{
    private const string Title = "# Load on real servers\n\n";

    private const string How = """

        Each line is a process of its own. Its callers share one connection and ask in a closed loop: each asks again as soon as it is answered, for one of
        10,000 keys by Zipf's law (exponent 0.9), with values of 1,000 bytes. All keys are on the server before the start, and a key that is not found there
        fails the run. A process warms up until its compiler has next to nothing left to do. The load, the server and the receiver of telemetry
        share the processors of one machine: throughput is what they reach together. **CPU** is the load's process alone, all its threads, those that export
        telemetry included; on a machine that is busy with something else, it is the figure to look at.

        | contender | what a call is |
        |---|---|
        | bare store | `RedisCache.GetAsync`: the bytes |
        | bare store, JSON | the same, and `JsonSerializer.Deserialize` on the bytes: what the caches below do for their callers |
        | decorated store | `.Instrumented("store")` around the bare store, `GetAsync`: the bytes |
        | Cachet | `GetOrInsertAsync` of a cache with memory in front of the store |
        | HybridCache | `GetOrCreateAsync`. It has no telemetry of its own: while telemetry is on, it and its store are decorated by Cachet.OpenTelemetry |
        | FusionCache | `GetOrSetAsync`, with the store as its second level |

        With **telemetry** on, all traces are sampled, all sources and meters of the contender are listened to, and OpenTelemetry's exporter sends all that to a
        receiver in another process (OTLP over HTTP; spans in batches of the default size, metrics every second). Each call is the root of a trace of its own.
        The batch processor drops spans when more are made than it can send: the last column says how many arrived. A span that was dropped was
        made, but neither serialized nor sent, so its line is cheaper than it should be.


        """;

    private const string CostNote = """

        Without telemetry, against fully on and sent. The share is (CPU on − CPU off) / CPU on: how much of what the process spends, it spends on being observed.
        For the decorated store and for HybridCache, *off* has no decorator at all. The contenders do not tell the same: a decorated store makes one
        span for each call, a decorated HybridCache one for each of its two levels, Cachet and FusionCache one for every step.


        """;

    private const string AllNote = """

        Nothing is kept in memory: Cachet's memory has the insert policy `Never`, HybridCache's calls have `DisableLocalCache`, and FusionCache skips its memory
        for reads and for writes. Where several callers ask for a popular key at the same time, Cachet and HybridCache read it once for all of them: *from
        server* is the share of calls that made a read of their own, told from the number of commands that the connection sent. (Through its interface
        for buffers, which Cachet and HybridCache use, `RedisCache` sends two commands for a read; by `GetAsync` it sends one.)


        """;

    private const string MixedNote = """

        Memory has room for a tenth of the entries. Cachet and FusionCache count 1,000 of them (FusionCache by a `SizeLimit` and the size 1 for each),
        HybridCache has a `SizeLimit` of 1,000 times the bytes of one, which is how it sizes its entries. `MemoryCache`, under the latter two, turns new entries
        away when it is full and makes room in the background, so what it holds is now more and now less. *From server* is the share of calls that memory did not
        answer.


        """;

    public static void Write(IReadOnlyList<CellResult> results, IEnumerable<string> versions, bool quick)
    {
        string folder = quick ? Report.Folder : Path.Combine(Repository.Root, "docs", "performance");
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "servers.csv"), results.Select(static r => r.Csv()).Prepend(CellResult.CsvHead));
        string page = Path.Combine(folder, "servers.md");
        File.WriteAllText(page, Markdown(results, versions, quick));
        Console.WriteLine($"Written to {page}.");
    }

    private static string Markdown(IReadOnlyList<CellResult> results, IEnumerable<string> versions, bool quick)
    {
        StringBuilder text = new StringBuilder(Title)
            .Append(null, $"Written by `build/bench.sh servers{(quick ? " --quick" : "")}` ({string.Join(", ", versions)}, .NET {Environment.Version}, ")
            .Append(null, $"{RuntimeInformation.OSArchitecture}, {Environment.ProcessorCount} processors); all figures are in [servers.csv](servers.csv).\n");
        if (quick) text.Append("**A quick run**: half a second for each line, begun before the compiler is done. Good to see that everything works, and for nothing else.\n");
        text.Append(How);
        ServersTables tables = new(results);
        string[] servers = [.. results.Select(static r => r.Cell.Server).Distinct()];
        text.Append("## What telemetry costs\n").Append(CostNote);
        foreach (string server in servers) text.Append(null, $"### {server}: cost\n\n{tables.Costs(server)}\n");
        text.Append("## Every read from the server\n").Append(AllNote);
        foreach (string server in servers) text.Append(null, $"### {server}\n\n{tables.Loads(server, Reads.AllFromServer)}\n");
        text.Append("## Memory in front\n").Append(MixedNote);
        foreach (string server in servers) text.Append(null, $"### {server}, memory in front\n\n{tables.Loads(server, Reads.Mixed)}\n");
        return text.ToString().TrimEnd('\n') + "\n";
    }
}
