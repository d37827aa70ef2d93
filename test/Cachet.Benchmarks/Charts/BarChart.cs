using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;

namespace CachetBenchmarks;

/// <summary>Bars in groups: for each group one bar of every series.</summary>
/// <param name="title">What is shown.</param>
/// <param name="y">What is measured, with its unit.</param>
/// <param name="groups">What stands under the groups.</param>
/// <param name="series">Names for the legend, with a figure for each group.</param>
internal sealed class BarChart(string title, string y, IReadOnlyList<string> groups, params IReadOnlyList<(string Name, double[] Figures)> series)
{
    public void SaveSvg(string path) => ChartFile.Write(Draw(), path);

    private Plot Draw()
    {
        Plot plot = ChartFile.New(title, x: string.Empty, y);
        int width = series.Count + 1;
        for (int s = 0; s < series.Count; s++)
        {
            double[] places = [.. Enumerable.Range(0, groups.Count).Select(g => (double)((g * width) + s))];
            BarPlot bars = plot.Add.Bars(places, series[s].Figures);
            foreach (Bar bar in bars.Bars) bar.LineWidth = 0;
            bars.LegendText = series[s].Name;
        }

        double middle = (series.Count - 1) / 2.0;
        plot.Axes.Bottom.TickGenerator = new NumericManual([.. Enumerable.Range(0, groups.Count).Select(g => (g * width) + middle)], [.. groups]);
        plot.Axes.Bottom.MajorTickStyle.Length = 0;
        plot.HideGrid();
        plot.Axes.Margins(bottom: 0);
        return plot;
    }
}
