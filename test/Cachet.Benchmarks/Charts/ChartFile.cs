using ScottPlot;

namespace CachetBenchmarks;

/// <summary>What all charts have in common: size, colours, type, and where the legend is.</summary>
internal static class ChartFile
{
    public const int Width = 800;
    public const int Height = 440;

    private const string Font = "DejaVu Sans";

    public static Plot New(string title, string x, string y)
    {
        var plot = new Plot();
        plot.Add.Palette = new ScottPlot.Palettes.Category10();
        plot.Title(title, size: 16);
        plot.XLabel(x, size: 13);
        plot.YLabel(y, size: 13);
        plot.Axes.Bottom.Label.Bold = plot.Axes.Left.Label.Bold = false;
        plot.Axes.Left.MinorTickStyle.Length = 0;
        plot.Axes.Right.IsVisible = plot.Axes.Top.IsVisible = false;
        plot.ShowLegend(Edge.Bottom);
        plot.Legend.OutlineWidth = 0;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Font.Set(Font);
        return plot;
    }

    public static void Write(Plot plot, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        // Who looks at it may not have the font; Verdana is as wide.
        File.WriteAllText(path, plot.GetSvgXml(Width, Height).Replace(Font, Font + ", Verdana, sans-serif", StringComparison.Ordinal));
    }
}
