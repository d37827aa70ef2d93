using OpenTelemetry.Metrics;

namespace Cachet.QuickStart;

/// <summary>Shows duration histograms as tables, a row for each series.</summary>
internal static class MetricTable
{
    private static readonly (string Heading, string Attribute)[] _tier =
    [
        ("tier", TelemetryNames.TierName), ("operation", TelemetryNames.TierOperation), ("outcome", TelemetryNames.Outcome),
        ("error type", TelemetryNames.ErrorType),
    ];

    private static readonly (string Heading, string Attribute)[] _operation =
    [
        ("operation", TelemetryNames.Operation), ("outcome", TelemetryNames.Outcome), ("served by", TelemetryNames.TierName),
        ("coalesced", TelemetryNames.Coalesced),
    ];

    private static readonly (string Heading, string Attribute)[] _load = [("outcome", TelemetryNames.Outcome)];

    public static void Draw(IReadOnlyList<Metric> metrics, TextWriter output)
    {
        output.WriteLine("p50 and p95 are estimated by linear interpolation in the histogram's buckets, as PromQL's histogram_quantile does,");
        output.WriteLine("and only as exact as the buckets are narrow; the mean is exact.");
        output.WriteLine();
        Draw(metrics, TelemetryNames.TierDuration, _tier, output);
        Draw(metrics, TelemetryNames.OperationDuration, _operation, output);
        Draw(metrics, TelemetryNames.LoadDuration, _load, output);
    }

    private static void Draw(
        IReadOnlyList<Metric> metrics, string instrument, (string Heading, string Attribute)[] columns, TextWriter output)
    {
        Metric metric = metrics.Single(m => m.Name == instrument);
        string[][] series =
        [
            .. Histogram.Of(metric)
                .Select(h => (string[])
                [
                    .. columns.Select(c => h[c.Attribute]),
                    $"{h.Count}", Durations.Text(h.Sum / h.Count), Durations.Text(h.Quantile(0.5)), Durations.Text(h.Quantile(0.95)),
                ])
                .OrderBy(row => string.Join('\t', row[..columns.Length]), StringComparer.Ordinal),
        ];
        string[][] rows = [[.. columns.Select(static c => c.Heading), "count", "mean", "p50", "p95"], .. series];
        int[] widths = [.. rows[0].Select((_, column) => rows.Max(row => row[column].Length))];
        output.WriteLine($"{instrument}: {metric.Description}");
        output.WriteLine();
        foreach (string[] row in rows)
        {
            // Words to the left, numbers to the right.
            IEnumerable<string> cells = row.Select((cell, i) =>
                i < columns.Length ? cell.PadRight(widths[i]) : cell.PadLeft(Math.Max(widths[i], 8)));
            output.WriteLine("  " + string.Join("  ", cells).TrimEnd());
        }

        output.WriteLine();
    }
}
