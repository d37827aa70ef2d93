using System.Diagnostics;
using Cachet.Testing;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace CachetTests.Snippets;

/// <summary>Who decides which spans there are.</summary>
[CancelAfter(30_000)]
public class SamplingTests
{
    private readonly List<Activity> _spans = [];

    [SetUp]
    public void SetUp() => _spans.Clear();

    [TestCase(ActivityTraceFlags.Recorded)]
    [TestCase(ActivityTraceFlags.None)]
    public async Task Sampling_ByTheParent_IsTheRequests(ActivityTraceFlags flags)
    {
        TracerProviderBuilder tracing = Sdk.CreateTracerProviderBuilder().AddCachetInstrumentation().AddInMemoryExporter(_spans);

        // snippet: sampling
        tracing.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(0.1)));   // every tenth request
        // end
        using TracerProvider provider = tracing.Build();
        using var request = new Activity("request");
        request.SetIdFormat(ActivityIdFormat.W3C).Start();
        request.ActivityTraceFlags = flags;
        await using ICache<string, int> cache = Cache.Builder<string, int>("products").Memory().Build();
        await cache.GetAsync("p1");
        Assert.That(_spans, Has.Count.EqualTo(flags == ActivityTraceFlags.Recorded ? 2 : 0));
    }

    [TestCase(1, 0, new[] { "cache.insert", "cache.get_or_insert" })]
    [TestCase(0, 1, new[] { "cache.refresh" })]
    public async Task RootSampler_OfRefreshes_HasARatioOfItsOwn(double requests, double refreshes, string[] roots)
    {
        TracerProviderBuilder tracing = Sdk.CreateTracerProviderBuilder().AddCachetInstrumentation().AddInMemoryExporter(_spans);
        tracing.SetSampler(new ParentBasedSampler(new RootSampler(requests, refreshes)));
        using TracerProvider provider = tracing.Build();
        var clock = new FakeTimeProvider();
        var events = new CacheEventRecorder();
        ICache<string, int> cache = Cache.Builder<string, int>("products")
            .Memory(static o => o.TimeToRefresh = TimeSpan.FromMinutes(1)).Clock(clock).EventHandler(events).Build();
        await cache.InsertAsync("p1", 1);
        clock.Advance(TimeSpan.FromMinutes(2));
        await cache.GetOrInsertAsync("p1", static (_, _) => new(2));
        await events.WaitForOperationAsync(
            static e => e.Operation == CacheOperation.Refresh, cancellationToken: TestContext.CurrentContext.CancellationToken);
        await cache.DisposeAsync(); // which waits for the end of the refresh's span
        Assert.That(_spans.Where(static s => s.ParentSpanId == default).Select(static s => s.OperationName), Is.EqualTo(roots));
    }
}

// snippet: root-sampler
internal sealed class RootSampler(double requests, double refreshes) : Sampler   // in a ParentBasedSampler
{
    private static readonly KeyValuePair<string, object?> _refresh =
        new(TelemetryNames.Operation, TelemetryNames.Of(CacheOperation.Refresh));

    private readonly TraceIdRatioBasedSampler _requests = new(requests);
    private readonly TraceIdRatioBasedSampler _refreshes = new(refreshes);

    public override SamplingResult ShouldSample(in SamplingParameters parameters) =>
        (parameters.Tags?.Contains(_refresh) == true ? _refreshes : _requests).ShouldSample(in parameters);
}
// end
