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

    public static string Folder { get; } = Path.Combine(Repository.Root, "artifacts", "benchmarks");

    /// <summary>Writes it down, and says whether a gate is open.</summary>
    public static bool Write(Verdict[] verdicts, Results results, bool quick, bool gate)
    {
        Directory.CreateDirectory(Folder);
        string markdown = Markdown(verdicts, results, quick);
        File.WriteAllText(Path.Combine(Folder, "goals.md"), markdown);
        File.WriteAllText(Path.Combine(Folder, "goals.json"), Json(verdicts, results, quick));
        Console.WriteLine();
        Console.WriteLine(markdown);
        Verdict[] regressions = [.. verdicts.Where(static v => v.IsRegression)];
        Console.WriteLine($"{verdicts.Count(static v => v.Holds)} of {verdicts.Length} goals hold. Written to {Folder}.");
        if (!gate) return true;
        foreach (Verdict v in regressions) Console.WriteLine($"REGRESSION: row {v.Goal.Row}, {v.Goal.What}: {Text(v.Figure)} {v.Goal.Unit}, limit {Text(v.Limit)}");
        return regressions.Length == 0;
    }

    private static string Markdown(Verdict[] verdicts, Results results, bool quick)
    {
        var text = new StringBuilder();
        text.AppendLine(null, $"{(quick ? "Quick" : "Full")} run, .NET {Environment.Version}, {RuntimeInformation.OSArchitecture}, {Environment.ProcessorCount} processors.");
        text.AppendLine().AppendLine("| row | goal | measured | limit | of the limit | |").AppendLine("|---|---|---|---|---|---|");
        foreach (Verdict v in verdicts)
        {
            string share = v.Limit > 0 ? Text(v.Figure / v.Limit) : "";
            string sign = v.IsMissing ? "no result" : v.Holds ? "holds" : "**missed**";
            text.AppendLine(null, $"| {v.Goal.Row} | {v.Goal.What} | {Text(v.Figure)} {v.Goal.Unit} | {Text(v.Limit)} | {share} | {sign} |");
        }

        text.AppendLine().AppendLine("| case | ns | B |").AppendLine("|---|---|---|");
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
