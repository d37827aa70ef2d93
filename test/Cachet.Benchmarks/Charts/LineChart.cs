using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;

namespace CachetBenchmarks;

/// <summary>Lines over a logarithmic axis, on which each step is as wide as the one before.</summary>
/// <param name="title">What is shown.</param>
/// <param name="x">What grows.</param>
/// <param name="y">What is measured, with its unit.</param>
/// <param name="lines">At least one.</param>
internal sealed class LineChart(string title, string x, string y, params IReadOnlyList<Line> lines)
{
    /// <summary>Whether the vertical axis is logarithmic too, for figures of several magnitudes. If not, it begins at zero.</summary>
    public bool LogY { get; init; }

    /// <summary>Whether the horizontal axis is.</summary>
    public bool LogX { get; init; } = true;

    public void SaveSvg(string path) => ChartFile.Write(Draw(), path);

    private Plot Draw()
    {
        Plot plot = ChartFile.New(title, x, y);
        foreach (Line line in lines)
        {
            Coordinates[] points = [.. line.Points.Where(static p => !double.IsNaN(p.Y)).Select(p => new Coordinates(At(p.X, LogX), At(p.Y, LogY)))];
            Scatter drawn = plot.Add.Scatter(points);
            drawn.LegendText = line.Name;
            drawn.LineWidth = 2;
            drawn.MarkerSize = 6;
        }

        plot.Axes.Bottom.TickGenerator = Steps();
        plot.Axes.AutoScale();
        AxisLimits limits = plot.Axes.GetLimits();
        if (LogY) Magnitudes(plot, limits);
        else plot.Axes.SetLimitsY(0, limits.Top);
        return plot;
    }

    private static double At(double value, bool log) => log ? Math.Log10(value) : value;

    /// <summary>A tick where something was measured, and nowhere else.</summary>
    private NumericManual Steps()
    {
        double[] steps = [.. lines.SelectMany(static l => l.Points).Select(static p => p.X).Distinct().Order()];
        return new([.. steps.Select(s => At(s, LogX))], [.. steps.Select(Number.Short)]);
    }

    private static void Magnitudes(Plot plot, AxisLimits limits)
    {
        // Over few magnitudes the powers of ten alone would be too few.
        double[] within = limits.Top - limits.Bottom < 3 ? [1, 2, 5] : [1];
        double[] ticks =
        [
            .. Enumerable.Range((int)Math.Floor(limits.Bottom), (int)Math.Ceiling(limits.Top - limits.Bottom) + 2)
                .SelectMany(m => within.Select(w => w * Math.Pow(10, m))),
        ];
        double from = ticks.Last(t => Math.Log10(t) <= limits.Bottom);
        double to = ticks.First(t => Math.Log10(t) >= limits.Top);
        plot.Axes.Left.TickGenerator = new NumericManual([.. ticks.Select(Math.Log10)], [.. ticks.Select(Number.Short)]);
        plot.Axes.SetLimitsY(Math.Log10(from), Math.Log10(to));
    }
}
