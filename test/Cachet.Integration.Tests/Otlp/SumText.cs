using System.Globalization;

namespace CachetTests.Otlp;

/// <summary>Draws a sum as text, for whole-output assertions: its name, unit and nature, and a line for each of its points.</summary>
internal static class SumText
{
    public static string Of(Metric metric)
    {
        Assert.That(metric.Sum.AggregationTemporality, Is.EqualTo(AggregationTemporality.Cumulative), metric.Name);
        string what = $"{metric.Name}, {metric.Unit}{(metric.Sum.IsMonotonic ? ", monotonic" : "")}";
        return string.Join('\n', metric.Sum.DataPoints.Select(p => $"{what}: {Line(p)}").Order(StringComparer.Ordinal));
    }

    /// <summary>For example <c>name=products, tier.name=l1: 3</c>.</summary>
    private static string Line(NumberDataPoint point) =>
        $"{AttributeText.Of(point.Attributes.ByName())}: {point.AsInt.ToString(CultureInfo.InvariantCulture)}";
}
