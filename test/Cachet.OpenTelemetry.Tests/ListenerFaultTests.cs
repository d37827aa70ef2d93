using System.Diagnostics;
using System.Diagnostics.Metrics;
using Cachet;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace CachetTests;

/// <summary>Callbacks and listeners that throw: the cache's caller does not notice, its current activity is what it was, and the fault is reported.</summary>
public sealed class ListenerFaultTests
{
    private readonly List<Activity> _spans = [];
    private ICache<string, string> _cache = null!;

    [SetUp]
    public void SetUp() => _cache = Cache.Builder<string, string>("products")
        .Memory().Tier(new FakeCacheTier<string, string>(), static o => o.Remote = true).Build();

    [TearDown]
    public ValueTask TearDown() => _cache.DisposeAsync();

    public static IEnumerable<TestCaseData> Culprits()
    {
        yield return Case<ArithmeticException>("Enrich", static b => b.AddCachetInstrumentation(static o => o.Enrich = static (_, _) => throw new ArithmeticException()));
        yield return Case<FormatException>("Filter", static b => b.AddCachetInstrumentation(static o => o.Filter = static (_, _) => throw new FormatException()));
        yield return Case<KeyNotFoundException>(
            "KeyRecording", static b => b.AddCachetInstrumentation(static o => o.KeyRecording = KeyRecording.Redact<string>(static _ => throw new KeyNotFoundException())));
        yield return Case<TimeoutException>("ActivityListener", static b => b.AddCachetInstrumentation().SetSampler(new BadSampler()));
        yield return Case<RankException>("ActivityListener", static b => b.AddCachetInstrumentation().AddProcessor(new BadProcessor { AtStart = true }));
        yield return Case<DivideByZeroException>("ActivityListener", static b => b.AddCachetInstrumentation().AddProcessor(new BadProcessor()));

        static TestCaseData Case<TFault>(string callback, Func<TracerProviderBuilder, TracerProviderBuilder> configure) => new(callback, typeof(TFault), configure);
    }

    [TestCaseSource(nameof(Culprits))]
    public async Task Calls_SomebodyThrows_AreRightAndLeaveTheCallersCurrent(string callback, Type fault, Func<TracerProviderBuilder, TracerProviderBuilder> configure)
    {
        using var log = new FaultLog();
        using TracerProvider provider = configure(Sdk.CreateTracerProviderBuilder()).AddInMemoryExporter(_spans).Build();
        using Activity request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        request.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        Assert.That(await Current(request, _cache.GetOrInsertAsync("a", static (_, _) => new("v"))), Is.EqualTo("v"));
        Assert.That((await Current(request, _cache.GetAsync("a")))!.Value, Is.EqualTo("v"));
        Assert.That(
            await Current(request, _cache.GetOrInsertAsync("b", static async (_, _) =>
            {
                await Task.Yield();
                return "w";
            })),
            Is.EqualTo("w"));
        Assert.That(await Current(request, _cache.InsertAsync("a", "x")), Is.EqualTo(InsertOutcome.Accepted));
        await _cache.InvalidateAsync("a");
        Assert.That(Activity.Current, Is.SameAs(request));
        await _cache.ClearAsync();
        Assert.That(Activity.Current, Is.SameAs(request));
        Assert.That(log.Lines, Is.EqualTo([$"The callback {callback} threw {fault}. It is called again; the same pair is not reported again."]));
    }

    [Test]
    public async Task Enrich_Throws_TheSpanEndsAndIsWhole()
    {
        using TracerProvider provider = Sdk.CreateTracerProviderBuilder()
            .AddCachetInstrumentation(static o => o.Enrich = static (_, _) => throw new NotSupportedException()).AddInMemoryExporter(_spans).Build();
        await _cache.InsertAsync("k", "v");
        Assert.That(_spans[^1].IsStopped);
        Assert.That(TraceText.Of(_spans), Does.StartWith("cache.insert products [Internal Unset] cache.name=products cache.operation=insert cache.outcome=inserted\n"));
    }

    [Test]
    public async Task Filter_Throws_CountsAsRefusal()
    {
        using TracerProvider provider = Sdk.CreateTracerProviderBuilder()
            .AddCachetInstrumentation(static o => o.Filter = static (_, _) => throw new NotSupportedException()).AddInMemoryExporter(_spans).Build();
        await _cache.InsertAsync("k", "v");
        Assert.That(_spans, Is.Empty);
    }

    [Test]
    public async Task MeterListener_Throws_CallsAreRight()
    {
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listening) =>
            {
                if (instrument.Meter.Name == "Cachet") listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => throw new NotSupportedException());
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => throw new NotSupportedException());
        using var trace = new TraceRecorder();
        listener.Start();
        Assert.That(await _cache.GetOrInsertAsync("a", static (_, _) => new("v")), Is.EqualTo("v"));
        Assert.That((await _cache.GetAsync("a"))!.Value, Is.EqualTo("v"));
        Assert.That(Activity.Current, Is.Null);
        Assert.That(trace.Spans.Count(static s => s.OperationName is "cache.get" or "cache.get_or_insert"), Is.EqualTo(2));
    }

    [Test]
    public async Task EventHandler_Throws_TheSpanEndsAndTheCallersCurrentIsBack()
    {
        using var trace = new TraceRecorder();
        ICache<string, string> cache = Cache.Builder<string, string>("products").Memory().EventHandler(new BadHandler()).Build();
        using Activity request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        request.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        await Current(request, cache.GetOrInsertAsync("a", static (_, _) => new("v")));
        await Current(request, cache.GetAsync("a"));
        Assert.That(trace.Spans.Select(static s => s.DisplayName), Does.Contain("cache.get products").And.Contain("cache.get_or_insert products"));
    }

    private static async Task<T> Current<T>(Activity expected, ValueTask<T> call)
    {
        Assert.That(Activity.Current, Is.SameAs(expected), "when the call has returned");
        T result = await call;
        Assert.That(Activity.Current, Is.SameAs(expected), "when it has completed");
        return result;
    }

    private sealed class BadSampler : Sampler
    {
        public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) => throw new TimeoutException();
    }

    private sealed class BadProcessor : BaseProcessor<Activity>
    {
        public bool AtStart { get; init; }

        public override void OnStart(Activity data)
        {
            if (AtStart) throw new RankException();
        }

        public override void OnEnd(Activity data)
        {
            if (!AtStart) throw new DivideByZeroException();
        }
    }

    private sealed class BadHandler : ICacheEventHandler
    {
        public void OnTierEvent(in CacheTierEvent tierEvent) => throw new InvalidOperationException();

        public void OnOperationComplete(in CacheOperationEvent operationEvent) => throw new InvalidOperationException();
    }
}
