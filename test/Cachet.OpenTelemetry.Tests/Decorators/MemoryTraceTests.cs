using System.Diagnostics;
using Cachet;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace CachetTests.Decorators;

/// <summary>The spans and measurements of a memory cache.</summary>
public sealed class MemoryTraceTests
{
    private readonly MemoryCache _inner = new(new MemoryCacheOptions());
    private TraceRecorder _trace = null!;
    private MetricRecorder _metrics = null!;
    private IMemoryCache _cache = null!;

    [SetUp]
    public void SetUp()
    {
        _trace = new();
        _metrics = new();
        _cache = Registered.Cache<IMemoryCache>(_inner, new TickingClock(), static s => s.InstrumentMemoryCache("views"));
    }

    [TearDown]
    public void TearDown()
    {
        _metrics.Dispose();
        _trace.Dispose();
        _cache.Dispose();
        _inner.Dispose();
    }

    [Test]
    public void Calls_OfEachKind_AreOneSpanAndOneMeasurementEach()
    {
        using (_trace.Source.StartActivity("request"))
        {
            _cache.Get("k");
            _cache.Set("k", "v");
            _cache.TryGetValue("k", out string? _);
            _cache.Remove("k");
        }

        Assert.That(_trace.Text, Is.EqualTo("""
            request [Internal Unset]
              cache.get views [Internal Unset] cache.name=views cache.operation=get cache.outcome=hit
              cache.get views [Internal Unset] cache.name=views cache.operation=get cache.outcome=miss
              cache.insert views [Internal Unset] cache.name=views cache.operation=insert cache.outcome=inserted
              cache.invalidate views [Internal Unset] cache.name=views cache.operation=invalidate cache.outcome=invalidated
            """));
        Assert.That(_metrics.Text, Is.EqualTo("""
            cache.operation.duration 1E-06 cache.name=views cache.operation=get cache.outcome=miss
            cache.operation.duration 1E-06 cache.name=views cache.operation=insert cache.outcome=inserted
            cache.operation.duration 1E-06 cache.name=views cache.operation=get cache.outcome=hit
            cache.operation.duration 1E-06 cache.name=views cache.operation=invalidate cache.outcome=invalidated
            """));
    }

    [Test]
    public async Task GetOrCreateAsync_NothingThere_TheFactoryIsBelowNeitherLookupNorInsert()
    {
        using (_trace.Source.StartActivity("request"))
        {
            await _cache.GetOrCreateAsync("k", async _ =>
            {
                using Activity? query = _trace.Source.StartActivity("SELECT");
                await Task.Yield();
                return "v";
            });
        }

        Assert.That(_trace.Text, Is.EqualTo("""
            request [Internal Unset]
              SELECT [Internal Unset]
              cache.get views [Internal Unset] cache.name=views cache.operation=get cache.outcome=miss
              cache.insert views [Internal Unset] cache.name=views cache.operation=insert cache.outcome=inserted
            """));
    }

    [Test]
    public void Calls_TheCacheRefuses_AreErrors()
    {
        using var limited = new MemoryCache(new MemoryCacheOptions { SizeLimit = 1 });
        IMemoryCache cache = limited.Instrumented("views");
        Assert.That(() => cache.Set("k", "v"), Throws.InvalidOperationException);
        limited.Dispose();
        Assert.That(() => cache.Get("k"), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => cache.Remove("k"), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(_trace.Text, Is.EqualTo("""
            cache.get views [Internal Error] cache.name=views cache.operation=get cache.outcome=error error.type=System.ObjectDisposedException
            cache.insert views [Internal Error] cache.name=views cache.operation=insert cache.outcome=error error.type=System.InvalidOperationException
            cache.invalidate views [Internal Error] cache.name=views cache.operation=invalidate cache.outcome=error error.type=System.ObjectDisposedException
            """));
    }

    [Test]
    public void CreateEntry_NeverCommitted_IsNoInsert()
    {
        using (_cache.CreateEntry("k"))
        {
            // No value: there is nothing to commit.
        }

        _cache.CreateEntry("k").Value = "never disposed of";
        ICacheEntry twice = _cache.CreateEntry("k");
        twice.Value = null;
        twice.Dispose();
        twice.Dispose();
        Assert.That(_trace.Spans.Select(static s => s.DisplayName), Is.EqualTo(["cache.insert views"]), "of the last, once");
    }

    [Test]
    public void CreateEntry_BegunBeforeAnybodyListened_IsNotRecorded()
    {
        _trace.Dispose();
        _metrics.Dispose();
        ICacheEntry entry = _cache.CreateEntry("k");
        SetUp();
        entry.Value = "v";
        entry.Dispose();
        Assert.That(_inner.Get("k"), Is.EqualTo("v"));
        Assert.That(_trace.Spans, Is.Empty);
    }

    [Test]
    public void Exemplars_OfTheMeasurement_LeadToTheSpan()
    {
        _metrics.Dispose();
        _metrics = new(static b => b.SetExemplarFilter(ExemplarFilterType.TraceBased));
        _cache.Get("k");
        List<ActivitySpanId> found = [];
        foreach (ref readonly MetricPoint point in _metrics.Export().Single(static m => m.Name == "cache.operation.duration").GetMetricPoints())
        {
            Assert.That(point.TryGetExemplars(out ReadOnlyExemplarCollection exemplars));
            foreach (ref readonly Exemplar exemplar in exemplars) found.Add(exemplar.SpanId);
        }

        Assert.That(found, Is.EqualTo([_trace.Spans.Single().SpanId]));
    }
}
