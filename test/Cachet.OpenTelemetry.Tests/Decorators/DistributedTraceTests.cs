using System.Diagnostics;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CachetTests.Decorators;

/// <summary>The spans and measurements of a distributed cache that stands alone.</summary>
[CancelAfter(60_000)]
public sealed class DistributedTraceTests
{
    private readonly ScriptedBufferDistributedCache _inner = new() { Answer = DistributedCalls.Good };
    private readonly TickingClock _clock = new();
    private TraceRecorder _trace = null!;
    private MetricRecorder _metrics = null!;
    private IDistributedCache _cache = null!;

    [SetUp]
    public void SetUp()
    {
        _trace = new();
        _metrics = new();
        _cache = Registered.Cache<IDistributedCache>(_inner, _clock, static s => s.InstrumentDistributedCache("sessions"));
    }

    [TearDown]
    public void TearDown()
    {
        _metrics.Dispose();
        _trace.Dispose();
    }

    [TestCase("Get", "get", "hit")]
    [TestCase("TryGet", "get", "hit")]
    [TestCase("Set", "insert", "inserted")]
    [TestCase("SetBuffer", "insert", "inserted")]
    [TestCase("Refresh", "refresh", "refreshed")]
    [TestCase("Remove", "invalidate", "invalidated")]
    public async Task Call_SucceedsSynchronouslyOrNot_IsOneSpanAndOneMeasurement(string member, string operation, string outcome)
    {
        _cache.Call(member);
        await (Task)_cache.Call(member + "Async")!;
        (Task task, Action succeed, _, _) = DistributedCalls.Pending(member + "Async");
        _inner.Answer = _ => task;
        var pending = (Task)_cache.Call(member + "Async")!;
        succeed();
        await pending;
        string span = $"cache.{operation} sessions [Internal Unset] cache.name=sessions cache.operation={operation} cache.outcome={outcome}";
        string measurement = $"cache.operation.duration 1E-06 cache.name=sessions cache.operation={operation} cache.outcome={outcome}";
        Assert.That(_trace.Text, Is.EqualTo(string.Join('\n', Enumerable.Repeat(span, 3))));
        Assert.That(_metrics.Text, Is.EqualTo(string.Join('\n', Enumerable.Repeat(measurement, 3))));
        Assert.That(_trace.Spans.Select(static s => (s.Source.Name, s.OperationName)), Is.All.EqualTo(("Cachet", $"cache.{operation}")));
        Assert.That(_trace.Spans.Select(static s => s.Duration), Is.All.EqualTo(TimeSpan.FromMicroseconds(1)), "by the container's clock");
    }

    [TestCase("Get")]
    [TestCase("TryGet")]
    public async Task Get_NothingFound_IsAMiss(string member)
    {
        _inner.Answer = static m => m switch { "GetAsync" => Task.FromResult<byte[]?>(null), "TryGetAsync" => Task.FromResult(false), _ => null };
        _cache.Call(member);
        await (Task)_cache.Call(member + "Async")!;
        Assert.That(_trace.Spans.Select(static s => s.GetTagItem("cache.outcome")), Is.EqualTo(["miss", "miss"]));
    }

    [TestCase("Get")]
    [TestCase("GetAsync")]
    [TestCase("RemoveAsync")]
    public void Call_ThrowsAtOnce_IsAnErrorOfTheSpanAndTheMeasurement(string member)
    {
        _inner.Answer = static _ => throw new TimeoutException("s3cret");
        Assert.That(() => _cache.Call(member), Throws.TypeOf<TimeoutException>());
        string operation = member == "RemoveAsync" ? "invalidate" : "get";
        string attributes = $"cache.name=sessions cache.operation={operation} cache.outcome=error error.type=System.TimeoutException";
        Assert.That(_trace.Text, Is.EqualTo($"cache.{operation} sessions [Internal Error] {attributes}"));
        Assert.That(_metrics.Text, Is.EqualTo($"cache.operation.duration 1E-06 {attributes}"));
    }

    [Test]
    public async Task Call_FailsLater_IsAnError([Values("GetAsync", "RemoveAsync")] string member)
    {
        (Task task, _, Action<Exception[]> fail, _) = DistributedCalls.Pending(member);
        _inner.Answer = _ => task;
        var pending = (Task)_cache.Call(member)!;
        fail([new IOException()]);
        await Assert.ThatAsync(() => pending, Throws.TypeOf<IOException>());
        Assert.That(_trace.Spans.Single().Status, Is.EqualTo(ActivityStatusCode.Error));
        Assert.That(_trace.Spans.Single().GetTagItem("error.type"), Is.EqualTo("System.IO.IOException"));
    }

    [Test]
    public async Task Call_CancelledByItsCaller_IsCancelledAndNoError([Values("GetAsync", "SetAsync")] string member)
    {
        using var caller = new CancellationTokenSource();
        (Task task, _, _, Action<CancellationToken> cancel) = DistributedCalls.Pending(member);
        _inner.Answer = _ => task;
        var pending = (Task)_cache.Call(member, caller.Token)!;
        await caller.CancelAsync();
        cancel(caller.Token);
        await Assert.ThatAsync(() => pending, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(TraceText.Line(_trace.Spans.Single(), []), Does.Contain("[Internal Unset]").And.EndsWith("cache.outcome=cancelled"));
        Assert.That(_metrics.Text, Does.EndWith("cache.outcome=cancelled"));
    }

    [Test]
    public async Task Call_CancelledByTheCacheItself_IsAnError()
    {
        _inner.Answer = static _ => Task.FromCanceled<byte[]?>(new(canceled: true));
        await Assert.ThatAsync(() => _cache.GetAsync("k"), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            TraceText.Line(_trace.Spans.Single(), []),
            Does.EndWith("cache.outcome=error error.type=System.Threading.Tasks.TaskCanceledException"));
    }

    [Test]
    public async Task Spans_OfTheCachesOwnClient_AreBelowAndTheCallersIsAbove([Values] bool suppressed)
    {
        _inner.Answer = _ => ReadAsync();
        using (_trace.Source.StartActivity("request"))
        {
            Task<byte[]?> pending;
            using (suppressed ? ExecutionContext.SuppressFlow() : default(IDisposable?)) pending = _cache.GetAsync("k");
            await pending;
        }

        Assert.That(_trace.Text, Is.EqualTo("""
            request [Internal Unset]
              cache.get sessions [Internal Unset] cache.name=sessions cache.operation=get cache.outcome=hit
                HMGET [Internal Unset]
            """));

        async Task<byte[]?> ReadAsync()
        {
            using Activity? client = _trace.Source.StartActivity("HMGET");
            await Task.Yield();
            return DistributedCalls.Value;
        }
    }

    [Test]
    public async Task Exemplars_OfTheMeasurement_LeadToTheSpan([Values] bool suppressed)
    {
        _metrics.Dispose();
        _metrics = new(static b => b.SetExemplarFilter(ExemplarFilterType.TraceBased));
        (Task task, Action succeed, _, _) = DistributedCalls.Pending("GetAsync");
        _inner.Answer = _ => task;
        Task<byte[]?> pending;
        using (suppressed ? ExecutionContext.SuppressFlow() : default(IDisposable?)) pending = _cache.GetAsync("k");
        await Task.Run(succeed);
        await pending;
        List<ActivitySpanId> found = [];
        foreach (ref readonly MetricPoint point in _metrics.Export().Single().GetMetricPoints())
        {
            Assert.That(point.TryGetExemplars(out ReadOnlyExemplarCollection exemplars));
            foreach (ref readonly Exemplar exemplar in exemplars) found.Add(exemplar.SpanId);
        }

        Assert.That(found, Is.EqualTo([_trace.Spans.Single().SpanId]));
    }

    [Test]
    public async Task Options_OfTheProvider_CountForDecoratedCachesToo()
    {
        List<CacheOperationEvent> enriched = [];
        _trace.Dispose();
        _trace = new(b => b.AddCachetInstrumentation(o =>
        {
            o.Filter = static (cache, operation) => cache.Name == "sessions" && operation != CacheOperation.Refresh;
            o.Enrich = (_, e) => enriched.Add(e);
            o.KeyRecording = KeyRecording.Full;
        }));
        await _cache.RefreshAsync("k");
        await _cache.GetAsync("k");
        Assert.That(_trace.Text, Is.EqualTo(
            "cache.get sessions [Internal Unset] cache.name=sessions cache.operation=get cache.key=k cache.outcome=hit"));
        Assert.That(_metrics.Text.Split('\n'), Has.Length.EqualTo(2));
        Assert.That(enriched.Single(), Is.EqualTo(new CacheOperationEvent
        {
            CacheName = "sessions",
            Operation = CacheOperation.Get,
            Outcome = CacheOutcome.Hit,
            DurationNanoseconds = 1_000,
        }));
    }

    [Test]
    public void Call_NobodyListensAnyMore_IsNotRecorded()
    {
        _trace.Dispose();
        _metrics.Dispose();
        using var collector = new MetricCollector<double>(null, "Cachet", "cache.operation.duration");
        int readings = _clock.Readings;
        foreach (string member in DistributedCalls.Members) _cache.Call(member);
        Assert.That(collector.GetMeasurementSnapshot(), Is.Empty);
        Assert.That(_clock.Readings, Is.EqualTo(readings));
        SetUp();
    }
}
