namespace CachetTests;

/// <summary>What the queries of the pages give after a round of <see cref="ScrapedStory"/>: by name, by the values of the labels.</summary>
internal static class Expected
{
    private const double L1Takes = 2e-6;
    private const double LoadTakes = 0.02;

    // A hit in l2 is two looks at l1, a call on l2 and the promotion into l1.
    private const double L2HitTakes = 0.002 + (3 * L1Takes);

    // Prometheus takes the durations in a bucket to be spread over it evenly. Half a microsecond is the end of the first.
    private const double P99OfNoTime = 0.99 * 0.0000005;
    private const double P99OfL1 = 0.000001 + (0.99 * (0.000005 - 0.000001));
    private const double P99OfL2 = 0.001 + (0.99 * (0.005 - 0.001));
    private const double P99OfLoads = 0.01 + (0.99 * (0.05 - 0.01));

    /// <summary>Queries whose answer is a figure of its own: a ratio, a duration, a size.</summary>
    public static IReadOnlyDictionary<string, Dictionary<string, double>> Figures { get; } = new Dictionary<string, Dictionary<string, double>>
    {
        ["hit-ratio-of-l1"] = new() { [""] = 28d / 51 },
        ["hit-ratio"] = new() { ["products"] = 28d / 42, ["prices"] = 2d / 6, ["pages"] = 2d / 3 },
        ["served-by"] = new() { ["products l1"] = 24d / 42, ["products l2"] = 4d / 42, ["prices l1"] = 2d / 6, ["pages l1"] = 2d / 3 },
        ["operation-p99"] = new()
        {
            ["products get"] = 0.001 + (((0.99 * 33) - 24) / 9 * 0.004), // 24 hits in l1, 9 calls that reached l2
            ["products get_or_insert"] = P99OfLoads,
            ["products insert"] = P99OfL2,
            ["prices insert"] = P99OfNoTime,
            ["prices get_or_insert"] = 0.01 + (((0.99 * 6) - 2) / 4 * 0.04), // 2 hits, 4 callers that waited for a load
            ["prices refresh"] = P99OfLoads,
            ["sessions clear"] = P99OfNoTime,
            ["sessions insert"] = P99OfNoTime,
            ["pages insert"] = P99OfNoTime,
            ["pages get"] = P99OfNoTime,
        },
        ["operation-error-ratio"] = new() { ["products get_or_insert"] = 1d / 9, ["prices refresh"] = 1d / 2 },
        ["loads-saved-ratio"] = new() { ["prices"] = 3d / 4 },
        ["refresh-error-ratio"] = new() { ["prices"] = 1d / 2 },
        ["hit-ratio-by-tier"] = new() { ["products l1"] = 24d / 42, ["products l2"] = 4d / 18, ["prices l1"] = 2d / 6, ["pages l1"] = 2d / 3 },
        ["tier-p99"] = new() { ["products l1"] = P99OfL1, ["products l2"] = P99OfL2, ["prices l1"] = P99OfNoTime, ["pages l1"] = P99OfNoTime },
        ["tier-error-ratio"] = new() { ["products l2"] = 2d / (18 + 9) },
        ["expired-ratio"] = new() { ["products l1"] = 1d / 42, ["products l2"] = 1d / 18 },
        ["undecodable-ratio"] = new() { ["pages l1"] = 1d / 3 },
        ["load-p99"] = new() { ["products"] = P99OfLoads, ["prices"] = P99OfLoads },
        ["load-error-ratio"] = new() { ["products"] = 1d / 9, ["prices"] = 1d / 3 },
        ["hit-against-load"] = new() { ["products l1"] = L1Takes / LoadTakes, ["products l2"] = L2HitTakes / LoadTakes, ["prices l1"] = 0 },
        ["entry-size-mean"] = new() { ["pages l1 insert"] = 100, ["pages l1 get"] = 100 },
        ["entry-size-p95"] = new() { ["pages l1 insert"] = 64 + (0.95 * 192), ["pages l1 get"] = 64 + (0.95 * 192) },
        ["eviction-pressure"] = new() { ["sessions l1"] = 7d / 10 },
    };

    /// <summary>Queries whose answer is so much per second, here per round.</summary>
    public static IReadOnlyDictionary<string, Dictionary<string, double>> Rates { get; } = new Dictionary<string, Dictionary<string, double>>
    {
        ["operations"] = new()
        {
            ["products get hit"] = 28,
            ["products get miss"] = 5,
            ["products get_or_insert loaded"] = 8,
            ["products get_or_insert error"] = 1,
            ["products insert inserted"] = 1,
            ["prices get_or_insert loaded"] = 4,
            ["prices get_or_insert hit"] = 2,
            ["prices insert inserted"] = 1,
            ["prices refresh refreshed"] = 1,
            ["prices refresh error"] = 1,
            ["sessions clear cleared"] = 1,
            ["sessions insert inserted"] = 10,
            ["pages insert inserted"] = 2,
            ["pages get hit"] = 2,
            ["pages get miss"] = 1,
        },
        ["error-types"] = new() { ["products System.TimeoutException"] = 1, ["prices System.InvalidOperationException"] = 1 },
        ["loads-saved"] = new() { ["prices"] = 3 },
        ["time-saved"] = new() { ["products"] = (28 * LoadTakes) - (24 * L1Takes) - (4 * L2HitTakes), ["prices"] = 2 * LoadTakes },
        ["store-traffic"] = new() { ["pages l1 insert"] = 200, ["pages l1 get"] = 300 },
        ["evictions"] = new() { ["capacity sessions l1"] = 7 },
    };
}
