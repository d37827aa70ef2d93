using System.Globalization;
using System.Text;
using CachetTests;

namespace CachetBenchmarks;

/// <summary>Hit ratios as tables for docs/performance/hit-ratio.md, on the console, and as data next to that page.</summary>
internal static class HitRatioReport
{
    private static readonly string[] _columns =
        [HitRatioCommand.Lru, HitRatioCommand.TinyLfu, HitRatioCommand.Memory, HitRatioCommand.Book, HitRatioCommand.Optimal];

    public static void Write(List<HitRatio> results)
    {
        string pages = Path.Combine(Repository.Root, "docs", "performance");
        Directory.CreateDirectory(pages);
        File.WriteAllText(Path.Combine(pages, "hit-ratio.csv"), Csv(results));
        Chart(results).SaveSvg(Path.Combine(pages, "hit-ratio.svg"));
        Console.WriteLine(SettledTable(results));
        Console.WriteLine(Spread(results));
        Console.WriteLine(FlatOutTable(results));
        Console.WriteLine($"Data and chart were written to {pages}.");
    }

    private static string Csv(List<HitRatio> results)
    {
        var text = new StringBuilder("stream,capacity,seed,cache,pace,hit ratio\n");
        foreach (HitRatio r in results)
        {
            text.Append(CultureInfo.InvariantCulture, $"{r.Stream},{r.Capacity},{r.Seed},{r.Cache},{r.Pace},{r.Ratio:0.000000}\n");
        }

        return text.ToString();
    }

    /// <summary>The means over the seeds; of Cachet's two policies, one that is better by a point or more stands out.</summary>
    private static string SettledTable(List<HitRatio> results)
    {
        var text = new StringBuilder($"| stream | capacity | {string.Join(" | ", _columns)} |\n|---|--:{string.Concat(_columns.Select(static _ => "|--:"))}|\n");
        IEnumerable<HitRatio> settled = results.Where(static r => r.Pace != HitRatioCommand.FlatOut).OrderBy(r => results.FindIndex(f => f.Stream == r.Stream));
        foreach (var one in settled.GroupBy(static r => (r.Stream, r.Capacity)))
        {
            double[] means = [.. _columns.Select(c => Mean(one, c))];
            string[] cells = [.. means.Select(Percent)];
            int better = means[0] > means[1] ? 0 : 1;
            if (Math.Abs(means[0] - means[1]) >= 0.01) cells[better] = $"**{cells[better]}**";
            text.Append(CultureInfo.InvariantCulture, $"| {one.Key.Stream} | {one.Key.Capacity:N0} | {string.Join(" | ", cells)} |\n");
        }

        return text.ToString();
    }

    private static string Spread(List<HitRatio> results)
    {
        var text = new StringBuilder("The seeds differ by at most (points):");
        foreach (string column in _columns.Where(static c => c != HitRatioCommand.Memory)) // asked for one seed only
        {
            double most = results.Where(r => r.Cache == column && r.Pace != HitRatioCommand.FlatOut).GroupBy(static r => (r.Stream, r.Capacity))
                .Max(static g => g.Max(static r => r.Ratio) - g.Min(static r => r.Ratio));
            text.Append(CultureInfo.InvariantCulture, $" {column} {100 * most:0.0},");
        }

        return text.Replace(',', '.', text.Length - 1, 1).AppendLine().ToString();
    }

    private static string FlatOutTable(List<HitRatio> results)
    {
        string[] caches = [HitRatioCommand.TinyLfu, HitRatioCommand.Memory];
        var text = new StringBuilder($"| stream | {string.Join(" | ", caches.Select(static c => $"{c}, settled | flat out"))} |\n|---|--:|--:|--:|--:|\n");
        foreach (var one in results.Where(static r => r.Pace == HitRatioCommand.FlatOut).GroupBy(static r => (r.Stream, r.Capacity, r.Seed)))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {one.Key.Stream} |");
            foreach (string cache in caches)
            {
                double settled = results.Single(r => (r.Stream, r.Capacity, r.Seed, r.Cache, r.Pace)
                    == (one.Key.Stream, one.Key.Capacity, one.Key.Seed, cache, HitRatioCommand.Settled)).Ratio;
                double[] flatOut = [.. one.Where(r => r.Cache == cache).Select(static r => r.Ratio).Order()];
                text.Append(CultureInfo.InvariantCulture, $" {Percent(settled)} | {Percent(flatOut[0])} – {Percent(flatOut[^1])} |");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static BarChart Chart(List<HitRatio> results)
    {
        int capacity = HitRatioCase.Capacities[1];
        IGrouping<string, HitRatio>[] streams =
            [.. results.Where(r => r.Capacity == capacity && r.Pace != HitRatioCommand.FlatOut).GroupBy(static r => r.Stream)];
        return new(
            $"Hit ratio with room for {capacity:N0} entries",
            "hits (% of requests)",
            [.. streams.Select(static s => s.Key)],
            [.. _columns.Select(c => (c, streams.Select(s => 100 * Mean(s, c)).ToArray()))]);
    }

    private static double Mean(IEnumerable<HitRatio> ratios, string cache) => ratios.Where(r => r.Cache == cache).Average(static r => r.Ratio);

    private static string Percent(double ratio) => (100 * ratio).ToString("0.0", CultureInfo.InvariantCulture);
}
