using System.Diagnostics;
using System.Runtime.CompilerServices;
using Cachet;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Internal;
using Microsoft.Extensions.Primitives;
using OpenTelemetry.Metrics;
using MemoryCacheReason = Microsoft.Extensions.Caching.Memory.EvictionReason;

namespace CachetTests.Decorators;

/// <summary>What a decorated memory cache evicts, and how much it holds.</summary>
[CancelAfter(60_000)]
public sealed class MemoryCountTests
{
    private readonly string _name = $"counted-{Guid.NewGuid():N}"; // Caches of other tests may still be alive.
    private readonly SteeredClock _clock = new();
    private MetricRecorder _metrics = null!;
    private MemoryCache _inner = null!;

    [SetUp]
    public void SetUp()
    {
        _metrics = new();
        _inner = new(new MemoryCacheOptions { Clock = _clock, SizeLimit = 10 });
    }

    [TearDown]
    public void TearDown()
    {
        _inner.Dispose();
        _metrics.Dispose();
    }

    [Test]
    public async Task Evictions_OfEachReason_AreCountedByWhatTheyAre(CancellationToken cancellationToken)
    {
        using var counted = new MetricCollector<long>(null, "Cachet", "cache.entry.evictions");
        using var expiry = new CancellationTokenSource();
        IMemoryCache cache = _inner.Instrumented(_name);
        cache.Set("compacted", 1, Sized());
        _inner.Compact(1);
        cache.Set("too large", 1, new MemoryCacheEntryOptions { Size = 11 });
        cache.Set("by time", 1, Sized().SetAbsoluteExpiration(TimeSpan.FromMinutes(1)));
        _clock.UtcNow += TimeSpan.FromMinutes(2);
        cache.Get("by time");
        cache.Set("by token", 1, Sized().AddExpirationToken(new CancellationChangeToken(expiry.Token)));
        await expiry.CancelAsync();
        await counted.WaitForMeasurementsAsync(4, cancellationToken);
        Assert.That(_metrics.Points("cache.entry.evictions", _name), Is.EqualTo(
        [
            "2 {eviction} cache.eviction.reason=capacity cache.name=NAME cache.tier.name=l1",
            "2 {eviction} cache.eviction.reason=expired cache.name=NAME cache.tier.name=l1",
        ]));
    }

    [Test]
    public void Evictions_ForEveryReasonThereIs_CapacityAndExpiryAreCounted()
    {
        var inner = new PlainEntry();
        ICacheEntry entry = new OneEntryCache(inner).Instrumented(_name).CreateEntry("k");
        entry.Value = 1;
        entry.Dispose();
        PostEvictionCallbackRegistration registered = inner.PostEvictionCallbacks.Single();
        foreach (MemoryCacheReason reason in Enum.GetValues<MemoryCacheReason>()) registered.EvictionCallback!("k", 1, reason, registered.State);
        Assert.That(_metrics.Points("cache.entry.evictions", _name), Is.EqualTo(
        [
            "1 {eviction} cache.eviction.reason=capacity cache.name=NAME cache.tier.name=l1",
            "2 {eviction} cache.eviction.reason=expired cache.name=NAME cache.tier.name=l1",
        ]), "of the time and of a token; not what callers removed or replaced");
    }

    [Test]
    public void Evictions_NobodyCollectsThem_NoCallbackIsAdded()
    {
        _metrics.Dispose();
        using var trace = new TraceRecorder();
        var inner = new PlainEntry();
        new OneEntryCache(inner).Instrumented(_name).Set("k", 1);
        Assert.That(inner.PostEvictionCallbacks, Is.Empty);
        _metrics = new();
    }

    [Test]
    public async Task Evictions_TheirExemplars_LeadToNobodysTrace(CancellationToken cancellationToken)
    {
        _metrics.Dispose();
        _metrics = new(static b => b.SetExemplarFilter(ExemplarFilterType.AlwaysOn));
        using var trace = new TraceRecorder();
        using var counted = new MetricCollector<long>(null, "Cachet", "cache.entry.evictions");
        IMemoryCache cache = _inner.Instrumented(_name);
        cache.Set("k", 1, Sized());
        using (trace.Source.StartActivity("request")) _inner.Compact(1);
        await counted.WaitForMeasurementsAsync(1, cancellationToken);
        List<ActivitySpanId> spans = [];
        foreach (ref readonly MetricPoint point in _metrics.Export().Single(static m => m.Name == "cache.entry.evictions").GetMetricPoints())
        {
            Assert.That(point.TryGetExemplars(out ReadOnlyExemplarCollection exemplars));
            foreach (ref readonly Exemplar exemplar in exemplars) spans.Add(exemplar.SpanId);
        }

        Assert.That(spans, Is.EqualTo([default(ActivitySpanId)]));
    }

    [Test]
    public void Entries_OfAMemoryCache_AreItsCount()
    {
        IMemoryCache cache = _inner.Instrumented(_name);
        Assert.That(Entries(), Is.EqualTo(["0 {entry} cache.name=NAME cache.tier.name=l1"]));
        cache.Set("a", 1, Sized());
        _inner.Set("b", 2, Sized());
        Assert.That(Entries(), Is.EqualTo(["2 {entry} cache.name=NAME cache.tier.name=l1"]));
    }

    [Test]
    public void Entries_OfASubclass_AreItsCount()
    {
        using var derived = new Derived();
        derived.Instrumented(_name).Set("a", 1);
        Assert.That(Entries(), Is.EqualTo(["1 {entry} cache.name=NAME cache.tier.name=l1"]));
    }

    [Test]
    public void Entries_OfAnotherImplementation_AreWhatItsStatisticsSay()
    {
        IMemoryCache told = new Foreign(new MemoryCacheStatistics { CurrentEntryCount = 5 }).Instrumented(_name);
        IMemoryCache silent = new Foreign(null).Instrumented($"{_name}-silent");
        IMemoryCache failing = new Foreign(null) { Error = new NotSupportedException() }.Instrumented($"{_name}-failing");
        Assert.That(Entries(), Is.EqualTo(["5 {entry} cache.name=NAME cache.tier.name=l1"]));
        GC.KeepAlive((told, silent, failing));
    }

    [Test]
    public void Entries_DecoratedSideBySide_AreCountedOnce()
    {
        IMemoryCache one = _inner.Instrumented(_name), other = _inner.Instrumented(_name);
        one.Set("a", 1, Sized());
        Assert.That(Entries(), Is.EqualTo(["1 {entry} cache.name=NAME cache.tier.name=l1"]));
        GC.KeepAlive(other);
    }

    [Test]
    public void Entries_TwoCachesOfOneName_AreSummed()
    {
        using var second = new Derived();
        IMemoryCache one = _inner.Instrumented(_name), other = second.Instrumented(_name);
        one.Set("a", 1, Sized());
        other.Set("a", 1);
        other.Set("b", 1);
        Assert.That(Entries(), Is.EqualTo(["3 {entry} cache.name=NAME cache.tier.name=l1"]));
    }

    [Test]
    public void Entries_Disposed_AreCountedNoMore()
    {
        IMemoryCache cache = _inner.Instrumented(_name);
        Assert.That(Entries(), Has.Length.EqualTo(1));
        cache.Dispose();
        Assert.That(Entries(), Is.Empty);
    }

    [Test]
    public void Entries_DecoratorForgotten_IsCollected()
    {
        WeakReference<IMemoryCache> forgotten = Forget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.That(forgotten.TryGetTarget(out _), Is.False);
        Assert.That(Entries(), Is.Empty);

        [MethodImpl(MethodImplOptions.NoInlining)]
        WeakReference<IMemoryCache> Forget()
        {
            IMemoryCache cache = _inner.Instrumented(_name);
            cache.Set("a", 1, Sized());
            return new(cache);
        }
    }

    private static MemoryCacheEntryOptions Sized() => new() { Size = 1 };

    private string[] Entries() => _metrics.Points("cache.entries", _name);

    private sealed class Derived() : MemoryCache(new MemoryCacheOptions());

    private sealed class SteeredClock : ISystemClock
    {
        public DateTimeOffset UtcNow { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }

    private sealed class Foreign(MemoryCacheStatistics? statistics) : IMemoryCache
    {
        public Exception? Error { get; init; }

        public ICacheEntry CreateEntry(object key) => throw new NotSupportedException();

        public bool TryGetValue(object key, out object? value) => throw new NotSupportedException();

        public void Remove(object key) => throw new NotSupportedException();

        public MemoryCacheStatistics? GetCurrentStatistics() => Error is null ? statistics : throw Error;

        public void Dispose()
        {
        }
    }
}
