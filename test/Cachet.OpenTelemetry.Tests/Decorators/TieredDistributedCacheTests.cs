using System.Buffers;
using System.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace CachetTests.Decorators;

/// <summary>A distributed cache that is declared a level of another cache: calls on it are calls on a tier.</summary>
[CancelAfter(60_000)]
public sealed class TieredDistributedCacheTests
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
        _cache = Registered.Cache<IDistributedCache>(_inner, _clock, static s => s.InstrumentDistributedCache("products", tier: "l2"));
    }

    [TearDown]
    public void TearDown()
    {
        _metrics.Dispose();
        _trace.Dispose();
    }

    [TestCase("Get", "get", "hit", 3)]
    [TestCase("TryGet", "get", "hit", 0)]
    [TestCase("Set", "insert", "inserted", 3)]
    [TestCase("SetBuffer", "insert", "inserted", 3)]
    [TestCase("Refresh", "refresh", "refreshed", null)]
    [TestCase("Remove", "invalidate", "invalidated", null)]
    public async Task Call_Succeeds_IsOneTierSpanBelowWhatIsCurrentAndOneMeasurement(string member, string operation, string outcome, int? size)
    {
        using (_trace.Source.StartActivity("request"))
        {
            _cache.Call(member);
            await (Task)_cache.Call(member + "Async")!;
        }

        string attributes = $"cache.name=products cache.tier.name=l2 cache.tier.operation={operation} cache.fallback=true cache.outcome={outcome}";
        if (size is not null) attributes += $" cache.entry.size={size}";
        Assert.That(_trace.Text, Is.EqualTo($"""
            request [Internal Unset]
              cache.tier {operation} l2 [Internal Unset] {attributes}
              cache.tier {operation} l2 [Internal Unset] {attributes}
            """));
        string names = $"cache.name=products cache.outcome={outcome} cache.tier.name=l2 cache.tier.operation={operation}";
        string measurement = $"cache.tier.duration 1E-06 cache.fallback=true {names}";
        Assert.That(_metrics.Text, Is.EqualTo($"{measurement}\n{measurement}"));
        Assert.That(
            _trace.Spans.Where(static s => s.DisplayName != "request").Select(static s => (s.Source.Name, s.OperationName)),
            Is.All.EqualTo(("Cachet.Tiers.Remote", "cache.tier")));
    }

    [Test]
    public async Task Call_NothingIsCurrent_IsARootOfItsOwn()
    {
        await _cache.GetAsync("k");
        Assert.That(_trace.Spans.Single().ParentId, Is.Null);
    }

    [Test]
    public async Task Get_NothingFound_IsAMissWithoutASize()
    {
        _inner.Answer = static m => m == "GetAsync" ? Task.FromResult<byte[]?>(null) : Task.FromResult(false);
        await _cache.GetAsync("k");
        await ((IBufferDistributedCache)_cache).TryGetAsync("k", new ArrayBufferWriter<byte>());
        Assert.That(_trace.Spans.Select(static s => s.GetTagItem("cache.outcome")), Is.All.EqualTo("miss"));
        Assert.That(_trace.Spans.Select(static s => s.GetTagItem("cache.entry.size")), Is.All.Null);
    }

    [Test]
    public async Task TryGet_InSeveralPieces_TellsTheSizeAndWritesWhatWasFound([Values] bool asynchronous)
    {
        _inner.Answer = m =>
        {
            var destination = (IBufferWriter<byte>)_inner.Calls.Last().Arguments[1]!;
            destination.Write<byte>([1, 2]);
            destination.GetMemory(1).Span[0] = 3;
            destination.Advance(1);
            return m == "TryGet" ? true : Task.FromResult(true);
        };
        var written = new ArrayBufferWriter<byte>();
        var cache = (IBufferDistributedCache)_cache;
        Assert.That(asynchronous ? await cache.TryGetAsync("k", written) : cache.TryGet("k", written));
        Assert.That(written.WrittenSpan.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(_trace.Spans.Single().GetTagItem("cache.entry.size"), Is.EqualTo(3));
    }

    [Test]
    public void TryGet_NoDestination_IsRefusedByTheCacheAsEver()
    {
        _cache.Call("TryGet");
        ((IBufferDistributedCache)_cache).TryGet("k", null!);
        Assert.That(_inner.Calls.Last().Arguments[1], Is.Null);
    }

    [Test]
    public async Task Sizes_OfReadsAndWrites_AreMeasured()
    {
        await _cache.GetAsync("k");
        await _cache.SetAsync("k", new byte[7], new());
        Assert.That(_metrics.Points("cache.entry.size", "products"), Is.EqualTo(
        [
            "1 for 3 By cache.name=NAME cache.tier.name=l2 cache.tier.operation=get",
            "1 for 7 By cache.name=NAME cache.tier.name=l2 cache.tier.operation=insert",
        ]));
    }

    [Test]
    public async Task Call_Fails_IsAnErrorOfTheTier()
    {
        _inner.Answer = static _ => Task.FromException<byte[]?>(new IOException());
        await Assert.ThatAsync(() => _cache.GetAsync("k"), Throws.TypeOf<IOException>());
        Assert.That(_trace.Text, Is.EqualTo(
            "cache.tier get l2 [Internal Error] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=error "
            + "error.type=System.IO.IOException"));
        Assert.That(_metrics.Text, Does.EndWith("cache.tier.operation=get error.type=System.IO.IOException"));
    }

    [Test]
    public async Task RemoteTierSpans_Off_MakeNoneAndAreMeasuredAllTheSame()
    {
        _trace.Dispose();
        List<Activity> exported = [];
        using TracerProvider provider = Sdk.CreateTracerProviderBuilder()
            .AddCachetInstrumentation(static o => o.RemoteTierSpans = false).AddInMemoryExporter(exported).Build();
        await _cache.GetAsync("k");
        Assert.That(exported, Is.Empty);
        Assert.That(_metrics.Text, Does.StartWith("cache.tier.duration"));
        _trace = new();
    }

    [Test]
    public async Task Filter_RefusesTheCache_NoSpan()
    {
        _trace.Dispose();
        _trace = new(static b => b.AddCachetInstrumentation(static o => o.Filter = static (c, _) => c.Name != "products"));
        await _cache.GetAsync("k");
        Assert.That(_trace.Spans, Is.Empty);
    }
}
