namespace CachetBenchmarks;

/// <summary>Benchmarks that are run together, and the goals that they prove.</summary>
/// <param name="Goals">The goals.</param>
/// <param name="Benchmarks">The classes.</param>
internal sealed record Group(Goal[] Goals, params Type[] Benchmarks)
{
    private const string H = nameof(HitBenchmarks) + ".";
    private const string T = nameof(TelemetryBenchmarks) + ".";
    private const string S = nameof(StampedeBenchmarks) + ".";
    private const string F = nameof(FallbackBenchmarks) + ".";
    private const string R = nameof(ServerBenchmarks) + ".";
    private const string D = nameof(DecoratorBenchmarks) + ".";

    // What is reached where a goal of bytes is not, with a little room: work that ends on other threads is counted along. docs/performance.md says why.
    private static Dictionary<string, double> Reached { get; } = new()
    {
        [F + "Cachet[Bytes=100]"] = 960,
        [F + "CachetFilling[Bytes=100]"] = 1_110,
        [F + "Cachet[Bytes=10000]"] = 21_000,
        [F + "CachetFilling[Bytes=10000]"] = 21_000,
        [R + "Cachet"] = 24_000,
        [R + "CachetBytes"] = 13_500,
        ["Footprint.cachet-lru"] = 195,
        ["Footprint.cachet-lfu"] = 217,
    };

    public static IReadOnlyDictionary<string, Group> All { get; } = new Dictionary<string, Group>
    {
        ["hits"] = new(Hits, typeof(HitBenchmarks)),
        ["inserts"] = new([], typeof(InsertBenchmarks)),
        ["telemetry"] = new(Telemetries, typeof(TelemetryBenchmarks), typeof(FloorBenchmarks)),
        ["stampede"] = new(Stampedes, typeof(StampedeBenchmarks)),
        ["fallback"] = new(Fallbacks, typeof(FallbackBenchmarks)),
        ["server"] = new(Servers, typeof(ServerBenchmarks)) { NeedsServer = true },
        ["footprint"] = new(Footprints) { Footprint = true },
        ["scaling"] = new(Scalings, typeof(ScalingBenchmarks)),
        ["decorators"] = new(Decorators, typeof(DecoratorBenchmarks)) { NeedsServer = true },
    };

    public bool NeedsServer { get; init; }

    public bool Footprint { get; init; }

    private static Goal[] Hits =>
    [
        Goal.Time("1", "hit, LRU", H + "CachetLru", 1.3, H + "BitFasterLru"),
        Goal.Time("1", "hit, LRU with time to live", H + "CachetLruExpiring", 1.3, H + "BitFasterLruExpiring"),
        Goal.Time("1", "hit, TinyLFU", H + "CachetLfu", 1.3, H + "BitFasterLfu"),
        Goal.Time("1", "hit, TinyLFU with time to live", H + "CachetLfuExpiring", 1.3, H + "BitFasterLfuExpiring"),
        Goal.Time("1", "hit, LRU with time to live", H + "CachetLruExpiring", 0.5, H + "HybridCache"),
        Goal.Time("1", "hit, LRU with time to live", H + "CachetLruExpiring", 0.2, H + "FusionCache"),
        Goal.Bytes("1", "hit, LRU", H + "CachetLru"),
        Goal.Bytes("1", "hit, LRU with time to live", H + "CachetLruExpiring"),
        Goal.Bytes("1", "hit, TinyLFU", H + "CachetLfu", 2),
        Goal.Time("2", "attached, nobody listening", H + "AttachedLru", 1, H + "CachetLru", 2),
        Goal.Time("2", "attached, nobody listening, with time to live", H + "AttachedLruExpiring", 1, H + "CachetLruExpiring", 2),
        Goal.Bytes("2", "attached, nobody listening", H + "AttachedLru"),
        Goal.Time("3", "hit of a GetOrInsert", H + "CachetLruLoader", 1.1, H + "CachetLru"),
        Goal.Time("3", "hit of a GetOrInsert, with time to live", H + "CachetLruExpiringLoader", 1.1, H + "CachetLruExpiring"),
        Goal.Time("3", "hit of a GetOrInsert, TinyLFU", H + "CachetLfuLoader", 1.1, H + "CachetLfu"),
        Goal.Time("3", "hit of a GetOrInsert, loader without state", H + "CachetLruStateless", 1.1, H + "CachetLru"),
        Goal.Bytes("3", "hit of a GetOrInsert", H + "CachetLruLoader"),
        new(
            "9",
            $"one event handler: at most 2 × {H}CachetLru + {H}StopwatchPair",
            "ns",
            static r => r[H + "HandlerLru"].Nanoseconds,
            static r => (2 * r[H + "CachetLru"].Nanoseconds) + r[H + "StopwatchPair"].Nanoseconds),
        Goal.Bytes("9", "one event handler", H + "HandlerLru"),
    ];

    private static Goal[] Telemetries =>
    [
        Goal.Time("4", "both spans, both histograms", T + "CachetAll", 0.6, T + "FusionAll"),
        Goal.Bytes("4", "both spans, both histograms", T + "CachetAll", 0.6, T + "FusionAll"),
        Goal.Time("5", "operation span, both histograms", T + "CachetOperations", 0.75, T + "FusionOperations"),
        Goal.Bytes("5", "operation span, both histograms", T + "CachetOperations", 0.75, T + "FusionOperations"),
        Goal.Time("6", "parent not sampled", T + "CachetParentNotSampled", 0.25, T + "FusionParentNotSampled"),
        Goal.Bytes("6", "parent not sampled", T + "CachetParentNotSampled"),
        Goal.Time("6", "parent not sampled, with metrics", T + "CachetParentNotSampledMeasured", 0.55, T + "FusionParentNotSampledMeasured"),
        Goal.Time("7", "root not sampled", T + "CachetRootNotSampled", 0.45, T + "FusionRootNotSampled"),
        Goal.Bytes("7", "root not sampled", T + "CachetRootNotSampled", 0.45, T + "FusionRootNotSampled"),
        Goal.Time("8", "metrics only", T + "CachetMeasured", 0.8, T + "FusionMeasured"),
        Goal.Time("8", "metrics only, TinyLFU", T + "CachetLfuMeasured", 0.95, T + "FusionMeasured"),
        Goal.Bytes("8", "metrics only", T + "CachetMeasured"),
    ];

    private static Goal[] Stampedes =>
    [
        Goal.Time("10", "stampede, per caller", S + "Cachet", 0.8, S + "HybridCache"),
        Goal.Bytes("10", "stampede, per caller", S + "Cachet", 82),
        Goal.Time("10", "stampede of callers that may leave", S + "CachetCancellable", 0.8, S + "HybridCacheCancellable"),
    ];

    private static Goal[] Fallbacks =>
    [
        .. from bytes in new[] { 100, 10_000 }
           from filling in new[] { string.Empty, "Filling" }
           from goal in new[]
           {
               Goal.Time("11", $"from a store in the process, {bytes} B", $"{F}Cachet{filling}[Bytes={bytes}]", 0.9, $"{F}HybridCache{filling}[Bytes={bytes}]"),
               Bytes("11", $"from a store in the process, {bytes} B", $"{F}Cachet{filling}[Bytes={bytes}]", 0.9, $"{F}HybridCache{filling}[Bytes={bytes}]"),
           }
           select goal,
    ];

    private static Goal[] Servers =>
    [
        Bytes("12", "from a server, 10 KB of JSON", R + "Cachet", 0.6, R + "HybridCache"),
        Bytes("12", "from a server, 10 KB of bytes", R + "CachetBytes", 0.6, R + "HybridCacheBytes"),
    ];

    private static Goal[] Footprints =>
    [
        Bytes("13", "held per entry of 1 M", "Footprint.cachet-lru", 0.65, "Footprint.hybrid"),
        Bytes("13", "held per entry of 1 M", "Footprint.cachet-lfu", 0.65, "Footprint.hybrid"),
    ];

    private static Goal[] Scalings =>
    [
        Scaling("CachetLru", "BitFasterLru"),
        Scaling("CachetLfu", "BitFasterLfu"),
        Scaling("CachetMeasured", "FusionMeasured") with { Reached = 8 },
    ];

    private static Goal[] Decorators =>
    [
        Goal.Time("16", "decorated store in the process", D + "SynchronousDecorated", 1, D + "Synchronous", 5),
        Goal.Bytes("16", "decorated store in the process", D + "SynchronousDecorated"),
        Goal.Time("16", "decorated store on a server", D + "ServerDecorated", 1.05, D + "Server"),
        Goal.Time("16", "decorated HybridCache, a hit in memory", D + "HybridHitDecorated", 1, D + "HybridHit", 5),
        Goal.Bytes("16", "decorated HybridCache, a hit in memory", D + "HybridHitDecorated") with { Reached = 24 },
        Goal.Time("16", "decorated HybridCache, from a server", D + "HybridServerDecorated", 1.05, D + "HybridServer"),
    ];

    private static Goal Bytes(string row, string what, string subject, double factor, string peer) =>
        Goal.Bytes(row, what, subject, factor, peer, Reached.GetValueOrDefault(subject));

    /// <summary>How much longer a hit takes while another thread hits, at most so much more than for the peer.</summary>
    private static Goal Scaling(string subject, string peer)
    {
        return new(
            "14",
            $"two threads: at least 0.95 × the scaling of {nameof(ScalingBenchmarks)}.{peer}",
            "×",
            r => Slowdown(r, subject),
            r => Slowdown(r, peer) / 0.95);

        static double Slowdown(Results r, string name) =>
            r[$"{nameof(ScalingBenchmarks)}.{name}[Threads=2]"].Nanoseconds / r[$"{nameof(ScalingBenchmarks)}.{name}[Threads=1]"].Nanoseconds;
    }
}
