using System.Diagnostics;
using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using BitFaster.Caching.Lru;
using OpenTelemetry.Trace;

namespace CachetBenchmarks;

/// <summary>The least that .NET and OpenTelemetry's SDK can do for what Cachet records of a hit: the same spans, attributes, measurements and readings of the
/// clock, written out in one method for one cache, with nothing around them. What no cache can go below.</summary>
public class FloorBenchmarks
{
    private static readonly ActivitySource _operations = new("floor");
    private static readonly ActivitySource _tiers = new("floor.tiers");
    private static readonly Meter _meter = new("floor");
    private static readonly InstrumentAdvice<double> _buckets = new()
    {
        HistogramBucketBoundaries = [0.0000005, 0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    };

    private static readonly Histogram<double> _operation = _meter.CreateHistogram("cache.operation.duration", "s", null, null, _buckets);
    private static readonly Histogram<double> _tier = _meter.CreateHistogram("cache.tier.duration", "s", null, null, _buckets);
    private static readonly object _false = false;

    private static readonly KeyValuePair<string, object?>[] _operationStart = [new("cache.name", "products"), new("cache.operation", "get")];
    private static readonly KeyValuePair<string, object?>[] _tierStart =
    [
        new("cache.name", "products"), new("cache.tier.name", "l1"), new("cache.tier.operation", "get"), new("cache.tier.fallback", _false),
    ];

    private static readonly KeyValuePair<string, object?>[] _operationEnd =
    [
        new("cache.name", "products"), new("cache.operation", "get"), new("cache.outcome", "hit"), new("cache.tier.name", "l1"),
    ];

    private static readonly KeyValuePair<string, object?>[] _tierEnd =
    [
        new("cache.name", "products"), new("cache.tier.name", "l1"), new("cache.tier.operation", "get"), new("cache.outcome", "hit"),
        new("cache.tier.fallback", _false),
    ];

    private ConcurrentTLru<string, Product> _lru = null!;
    private int _next;

    [GlobalSetup(Target = nameof(All))]
    public void MakeAll() => Make(new AlwaysOnSampler(), tiers: true, metrics: true);

    [GlobalSetup(Target = nameof(Operations))]
    public void MakeOperations() => Make(new AlwaysOnSampler(), tiers: false, metrics: true);

    [GlobalSetup(Target = nameof(ParentNotSampled))]
    public void MakeParentNotSampled()
    {
        Make(new ParentBasedSampler(new AlwaysOffSampler()), tiers: true, metrics: false);
        Telemetry.BeginUnsampledRequest();
    }

    [GlobalSetup(Target = nameof(RootNotSampled))]
    public void MakeRootNotSampled() => Make(new ParentBasedSampler(new AlwaysOffSampler()), tiers: true, metrics: false);

    [GlobalSetup(Target = nameof(Measured))]
    public void MakeMeasured() => Make(null, tiers: false, metrics: true);

    [Benchmark]
    public object? All() => Get(spans: true, metrics: true);

    [Benchmark]
    public object? Operations() => Get(spans: true, metrics: true);

    [Benchmark]
    public object? ParentNotSampled() => Get(spans: true, metrics: false);

    [Benchmark]
    public object? RootNotSampled() => Get(spans: true, metrics: false);

    [Benchmark]
    public object? Measured() => Get(spans: false, metrics: true);

    private Product? Get(bool spans, bool metrics)
    {
        ExecutionContext? context = spans ? ExecutionContext.Capture() : null;
        Activity? operation = spans ? _operations.StartActivity("cache.get", ActivityKind.Internal, default(ActivityContext), _operationStart) : null;
        long start = operation is { IsAllDataRequested: true } || metrics ? Stopwatch.GetTimestamp() : 0;
        Activity? tier = null;
        ExecutionContext? within = null;
        if (operation is { IsAllDataRequested: true } && _tiers.HasListeners())
        {
            within = ExecutionContext.Capture();
            tier = _tiers.StartActivity("cache.tier", ActivityKind.Internal, default(ActivityContext), _tierStart, null, operation.StartTimeUtc);
        }

        _lru.TryGet(Workload.Keys[_next++ & Workload.Mask], out Product? found);
        double seconds = start == 0 ? 0 : (Stopwatch.GetTimestamp() - start) / 1e9;
        if (metrics) _tier.Record(seconds, _tierEnd);
        if (tier is not null)
        {
            tier.AddTag("cache.outcome", "hit");
            tier.SetEndTime(tier.StartTimeUtc.AddTicks(1));
            ExecutionContext.Restore(within!);
            tier.Stop();
        }

        if (metrics) _operation.Record(seconds, _operationEnd);
        if (operation is not null)
        {
            if (operation.IsAllDataRequested)
            {
                operation.AddTag("cache.outcome", "hit");
                operation.AddTag("cache.tier.name", "l1");
                operation.SetEndTime(operation.StartTimeUtc.AddTicks(1));
            }

            ExecutionContext.Restore(context!);
            operation.Stop();
        }

        return found;
    }

    private void Make(Sampler? sampler, bool tiers, bool metrics)
    {
        if (sampler is not null) Telemetry.Trace(sampler, tiers ? [_operations.Name, _tiers.Name] : [_operations.Name]);
        if (metrics) Telemetry.Measure(_meter.Name);
        _lru = Contenders.BitFasterLruExpiring();
    }
}
