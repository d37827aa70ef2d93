using BenchmarkDotNet.Attributes;
using Cachet;
using OpenTelemetry.Trace;

namespace CachetBenchmarks;

/// <summary>Rows 4 to 8: a hit in memory that is recorded, through OpenTelemetry's SDK, by exporters that do nothing.</summary>
/// <remarks>"All" is both spans and both histograms; FusionCache's is both spans and its four counters.</remarks>
public class TelemetryBenchmarks : Hits
{
    private static readonly Sampler _notSampled = new ParentBasedSampler(new AlwaysOffSampler());

    [GlobalSetup(Target = nameof(CachetAll))]
    public void MakeCachetAll() => MakeCachet(new AlwaysOnSampler(), tiers: true, metrics: true);

    [GlobalSetup(Target = nameof(FusionAll))]
    public void MakeFusionAll() => MakeFusion(new AlwaysOnSampler(), levels: true, metrics: true);

    [GlobalSetup(Target = nameof(CachetOperations))]
    public void MakeCachetOperations() => MakeCachet(new AlwaysOnSampler(), tiers: false, metrics: true);

    [GlobalSetup(Target = nameof(FusionOperations))]
    public void MakeFusionOperations() => MakeFusion(new AlwaysOnSampler(), levels: false, metrics: true);

    [GlobalSetup(Target = nameof(CachetParentNotSampled))]
    public void MakeCachetParentNotSampled()
    {
        MakeCachet(_notSampled, tiers: true, metrics: false);
        Telemetry.BeginUnsampledRequest();
    }

    [GlobalSetup(Target = nameof(FusionParentNotSampled))]
    public void MakeFusionParentNotSampled()
    {
        MakeFusion(_notSampled, levels: true, metrics: false);
        Telemetry.BeginUnsampledRequest();
    }

    [GlobalSetup(Target = nameof(CachetParentNotSampledMeasured))]
    public void MakeCachetParentNotSampledMeasured()
    {
        MakeCachet(_notSampled, tiers: true, metrics: true);
        Telemetry.BeginUnsampledRequest();
    }

    [GlobalSetup(Target = nameof(FusionParentNotSampledMeasured))]
    public void MakeFusionParentNotSampledMeasured()
    {
        MakeFusion(_notSampled, levels: true, metrics: true);
        Telemetry.BeginUnsampledRequest();
    }

    [GlobalSetup(Target = nameof(CachetRootNotSampled))]
    public void MakeCachetRootNotSampled() => MakeCachet(_notSampled, tiers: true, metrics: false);

    [GlobalSetup(Target = nameof(FusionRootNotSampled))]
    public void MakeFusionRootNotSampled() => MakeFusion(_notSampled, levels: true, metrics: false);

    [GlobalSetup(Target = nameof(CachetMeasured))]
    public void MakeCachetMeasured() => MakeCachet(null, tiers: true, metrics: true);

    [GlobalSetup(Target = nameof(CachetLfuMeasured))]
    public void MakeCachetLfuMeasured() => MakeCachet(null, tiers: true, metrics: true, EvictionPolicy.TinyLfu);

    [GlobalSetup(Target = nameof(FusionMeasured))]
    public void MakeFusionMeasured() => MakeFusion(null, levels: true, metrics: true);

    [Benchmark]
    public object? CachetAll() => GetCachet();

    [Benchmark]
    public object? FusionAll() => GetFusion().Value;

    [Benchmark]
    public object? CachetOperations() => GetCachet();

    [Benchmark]
    public object? FusionOperations() => GetFusion().Value;

    [Benchmark]
    public object? CachetParentNotSampled() => GetCachet();

    [Benchmark]
    public object? FusionParentNotSampled() => GetFusion().Value;

    [Benchmark]
    public object? CachetParentNotSampledMeasured() => GetCachet();

    [Benchmark]
    public object? FusionParentNotSampledMeasured() => GetFusion().Value;

    [Benchmark]
    public object? CachetRootNotSampled() => GetCachet();

    [Benchmark]
    public object? FusionRootNotSampled() => GetFusion().Value;

    [Benchmark]
    public object? CachetMeasured() => GetCachet();

    [Benchmark]
    public object? CachetLfuMeasured() => GetCachet();

    [Benchmark]
    public object? FusionMeasured() => GetFusion().Value;

    private void MakeCachet(Sampler? sampler, bool tiers, bool metrics, EvictionPolicy policy = EvictionPolicy.Lru)
    {
        if (sampler is not null) Telemetry.TraceCachet(sampler, tiers);
        if (metrics) Telemetry.MeasureCachet();
        Cachet = Contenders.Cachet(policy, Workload.TimeToLive);
    }

    private void MakeFusion(Sampler? sampler, bool levels, bool metrics)
    {
        if (sampler is not null) Telemetry.TraceFusion(sampler, levels);
        if (metrics) Telemetry.MeasureFusion();
        Fusion = Contenders.Fusion();
    }
}
