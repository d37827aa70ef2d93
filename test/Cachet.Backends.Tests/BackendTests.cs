namespace CachetTests;

/// <summary>The QuickStart over Debian's Redis, scraped by Debian's Prometheus: the numbers that a person would see on a dashboard.</summary>
/// <remarks>Needs <c>redis-server</c>, <c>prometheus</c> and <c>promtool</c>: <c>build/test-backends.sh</c> installs them. Without them the tests
/// fail.</remarks>
public sealed class BackendTests
{
    private static readonly TimeSpan _stopTakes = TimeSpan.FromSeconds(30);

    private DebianRedis _redis = null!;
    private ChildProcess _quickStart = null!;
    private int _port;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _redis = new();
        await _redis.StartAsync();
        _port = FreePort.Next();
        _quickStart = await QuickStart.ServeAsync(_redis, _port);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        try
        {
            if (_quickStart is not null) await _quickStart.DisposeAsync();
        }
        finally
        {
            if (_redis is not null) await _redis.DisposeAsync();
        }
    }

    [Test]
    public async Task Redis_QuickStartsStory_ShowsTheSameCountsAsOverAnyStore() =>
        QuickStartStory.Verify(Exposition.Parse(await QuickStart.ScrapeAsync(_port)));

    [Test]
    public async Task Redis_QuickStart_StopsWhenAskedTo()
    {
        await using ChildProcess quickStart = await QuickStart.ServeAsync(_redis, FreePort.Next());

        quickStart.Terminate();

        Assert.That(await quickStart.ExitAsync(_stopTakes), Is.Zero);
    }

    [Test]
    public async Task Prometheus_ScrapeOfTheStory_AnswersHowFastAndHowOftenEachTierHits()
    {
        await using PrometheusServer prometheus = await PrometheusServer.StartNewAsync(_port);

        // No rate(): the story is over and the counters stand still, so that the rate of each is zero and a quantile of it not a number. A
        // dashboard of a service that runs takes the rate first.
        IReadOnlyDictionary<string, double> p95 = await prometheus.QueryAsync(
            "histogram_quantile(0.95, sum by (le, cache_tier_name) (cache_tier_duration_seconds_bucket))", "cache_tier_name");
        IReadOnlyDictionary<string, double> median = await prometheus.QueryAsync(
            "histogram_quantile(0.5, sum by (le, cache_tier_name) (cache_tier_duration_seconds_bucket))", "cache_tier_name");
        IReadOnlyDictionary<string, double> hits = await prometheus.QueryAsync(
            """sum by (cache_tier_name) (cache_tier_duration_seconds_count{cache_tier_operation="get",cache_outcome="hit"})""", "cache_tier_name");
        IReadOnlyDictionary<string, double> calls = await prometheus.QueryAsync(
            "sum by (cache_tier_name) (cache_tier_duration_seconds_count)", "cache_tier_name");
        IReadOnlyDictionary<string, double> loads = await prometheus.QueryAsync(
            "histogram_quantile(0.95, sum by (le) (cache_load_duration_seconds_bucket))", "cache_name");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(hits, Is.EquivalentTo(QuickStartStory.Hits));
            Assert.That(calls, Is.EquivalentTo(new Dictionary<string, double> { ["l1"] = 30, ["l2"] = 9 }));
            Assert.That(p95.Keys, Is.EquivalentTo(new[] { "l1", "l2" }));

            // Finite, and below the last bucket: the buckets of the advice reach as far as the calls take.
            Assert.That(p95.Values, Is.All.GreaterThan(0).And.All.LessThan(10));
            Assert.That(median["l1"], Is.LessThan(median["l2"] / 2), "memory is faster than a call over a socket, and the buckets can tell");
            Assert.That(loads.Values, Is.All.InRange(0.01, 1), "the made-up database takes 20 ms");
        }
    }

    [Test]
    public async Task Promtool_CheckMetrics_HasNothingToSay()
    {
        string scrape = await QuickStart.ScrapeAsync(_port);

        await using ChildProcess promtool = ChildProcess.Start("promtool", ["check", "metrics"], input: scrape);
        int code = await promtool.ExitAsync(TimeSpan.FromSeconds(30));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.Zero);
            Assert.That(promtool.Output, Is.Empty);
            Assert.That(promtool.Error, Is.Empty);
        }
    }
}
