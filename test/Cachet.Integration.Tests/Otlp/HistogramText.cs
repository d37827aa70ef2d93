using System.Globalization;
using Cachet;

namespace CachetTests.Otlp;

/// <summary>Draws a histogram as text, for whole-output assertions: a line for each of its points, with how much was counted there.</summary>
internal static class HistogramText
{
    public static string Of(Metric metric) => string.Join('\n', metric.Histogram.DataPoints.Select(Line).Order(StringComparer.Ordinal));

    /// <summary>For example <c>operation=get, outcome=hit, tier.name=l1: 3</c>.</summary>
    private static string Line(HistogramDataPoint point)
    {
        string attributes = AttributeText.Of(point.Attributes.ByName().Where(static a => a.Key != TelemetryNames.CacheName));
        return $"{attributes}: {point.Count.ToString(CultureInfo.InvariantCulture)}";
    }
}
