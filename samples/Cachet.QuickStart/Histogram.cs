using OpenTelemetry.Metrics;

namespace Cachet.QuickStart;

/// <summary>One series of a histogram: its attributes, and how many measurements fell into which bucket.</summary>
internal sealed class Histogram
{
    private readonly Dictionary<string, object?> _attributes = [];
    private readonly List<(double UpTo, long Count)> _buckets = [];

    private Histogram(in MetricPoint point)
    {
        Count = point.GetHistogramCount();
        Sum = point.GetHistogramSum();
        foreach (KeyValuePair<string, object?> attribute in point.Tags) _attributes.Add(attribute.Key, attribute.Value);
        foreach (HistogramBucket bucket in point.GetHistogramBuckets()) _buckets.Add((bucket.ExplicitBound, bucket.BucketCount));
    }

    public long Count { get; }

    public double Sum { get; }

    public static IEnumerable<Histogram> Of(Metric metric)
    {
        List<Histogram> series = [];
        foreach (ref readonly MetricPoint point in metric.GetMetricPoints()) series.Add(new(in point));
        return series;
    }

    /// <summary>The attribute's value as text; empty if the series does not have it.</summary>
    public string this[string attribute] => _attributes.GetValueOrDefault(attribute) switch
    {
        true => "true",
        false => "false",
        var value => value?.ToString() ?? "",
    };

    /// <summary>Estimates a quantile as PromQL's <c>histogram_quantile</c> does: as if a bucket's measurements were spread evenly over it.</summary>
    public double Quantile(double quantile)
    {
        double rank = quantile * Count;
        double from = 0;
        long below = 0;
        foreach ((double upTo, long count) in _buckets)
        {
            if (below + count >= rank && count > 0)
            {
                return double.IsPositiveInfinity(upTo) ? from : from + ((upTo - from) * (rank - below) / count);
            }

            below += count;
            from = upTo;
        }

        return double.NaN;
    }
}
