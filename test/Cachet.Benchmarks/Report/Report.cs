using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using CachetTests;

namespace CachetBenchmarks;

/// <summary>Goals next to what was measured: on the console, as Markdown, and as JSON.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions _json = new()
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private const string Title = """
        # Goals and figures

        Written by `build/bench.sh --publish`; [performance](../performance.md) says what the rows mean and why some are missed. Times are medians of an
        operation's; a limit is made of the peers' figures of the same run. [goals.json](goals.json) has the same, unrounded.


        """;

    public static string Folder { get; } = Path.Combine(Repository.Root, "artifacts", "benchmarks");

    /// <summary>Writes it down, and says whether a gate is open.</summary>
    public static bool Write(Verdict[] verdicts, Results results, bool quick, bool gate, bool publish)
    {
        string markdown = Markdown(verdicts, results, quick);
        string json = Json(verdicts, results, quick);
        Put(Folder, markdown, json);
        if (publish) Put(Path.Combine(Repository.Root, "docs", "performance"), Title + markdown, json);
        Console.WriteLine();
        Console.WriteLine(markdown);
        Verdict[] regressions = [.. verdicts.Where(static v => v.IsRegression)];
        Console.WriteLine($"{verdicts.Count(static v => v.Holds)} of {verdicts.Length} goals hold. Written to {Folder}.");
        if (!gate) return true;
        foreach (Verdict v in regressions) Console.WriteLine($"REGRESSION: row {v.Goal.Row}, {v.Goal.What}: {Text(v.Figure)} {v.Goal.Unit}, limit {Text(v.Limit)}");
        return regressions.Length == 0;
    }

    private static void Put(string folder, string markdown, string json)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "goals.md"), markdown);
        File.WriteAllText(Path.Combine(folder, "goals.json"), json);
    }

    private static string Markdown(Verdict[] verdicts, Results results, bool quick)
    {
        var text = new StringBuilder();
        text.AppendLine(null, $"{(quick ? "Quick" : "Full")} run, .NET {Environment.Version}, {RuntimeInformation.OSArchitecture}, {Environment.ProcessorCount} processors.");
        text.AppendLine().AppendLine("| row | goal | measured | limit | of the limit | |").AppendLine("|---|---|--:|--:|--:|---|");
        foreach (Verdict v in verdicts)
        {
            string share = v.Limit > 0 ? Text(v.Figure / v.Limit) : "";
            string sign = v.IsMissing ? "no result" : v.Holds ? "holds" : "**missed**";
            text.AppendLine(null, $"| {v.Goal.Row} | {v.Goal.What} | {Text(v.Figure)} {v.Goal.Unit} | {Text(v.Limit)} | {share} | {sign} |");
        }

        text.AppendLine().AppendLine("| case | ns | B |").AppendLine("|---|--:|--:|");
        foreach ((string name, Measured m) in results.Cases) text.AppendLine(null, $"| {name} | {Text(m.Nanoseconds)} | {Text(m.Bytes)} |");
        return text.ToString();
    }

    private static string Json(Verdict[] verdicts, Results results, bool quick) => JsonSerializer.Serialize(
        new
        {
            mode = quick ? "quick" : "full",
            runtime = Environment.Version.ToString(),
            processors = Environment.ProcessorCount,
            goals = verdicts.Select(static v => new
            {
                row = v.Goal.Row,
                goal = v.Goal.What,
                unit = v.Goal.Unit,
                measured = v.Figure,
                limit = v.Limit,
                holds = v.Holds,
            }),
            cases = results.Cases.Select(static c => new { name = c.Key, nanoseconds = c.Value.Nanoseconds, bytes = c.Value.Bytes }),
        },
        _json);

    private static string Text(double value) =>
        double.IsNaN(value) ? "–" : value.ToString(value is > -100 and < 100 ? "0.##" : "0", CultureInfo.InvariantCulture);
}
