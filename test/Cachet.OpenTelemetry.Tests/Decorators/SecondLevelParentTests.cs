using System.Diagnostics;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace CachetTests.Decorators;

/// <summary>Which operation a call on the second level is for, where the HybridCache makes it without any context. The HybridCache of these tests asks its
/// second level when the test says so.</summary>
[CancelAfter(60_000)]
public sealed class SecondLevelParentTests
{
    private const int MoreThanAreHeld = 20_000;

    private readonly ScriptedHybridCache _inner = new();
    private readonly ScriptedDistributedCache _store = new() { Answer = DistributedCalls.Good };
    private TraceRecorder _trace = null!;
    private HybridCache _products = null!;
    private IDistributedCache _l2 = null!;

    [SetUp]
    public void SetUp()
    {
        _trace = new();
        _products = _inner.Instrumented("products");
        _l2 = _store.Instrumented("products", "l2");
    }

    [TearDown]
    public void TearDown() => _trace.Dispose();

    [Test]
    public async Task Read_OfAKeyThatIsLookedUp_IsForThatLookup()
    {
        var gate = new Gate();
        _inner.BeforeFactory = _ => gate.PassAsync();
        Task one = LookUp(_products, "k"), other = LookUp(_products, "other");
        await ReadAsync("k");
        await ReadAsync("nobody's");
        gate.Open();
        await Task.WhenAll(one, other);
        Assert.That(ParentsOfReads(), Is.EqualTo(["k", "none"]));
    }

    [Test]
    public async Task Read_LookedUpBySeveral_IsForTheFirstThatIsStillThere()
    {
        Dictionary<string, Gate> gates = [];
        int callers = 0;
        _inner.BeforeFactory = _ => (gates[$"{++callers}"] = new()).PassAsync();
        Task first = LookUp(_products, "k", "first"), second = LookUp(_products, "k", "second"), third = LookUp(_products, "k", "third");
        await ReadAsync("k");
        gates["2"].Open();
        await second;
        await ReadAsync("k");
        gates["1"].Open();
        await first;
        await ReadAsync("k");
        gates["3"].Open();
        await third;
        await ReadAsync("k");
        Assert.That(ParentsOfReads(), Is.EqualTo(["first", "first", "third", "none"]));
    }

    [Test]
    public async Task Read_LookedUpInTwoCaches_IsForTheOneOfItsName()
    {
        var gate = new Gate();
        _inner.BeforeFactory = _ => gate.PassAsync();
        Task elsewhere = LookUp(_inner.Instrumented("users"), "k", "users"), here = LookUp(_products, "k", "products");
        await ReadAsync("k");
        gate.Open();
        await Task.WhenAll(elsewhere, here);
        Assert.That(ParentsOfReads(), Is.EqualTo(["products"]));
    }

    [Test]
    public async Task Read_OfATierOfAnotherName_IsForTheLookupAllTheSame()
    {
        var gate = new Gate();
        _inner.BeforeFactory = _ => gate.PassAsync();
        _l2 = _store.Instrumented("redis", "l2");
        Task lookup = LookUp(_products, "k");
        await ReadAsync("k");
        gate.Open();
        await lookup;
        Assert.That(ParentsOfReads(), Is.EqualTo(["k"]));
    }

    [Test]
    public async Task Read_OfSomebodyWithAnActivityOfItsOwn_StaysThere()
    {
        var gate = new Gate();
        _inner.BeforeFactory = _ => gate.PassAsync();
        Task lookup = LookUp(_products, "k");
        using (_trace.Source.StartActivity("somebody else")) await _l2.GetAsync("k");
        gate.Open();
        await lookup;
        Assert.That(ParentsOfReads(), Is.EqualTo(["somebody else"]));
    }

    [Test]
    public async Task Read_BelowASpanInsideOfTheOperation_StaysThere()
    {
        _inner.BeforeFactory = async _ =>
        {
            using Activity? between = _trace.Source.StartActivity("between");
            await _l2.GetAsync("k");
        };
        await LookUp(_products, "k");
        Assert.That(ParentsOfReads(), Is.EqualTo(["between"]));
    }

    [Test]
    public async Task Read_TheLookupIsNotSampled_MakesNoSpan()
    {
        _trace.Dispose();
        List<Activity> exported = [];
        using TracerProvider provider = Sdk.CreateTracerProviderBuilder()
            .AddCachetInstrumentation().SetSampler(new OnlyTiers()).AddInMemoryExporter(exported).Build();
        var gate = new Gate();
        _inner.BeforeFactory = _ => gate.PassAsync();
        Task lookup = LookUp(_products, "k");
        await ReadAsync("k");
        gate.Open();
        await lookup;
        Assert.That(exported, Is.Empty);
        await ReadAsync("k");
        Assert.That(exported, Has.Count.EqualTo(1), "the sampler would have had it");
        _trace = new();
    }

    [Test]
    public async Task Lookups_MoreThanAreHeld_AreAnsweredAllTheSame()
    {
        var gate = new Gate();
        _inner.BeforeFactory = _ => gate.PassAsync();
        Task<int>[] lookups = [.. Enumerable.Range(0, MoreThanAreHeld).Select(i => LookUp(_products, $"{i}"))];
        await ReadAsync("0");
        await Task.WhenAll(Enumerable.Range(MoreThanAreHeld - 2_000, 2_000).Select(i => ReadAsync($"{i}")));
        gate.Open();
        await Task.WhenAll(lookups);
        string[] parents = ParentsOfReads();
        Assert.That(parents[0], Is.EqualTo("0"));
        Assert.That(parents, Has.Some.EqualTo("none"), "the table is bounded");
        _trace.Forget();
        gate = new();
        Task<int> after = LookUp(_products, "after");
        await ReadAsync("after");
        gate.Open();
        await after;
        Assert.That(ParentsOfReads(), Is.EqualTo(["after"]), "and empty again");
    }

    /// <summary>As a HybridCache reads when the call could be cancelled.</summary>
    private Task<byte[]?> ReadAsync(string key)
    {
        using (ExecutionContext.SuppressFlow()) return Task.Run(() => _l2.GetAsync(key));
    }

    private Task<int> LookUp(HybridCache cache, string key, string? caller = null)
    {
        // An activity of its own for each: that tells them apart.
        using Activity? request = _trace.Source.StartActivity(caller ?? key);
        return cache.GetOrCreateAsync(key, static _ => new ValueTask<int>(1)).AsTask();
    }

    /// <summary>Who called the operations that reads are below, in the order of the reads.</summary>
    private string[] ParentsOfReads()
    {
        var byId = _trace.Spans.ToDictionary(static s => s.SpanId);
        return [.. _trace.Spans.Where(static s => s.OperationName == "cache.tier").OrderBy(static s => s.StartTimeUtc).Select(s => CallerOf(s))];

        string CallerOf(Activity read)
        {
            if (!byId.TryGetValue(read.ParentSpanId, out Activity? parent)) return "none";
            return parent.OperationName == "cache.get_or_insert" ? byId[parent.ParentSpanId].DisplayName : parent.DisplayName;
        }
    }

    private sealed class OnlyTiers : Sampler
    {
        public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
            new(samplingParameters.Name == "cache.tier" ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
    }
}
