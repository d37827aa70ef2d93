namespace CachetTests;

/// <summary>What a scrape of the QuickStart must show: its story is the same each time, whatever Redis it runs over.</summary>
/// <remarks>Its steps: miss and load; l1 hit; l1 expired, l2 hit and promotion (a get, the others are get_or_insert); 20 callers, one load; both
/// expired, load; l1 expired, l2 fails on get and insert, load.</remarks>
internal static class QuickStartStory
{
    private static readonly string[] _loadBuckets = ["0.001", "0.005", "0.01", "0.05", "0.1", "0.5", "1", "5", "10", "+Inf"];
    private static readonly string[] _buckets = ["5E-07", "1E-06", "5E-06", "1E-05", "5E-05", "0.0001", "0.0005", .. _loadBuckets];

    /// <summary>Hits by tier, as Prometheus's API is asked for them.</summary>
    public static IReadOnlyDictionary<string, double> Hits { get; } = new Dictionary<string, double> { ["l1"] = 1, ["l2"] = 1 };

    /// <summary>Asserts the whole of what Cachet's metrics show after the story.</summary>
    public static void Verify(Exposition scrape)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                scrape.Lines("cache_tier_duration_seconds_count", "cache_tier_name", "cache_tier_operation", "cache_outcome", "error_type", "cache_fallback"),
                Is.EqualTo(new[]
                {
                    "l1 get expired - false 3",
                    "l1 get hit - false 1",
                    "l1 get miss - false 21",
                    "l1 insert inserted - false 5",
                    "l2 get error System.IO.IOException true 1",
                    "l2 get expired - true 1",
                    "l2 get hit - true 1",
                    "l2 get miss - true 2",
                    "l2 insert error System.IO.IOException true 1",
                    "l2 insert inserted - true 3",
                }));
            Assert.That(
                scrape.Lines("cache_operation_duration_seconds_count", "cache_operation", "cache_outcome", "cache_tier_name", "cache_coalesced"),
                Is.EqualTo(new[]
                {
                    "get hit l2 - 1",
                    "get_or_insert hit l1 - 1",
                    "get_or_insert loaded - - 4",
                    "get_or_insert loaded - true 19",
                }));
            Assert.That(scrape.Lines("cache_load_duration_seconds_count", "cache_outcome"), Is.EqualTo(new[] { "loaded 4" }));
            VerifyHistogram(scrape, "cache_tier_duration_seconds", 10, _buckets);
            VerifyHistogram(scrape, "cache_operation_duration_seconds", 4, _buckets);
            VerifyHistogram(scrape, "cache_load_duration_seconds", 1, _loadBuckets);
        }
    }

    private static void VerifyHistogram(Exposition scrape, string name, int series, string[] buckets)
    {
        Assert.That(scrape.Types.GetValueOrDefault(name), Is.EqualTo("histogram"));
        Assert.That(scrape.Help.GetValueOrDefault(name), Is.Not.Null.And.Not.Empty);
        Assert.That(scrape.Samples.Where(s => s.Name.StartsWith(name, StringComparison.Ordinal)).Select(static s => s["cache_name"]), Is.All.EqualTo("products"));

        // By series: all labels but the bucket's own.
        IGrouping<string, Sample>[] bySeries = [.. scrape.Samples
            .Where(s => s.Name == $"{name}_bucket")
            .GroupBy(static s => string.Join(',', s.Labels.Where(static l => l.Key != "le").Select(static l => $"{l.Key}={l.Value}")))];
        Assert.That(bySeries, Has.Length.EqualTo(series));
        foreach (IGrouping<string, Sample> one in bySeries)
        {
            Assert.That(one.Select(static s => s["le"]), Is.EqualTo(buckets), one.Key);
            Assert.That(one.Select(static s => s.Value), Is.Ordered.Ascending, one.Key);
        }

        Assert.That(scrape.Samples.Where(s => s.Name == $"{name}_sum").Select(static s => s.Value), Has.Exactly(series).Items.And.All.GreaterThan(0));
    }
}
