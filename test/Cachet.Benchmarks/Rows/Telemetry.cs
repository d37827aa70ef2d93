using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using ZiggyCreatures.Caching.Fusion;

namespace CachetBenchmarks;

/// <summary>OpenTelemetry's SDK with exporters that do nothing, for one of the contenders.</summary>
internal static class Telemetry
{
    private static readonly ActivitySource _requests = new("requests");
    private static readonly List<object> _kept = [];

    /// <summary>Cachet's instrumentation is attached, by a provider that is none too curious: it drops every instrument.</summary>
    public static void AttachUnheard() =>
        Keep(Sdk.CreateMeterProviderBuilder().AddCachetInstrumentation().AddView("*", MetricStreamConfiguration.Drop).AddReader(Reader()).Build());

    public static void TraceCachet(Sampler sampler, bool tiers = true) =>
        Keep(Sdk.CreateTracerProviderBuilder()
            .AddSource(_requests.Name)
            .SetSampler(sampler)
            .AddCachetInstrumentation(o => o.LocalTierSpans = o.RemoteTierSpans = tiers)
            .AddProcessor(new SimpleActivityExportProcessor(new Nothing<Activity>()))
            .Build());

    public static void MeasureCachet() => Keep(Sdk.CreateMeterProviderBuilder().AddCachetInstrumentation().AddReader(Reader()).Build());

    public static void TraceFusion(Sampler sampler, bool levels = true) => Trace(
        sampler,
        levels
            ? [FusionCacheDiagnostics.ActivitySourceName, FusionCacheDiagnostics.ActivitySourceNameMemoryLevel, FusionCacheDiagnostics.ActivitySourceNameDistributedLevel]
            : [FusionCacheDiagnostics.ActivitySourceName]);

    public static void MeasureFusion() =>
        Measure(FusionCacheDiagnostics.MeterName, FusionCacheDiagnostics.MeterNameMemoryLevel, FusionCacheDiagnostics.MeterNameDistributedLevel);

    public static void Trace(Sampler sampler, string[] sources) =>
        Keep(Sdk.CreateTracerProviderBuilder()
            .AddSource(_requests.Name)
            .SetSampler(sampler)
            .AddSource(sources)
            .AddProcessor(new SimpleActivityExportProcessor(new Nothing<Activity>()))
            .Build());

    public static void Measure(params string[] meters) => Keep(Sdk.CreateMeterProviderBuilder().AddMeter(meters).AddReader(Reader()).Build());

    /// <summary>A request begins whose trace is not sampled, and stays current for the rest of the process.</summary>
    public static void BeginUnsampledRequest()
    {
        Activity? request = _requests.StartActivity("request");
        if (request is not { Recorded: false }) throw new InvalidOperationException("It should be there and not be sampled.");
    }

    private static BaseExportingMetricReader Reader() => new(new Nothing<Metric>());

    private static void Keep(object provider) => _kept.Add(provider);

    private sealed class Nothing<T> : BaseExporter<T>
        where T : class
    {
        public override ExportResult Export(in Batch<T> batch) => ExportResult.Success;
    }
}
