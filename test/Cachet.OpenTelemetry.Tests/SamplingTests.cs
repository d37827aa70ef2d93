using System.Diagnostics;
using Cachet;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace CachetTests;

/// <summary>What samplers see, and what is left undone for spans that nobody records.</summary>
public sealed class SamplingTests
{
    private readonly TickingClock _clock = new();
    private FakeSynchronousCacheTier<string, string> _l1 = null!;
    private FakeCacheTier<string, string> _l2 = null!;
    private ICache<string, string> _cache = null!;

    [SetUp]
    public void SetUp()
    {
        _l1 = new();
        _l2 = new();
        _cache = Cache.Builder<string, string>("products").Clock(_clock).Tier(_l1).Tier(_l2).Build();
    }

    [TearDown]
    public async Task TearDown() => await _cache.DisposeAsync();

    [Test]
    public async Task Sampler_EverySpan_SeesWhatIsKnownAtItsStart()
    {
        var sampler = new Asked(SamplingDecision.RecordAndSample);
        using var trace = new TraceRecorder(b => b.SetSampler(sampler));
        await _cache.GetOrInsertAsync("k", static (_, _) => new("v"));
        Assert.That(sampler.Lines, Is.EqualTo(
        [
            "Internal cache.get_or_insert cache.name=products cache.operation=get_or_insert",
            "Internal cache.tier cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false",
            "Internal cache.tier cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true",
            "Internal cache.load cache.name=products",
            "Internal cache.tier cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false",
            "Internal cache.tier cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true",
        ]));
    }

    [Test]
    public async Task Sampler_LooksAtTheAttributesTwice_SeesThemTwice()
    {
        var sampler = new Asked(SamplingDecision.RecordAndSample) { Twice = true };
        using var trace = new TraceRecorder(b => b.SetSampler(sampler));
        await _cache.InvalidateAsync("k");
        Assert.That(sampler.Lines[0], Is.EqualTo(
            "Internal cache.invalidate cache.name=products cache.operation=invalidate cache.name=products cache.operation=invalidate"));
        Assert.That(trace.Text, Does.StartWith(
            "cache.invalidate products [Internal Unset] cache.name=products cache.operation=invalidate cache.outcome=invalidated\n"));
    }

    [Test]
    public async Task Root_NotSampled_TiersAndLoadMakeNoSpans()
    {
        var sampler = new Asked(SamplingDecision.Drop);
        using var trace = new TraceRecorder(b => b.SetSampler(sampler));
        List<string?> current = [];
        _l2.Before = (_, _) =>
        {
            current.Add(Activity.Current?.OperationName);
            return Task.CompletedTask;
        };
        await _cache.GetOrInsertAsync("k", (_, _) =>
        {
            current.Add(Activity.Current?.OperationName);
            return new("v");
        });
        Assert.That(sampler.Lines, Is.EqualTo(["Internal cache.get_or_insert cache.name=products cache.operation=get_or_insert"]));
        Assert.That(trace.Spans, Is.Empty);
        Assert.That(current, Is.EqualTo(Enumerable.Repeat("cache.get_or_insert", 3)));
        Assert.That(Activity.Current, Is.Null);
    }

    [Test]
    public async Task Root_NotSampled_NothingIsComputedForItAfterItsStart()
    {
        using var trace = new TraceRecorder(static b => b.SetSampler(new AlwaysOffSampler()));
        Activity? span = null;
        await Assert.ThrowsAsync<TimeoutException>(async () => await _cache.GetOrInsertAsync("k", (_, _) =>
        {
            span = Activity.Current;
            throw new TimeoutException();
        }));
        Assert.That(TraceText.Of([span!]), Is.EqualTo(
            "cache.get_or_insert [Internal Unset] cache.name=products cache.operation=get_or_insert"));
        Assert.That(span!.IsStopped);
        Assert.That(_clock.Readings, Is.Zero);
    }

    [Test]
    public async Task Parent_NotSampled_NothingIsMadeOrTimed()
    {
        using var trace = new TraceRecorder();
        using Activity parent = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        Activity? seen = null;
        await _cache.GetOrInsertAsync("k", (_, _) =>
        {
            seen = Activity.Current;
            return new("v");
        });
        Assert.That(seen, Is.SameAs(parent));
        Assert.That(Activity.Current, Is.SameAs(parent));
        Assert.That(trace.Spans, Is.Empty);
        Assert.That(_clock.Readings, Is.Zero);
    }

    [Test]
    public async Task RecordOnly_TiersAndLoad_AreRecordedToo()
    {
        var sampler = new Asked(SamplingDecision.RecordOnly);
        var seen = new Recorded();
        using var trace = new TraceRecorder(b => b.SetSampler(sampler).AddProcessor(seen));
        await _cache.GetAsync("k");
        Assert.That(trace.Spans, Is.Empty);
        Assert.That(TraceText.Of(seen.Spans), Is.EqualTo("""
            cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=miss
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
            """));
    }

    [Test]
    public async Task Tiers_NotSampled_TheOperationIsWhole()
    {
        var sampler = new Asked(SamplingDecision.RecordAndSample) { Except = "cache.tier" };
        using var trace = new TraceRecorder(b => b.SetSampler(sampler));
        await _cache.GetOrInsertAsync("k", static async (_, _) =>
        {
            await Task.Yield();
            return "v";
        });
        Assert.That(Activity.Current, Is.Null);
        Assert.That(trace.Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded
              cache.load products [Internal Unset] cache.name=products
            """));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Measurements_SpansNotSampled_AreRecordedAllTheSame(bool parent)
    {
        using var trace = new TraceRecorder(static b => b.SetSampler(new ParentBasedSampler(new AlwaysOffSampler())));
        using var metrics = new MetricRecorder();
        var clock = new FakeTimeProvider();
        ICache<string, string> cache = Cache.Builder<string, string>("products").Clock(clock).Tier(_l1).Tier(_l2).Build();
        using (parent ? new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start() : null)
        {
            await cache.GetOrInsertAsync("k", (_, _) =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return new("v");
            });
        }

        Assert.That(trace.Spans, Is.Empty);
        Assert.That(metrics.Text, Is.EqualTo("""
            cache.operation.duration 1 cache.name=products cache.operation=get_or_insert cache.outcome=loaded
            cache.tier.duration 0 cache.fallback=false cache.name=products cache.outcome=miss cache.tier.name=l1 cache.tier.operation=get
            cache.tier.duration 0 cache.fallback=true cache.name=products cache.outcome=miss cache.tier.name=l2 cache.tier.operation=get
            cache.tier.duration 0 cache.fallback=false cache.name=products cache.outcome=inserted cache.tier.name=l1 cache.tier.operation=insert
            cache.tier.duration 0 cache.fallback=true cache.name=products cache.outcome=inserted cache.tier.name=l2 cache.tier.operation=insert
            cache.load.duration 1 cache.name=products cache.outcome=loaded
            """));
    }

    /// <summary>Decides as told, and keeps what it was asked.</summary>
    private sealed class Asked(SamplingDecision decision) : Sampler
    {
        public List<string> Lines { get; } = [];

        public bool Twice { get; init; }

        /// <summary>Spans that are dropped whatever the decision.</summary>
        public string? Except { get; init; }

        public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
        {
            string line = $"{samplingParameters.Kind} {samplingParameters.Name}";
            IEnumerable<KeyValuePair<string, object?>> tags = samplingParameters.Tags ?? [];
            for (int i = Twice ? 2 : 1; i > 0; i--)
            {
                foreach ((string name, object? value) in tags) line += $" {name}={TraceText.Text(value)}";
            }

            Lines.Add(line);
            return new(samplingParameters.Name == Except ? SamplingDecision.Drop : decision);
        }
    }

    private sealed class Recorded : BaseProcessor<Activity>
    {
        public List<Activity> Spans { get; } = [];

        public override void OnEnd(Activity data) => Spans.Add(data);
    }
}
