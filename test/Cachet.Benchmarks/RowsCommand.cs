using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Environments;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using CachetTests;
using Perfolizer.Horology;

namespace CachetBenchmarks;

/// <summary>Runs groups of benchmarks, prints what came out next to the goals, and writes it down.</summary>
internal static class RowsCommand
{
    private const string Help = """
        Usage: build/bench.sh [--quick] [--gate] [--publish] [GROUP…]

        Measures Cachet next to its peers and says which goals hold. Results go to artifacts/benchmarks: goals.json, goals.md, and
        BenchmarkDotNet's own reports.

          --quick   few and short iterations: less than three minutes for all groups
          --gate    exit code 1 if a case has no result, bytes are over their goal (or over what is known to be reached, where that is more),
                    or a time is over twice its goal; what is over is measured up to twice more
          --publish writes the goals and figures into docs/performance as well
          GROUP     some of: {0}

        build/bench.sh hit-ratio is another study: docs/performance/hit-ratio.md.
        build/bench.sh servers [--quick] is load on Redis and Garnet: docs/performance/servers.md.
        """;

    private const int MoreTries = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        bool quick = args.Contains("--quick");
        bool gate = args.Contains("--gate");
        string[] names = [.. args.Where(static a => !a.StartsWith('-'))];
        string? unknown = args.FirstOrDefault(static a => a.StartsWith('-') && a is not ("--quick" or "--gate" or "--publish"))
            ?? names.FirstOrDefault(static n => !Group.All.ContainsKey(n));
        if (unknown is not null)
        {
            await Console.Error.WriteLineAsync($"bench: unknown: {unknown}\n\n{Usage()}");
            return 2;
        }

        Group[] groups = [.. names.Length == 0 ? Group.All.Values : names.Select(static n => Group.All[n])];
        var results = new Results();
        await MeasureAsync(groups, results, quick);
        for (int more = 0; gate && more < MoreTries; more++)
        {
            // A busy machine makes anything slow for a while; what is slow of itself stays so.
            Group[] again = [.. groups.Where(g => g.Goals.Any(goal => goal.Judge(results).IsRegression))];
            if (again.Length == 0) break;
            await MeasureAsync(again, results, quick);
        }

        Verdict[] verdicts = [.. groups.SelectMany(static g => g.Goals).Select(g => g.Judge(results))];
        return Report.Write(verdicts, results, quick, gate, args.Contains("--publish")) ? 0 : 1;
    }

    private static async Task MeasureAsync(Group[] groups, Results results, bool quick)
    {
        await using (GarnetServer? server = groups.Any(static g => g.NeedsServer) ? await GarnetServer.StartNewAsync() : null)
        {
            Type[] types = [.. groups.SelectMany(static g => g.Benchmarks)];
            Summary[] summaries = types.Length == 0 ? [] : BenchmarkRunner.Run(types, Config(quick, server?.EndPoint));
            foreach (Summary summary in summaries) results.Add(summary, quick);
        }

        if (groups.Any(static g => g.Footprint)) await FootprintCommand.MeasureAllAsync(results);
    }

    private static string Usage() => string.Format(null, Help, string.Join(", ", Group.All.Keys));

    private static IConfig Config(bool quick, string? server)
    {
        Job job = quick
            ? Job.Default.WithId("quick").WithLaunchCount(1).WithWarmupCount(6).WithIterationCount(6).WithIterationTime(TimeInterval.FromMilliseconds(60))
                .WithEnvironmentVariable("DOTNET_TC_CallCountingDelayMs", "0") // Code is optimized at once, not a while after things have calmed down.
            : Job.Default.WithId("full").WithLaunchCount(2).WithWarmupCount(8).WithIterationCount(10).WithIterationTime(TimeInterval.FromMilliseconds(150));
        if (server is not null) job = job.WithEnvironmentVariable(ServerBenchmarks.EndPoint, server);
        return ManualConfig.CreateEmpty()
            .AddJob(job.WithRuntime(CoreRuntime.Core10_0))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddColumn(StatisticColumn.Median, StatisticColumn.Min)
            .AddLogger(new ConsoleLogger(unicodeSupport: true))
            .AddExporter(MarkdownExporter.GitHub, JsonExporter.Full)
            .WithArtifactsPath(Path.Combine(Report.Folder, "benchmarkdotnet"))
            .WithOptions(ConfigOptions.DisableLogFile);
    }
}
