using System.Globalization;
using System.Text;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace CachetTests;

/// <summary>A meter provider with Cachet's instrumentation and an exporter into memory, and a collector of every single measurement.</summary>
internal sealed class MetricRecorder : IDisposable
{
    private readonly List<Metric> _exported = [];
    private readonly MeterProvider _provider;
    private readonly (string Name, MetricCollector<double> Measured)[] _collectors;

    public MetricRecorder(Func<MeterProviderBuilder, MeterProviderBuilder>? configure = null)
    {
        MeterProviderBuilder builder = Sdk.CreateMeterProviderBuilder().AddCachetInstrumentation().AddInMemoryExporter(_exported);
        _provider = (configure?.Invoke(builder) ?? builder).Build();
        _collectors = [.. Collectors()];
    }

    /// <summary>Every measurement, one per line, by instrument, in the order in which it was taken: <c>instrument seconds attribute=value …</c>, the attributes
    /// sorted.</summary>
    public string Text => Lines(_collectors);

    /// <summary>Collectors of all instruments that are in use; they need no provider.</summary>
    public static IEnumerable<(string Name, MetricCollector<double> Measured)> Collectors() =>
        from name in new[] { "cache.operation.duration", "cache.tier.duration", "cache.load.duration" }
        select (name, new MetricCollector<double>(null, "Cachet", name));

    public static string Lines(IEnumerable<(string Name, MetricCollector<double> Measured)> collectors)
    {
        var text = new StringBuilder();
        foreach ((string name, MetricCollector<double> measured) in collectors)
        {
            foreach (CollectedMeasurement<double> measurement in measured.GetMeasurementSnapshot())
            {
                text.Append(CultureInfo.InvariantCulture, $"{name} {measurement.Value}");
                foreach ((string tag, object? value) in measurement.Tags.OrderBy(static t => t.Key, StringComparer.Ordinal))
                {
                    text.Append(CultureInfo.InvariantCulture, $" {tag}={TraceText.Text(value)}");
                }

                text.Append('\n');
            }
        }

        return text.ToString().TrimEnd('\n');
    }

    public void Forget()
    {
        foreach ((_, MetricCollector<double> measured) in _collectors) measured.Clear();
    }

    /// <summary>What the exporter gets now.</summary>
    public IReadOnlyList<Metric> Export()
    {
        _exported.Clear();
        _provider.ForceFlush();
        return [.. _exported.OrderBy(static m => m.Name, StringComparer.Ordinal)];
    }

    /// <summary>The points of an instrument that are of one cache, sorted, its name put as NAME.</summary>
    public string[] Points(string instrument, string cache)
    {
        List<string> lines = [];
        foreach (Metric metric in Export().Where(m => m.Name == instrument))
        {
            foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
            {
                List<string> tags = [];
                foreach ((string name, object? value) in point.Tags) tags.Add($"{name}={value}");
                string text = string.Join(' ', tags.Order(StringComparer.Ordinal));
                if (!text.Contains(cache, StringComparison.Ordinal)) continue;
                string figure = metric.MetricType == MetricType.Histogram
                    ? string.Create(CultureInfo.InvariantCulture, $"{point.GetHistogramCount()} for {point.GetHistogramSum()}")
                    : string.Create(CultureInfo.InvariantCulture, $"{point.GetSumLong()}");
                lines.Add($"{figure} {metric.Unit} {text.Replace(cache, "NAME", StringComparison.Ordinal)}");
            }
        }

        return [.. lines.Order(StringComparer.Ordinal)];
    }

    public void Dispose()
    {
        _provider.Dispose();
        foreach ((_, MetricCollector<double> measured) in _collectors) measured.Dispose();
    }
}
