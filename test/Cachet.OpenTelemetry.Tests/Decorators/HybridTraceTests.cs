using System.Diagnostics;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;

namespace CachetTests.Decorators;

/// <summary>The spans and measurements of a HybridCache and its second level.</summary>
public sealed class HybridTraceTests : HybridFixture
{
    private const string Loaded = """
        request [Internal Unset]
          cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded
            cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
              HMGET [Client Unset]
            cache.load products [Internal Unset] cache.name=products
              SELECT [Internal Unset]
            cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted cache.entry.size=N
              HSET [Client Unset]
        """;

    private static readonly HybridCacheEntryOptions _readOnly = new() { Flags = HybridCacheEntryFlags.DisableDistributedCacheWrite };

    private readonly CancellationTokenSource _caller = new();

    [TearDown]
    public void Forget() => _caller.Dispose();

    [Test]
    public async Task GetOrCreateAsync_NothingCached_IsOneTraceAlsoIfItCanBeCancelled([Values] bool cancellable, [Values] bool suppressed)
    {
        using (Activity? request = Trace.Source.StartActivity("request"))
        {
            ValueTask<string> call;
            using (suppressed ? ExecutionContext.SuppressFlow() : default(IDisposable?))
            {
                call = Products.GetOrCreateAsync<string>("k", LoadAsync, cancellationToken: Token(cancellable));
                Assert.That(Activity.Current, Is.SameAs(request));
            }

            Assert.That(await call, Is.EqualTo("v"));
        }

        await Trace.EndedAsync("cache.tier insert l2");
        Assert.That(Text, Is.EqualTo(Loaded));
        Assert.That(
            Metrics.Text.Split('\n').Select(static m => m.Split(' ', 3) is [var name, _, var attributes] ? $"{name} {attributes}" : m),
            Is.EqualTo(
            [
                "cache.operation.duration cache.name=products cache.operation=get_or_insert cache.outcome=loaded",
                "cache.tier.duration cache.fallback=true cache.name=products cache.outcome=miss cache.tier.name=l2 cache.tier.operation=get",
                "cache.tier.duration cache.fallback=true cache.name=products cache.outcome=inserted cache.tier.name=l2 cache.tier.operation=insert",
                "cache.load.duration cache.name=products cache.outcome=loaded",
            ]));
    }

    [Test]
    public async Task GetOrCreateAsync_ByASpanOfCharacters_IsTheSame()
    {
        using (Trace.Source.StartActivity("request"))
        {
            await Products.GetOrCreateAsync<string>("k".AsSpan(), LoadAsync, cancellationToken: _caller.Token);
        }

        await Trace.EndedAsync("cache.tier insert l2");
        Assert.That(Text, Is.EqualTo(Loaded));
    }

    [Test]
    public async Task Write_AfterTheOperationHasEnded_IsStillBelowIt([Values] bool cancellable)
    {
        var gate = new Gate();
        HybridCache cache = Build(new LateWrites((IBufferDistributedCache)Store.Instrumented("products", "l2"), gate));
        await Trace.EndedAsync("cache.tier get l2", 2);
        Trace.Forget();
        using (Trace.Source.StartActivity("request")) await cache.GetOrCreateAsync<string>("k", LoadAsync, cancellationToken: Token(cancellable));
        await gate.Reached;
        Assert.That(Trace.Spans.Select(static s => s.DisplayName), Has.Member("cache.get_or_insert products"));
        gate.Open();
        await Trace.EndedAsync("cache.tier insert l2");
        Assert.That(Text, Is.EqualTo(Loaded));
    }

    [Test]
    public async Task GetOrCreateAsync_InTheFirstLevel_IsAHitAndNothingElse([Values] bool cancellable)
    {
        await Products.GetOrCreateAsync<string>("k", LoadAsync);
        await Trace.EndedAsync("cache.tier insert l2");
        Trace.Forget();
        await Products.GetOrCreateAsync<string>("k", LoadAsync, cancellationToken: Token(cancellable));
        Assert.That(Text, Is.EqualTo(
            "cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=hit"));
    }

    [Test]
    public async Task GetOrCreateAsync_InTheSecondLevel_IsAHitWithTheTierBelowIt([Values] bool cancellable)
    {
        await Products.GetOrCreateAsync<string>("k", LoadAsync);
        await Trace.EndedAsync("cache.tier insert l2");
        HybridCache elsewhere = Build();
        await Trace.EndedAsync("cache.tier get l2", 3);
        Trace.Forget();
        Assert.That(await elsewhere.GetOrCreateAsync<string>("k", LoadAsync, cancellationToken: Token(cancellable)), Is.EqualTo("v"));
        Assert.That(Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=hit
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=hit cache.entry.size=N
                HMGET [Client Unset]
            """));
    }

    [Test]
    public async Task Writes_OfEachKind_AreOneOperationWithTheirTierCallsBelow()
    {
        await Products.SetAsync("k", "v");
        await Products.RemoveAsync("k");
        await Products.RemoveAsync(["a", "b"]);
        await Products.RemoveByTagAsync("t");
        await Products.RemoveByTagAsync(["t", "u"]);
        const string Insert = "cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted cache.entry.size=N";
        const string Drop = "cache.tier invalidate l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=invalidate cache.fallback=true cache.outcome=invalidated";
        const string Invalidate = "cache.invalidate products [Internal Unset] cache.name=products cache.operation=invalidate";
        Assert.That(Text, Is.EqualTo($"""
            cache.insert products [Internal Unset] cache.name=products cache.operation=insert cache.outcome=inserted
              {Insert}
                HSET [Client Unset]
            {Invalidate} cache.outcome=invalidated
              {Drop}
                DEL [Client Unset]
            {Invalidate} cache.outcome=invalidated
              {Drop}
                DEL [Client Unset]
              {Drop}
                DEL [Client Unset]
            {Invalidate} cache.scope=tag cache.outcome=invalidated
              {Insert}
                HSET [Client Unset]
            {Invalidate} cache.scope=tag cache.outcome=invalidated
              {Insert}
                HSET [Client Unset]
              {Insert}
                HSET [Client Unset]
            """));
        Assert.That(
            Metrics.Text.Split('\n').Where(static m => m.Contains("operation.duration", StringComparison.Ordinal)).Select(static m => m.Split(' ', 3)[2]),
            Is.EqualTo(
            [
                "cache.name=products cache.operation=insert cache.outcome=inserted",
                "cache.name=products cache.operation=invalidate cache.outcome=invalidated",
                "cache.name=products cache.operation=invalidate cache.outcome=invalidated",
                "cache.name=products cache.operation=invalidate cache.outcome=invalidated cache.scope=tag",
                "cache.name=products cache.operation=invalidate cache.outcome=invalidated cache.scope=tag",
            ]));
    }

    [Test]
    public async Task GetOrCreateAsync_WhoeverWaitsForTheFactoryOfAnother_LooksLikeAHit()
    {
        var gate = new Gate();
        Task<string> leader = Products.GetOrCreateAsync("k", Held(gate), cancellationToken: _caller.Token).AsTask();
        await gate.Reached;
        Task<string> follower = Products.GetOrCreateAsync<string>(
            "k", static _ => throw new InvalidOperationException(), cancellationToken: _caller.Token).AsTask();
        gate.Open();
        await Task.WhenAll(leader, follower);
        await Trace.EndedAsync("cache.tier insert l2");
        Assert.That(Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=hit
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
                HMGET [Client Unset]
              cache.load products [Internal Unset] cache.name=products
              cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted cache.entry.size=N
                HSET [Client Unset]
            """));
    }

    [Test]
    public async Task GetOrCreateAsync_FactoryThrows_IsAnErrorOfTheLoadAndOfTheOperation([Values] bool cancellable, [Values] bool atOnce)
    {
        var error = new TimeoutException();
        Assert.That(
            await Assert.ThrowsAsync<TimeoutException>(async () => await Products.GetOrCreateAsync<string>("k", Fail, cancellationToken: Token(cancellable))),
            Is.SameAs(error));
        Assert.That(Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Error] cache.name=products cache.operation=get_or_insert cache.outcome=error error.type=System.TimeoutException
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
                HMGET [Client Unset]
              cache.load products [Internal Error] cache.name=products error.type=System.TimeoutException
            """));
        Assert.That(Metrics.Text, Does.EndWith("cache.name=products cache.outcome=error error.type=System.TimeoutException"));

        ValueTask<string> Fail(CancellationToken token) => atOnce ? throw error : Later();

        async ValueTask<string> Later()
        {
            await Task.Yield();
            throw error;
        }
    }

    [Test]
    public async Task GetOrCreateAsync_TheOnlyCallerLeaves_IsCancelledAndSoIsTheLoad()
    {
        var gate = new Gate();
        Task<string> call = Products.GetOrCreateAsync("k", Held(gate), cancellationToken: _caller.Token).AsTask();
        await gate.Reached;
        await _caller.CancelAsync();
        await Assert.ThatAsync(() => call, Throws.InstanceOf<OperationCanceledException>());
        await Trace.EndedAsync("cache.load products");
        Assert.That(Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=cancelled
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
                HMGET [Client Unset]
              cache.load products [Internal Unset] cache.name=products
            """));
        Assert.That(Metrics.Text, Does.EndWith("cache.name=products cache.outcome=cancelled"));
    }

    [Test]
    public async Task GetOrCreateAsync_NoFactoryIsToRun_IsAHitOrAMiss([Values] bool cancellable)
    {
        var peek = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableUnderlyingData };
        Assert.That(await Products.GetOrCreateAsync<string>("k", null!, peek, cancellationToken: Token(cancellable)), Is.Null);
        Assert.That(await Products.GetOrCreateAsync<int, string>("k", 0, null!, peek, cancellationToken: Token(cancellable)), Is.Null);
        Assert.That(await Products.GetOrCreateAsync<int>("n", static _ => new(1), peek, cancellationToken: Token(cancellable)), Is.Zero);
        await Products.SetAsync("k", "v");
        Assert.That(await Products.GetOrCreateAsync<string>("k", null!, peek, cancellationToken: Token(cancellable)), Is.EqualTo("v"));
        Assert.That(
            Trace.Spans.Where(static s => s.OperationName == "cache.get_or_insert").Select(static s => s.GetTagItem("cache.outcome")),
            Is.EqualTo(["miss", "miss", "miss", "hit"]));
    }

    [Test]
    public async Task GetOrCreateAsync_ANullThatWasLoaded_IsAHit()
    {
        await Products.GetOrCreateAsync<string?>("k", static _ => new((string?)null));
        await Products.GetOrCreateAsync<string?>("k", static _ => throw new InvalidOperationException());
        Assert.That(
            Trace.Spans.Where(static s => s.OperationName == "cache.get_or_insert").Select(static s => s.GetTagItem("cache.outcome")),
            Is.EqualTo(["loaded", "hit"]));
    }

    [Test]
    public async Task Factory_ThatUsesTheSecondLevelItself_HasItsCallsBelowTheLoad([Values] bool cancellable, [Values] bool suppressed)
    {
        IDistributedCache direct = Store.Instrumented("products", "l2");
        var local = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableDistributedCache };
        ValueTask<string> call;
        using (suppressed ? ExecutionContext.SuppressFlow() : default(IDisposable?))
        {
            call = Products.GetOrCreateAsync<string>("k", LookAsync, local, cancellationToken: Token(cancellable));
        }

        await call;
        Assert.That(Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded
              cache.load products [Internal Unset] cache.name=products
                cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
            """));

        async ValueTask<string> LookAsync(CancellationToken token)
        {
            await direct.GetAsync("k", token);
            return "v";
        }
    }

    [Test]
    public async Task Factory_ThatUsesAnotherKey_IsAnOperationBelowTheLoad([Values] bool cancellable)
    {
        await Products.GetOrCreateAsync<string>(
            "outer",
            async token => await Products.GetOrCreateAsync<string>("inner", static _ => new("v"), _readOnly, cancellationToken: token),
            _readOnly,
            cancellationToken: Token(cancellable));
        const string Get = "cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded";
        const string Tier = "cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss";
        Assert.That(Text, Is.EqualTo($"""
            {Get}
              {Tier}
                HMGET [Client Unset]
              cache.load products [Internal Unset] cache.name=products
                {Get}
                  {Tier}
                    HMGET [Client Unset]
                  cache.load products [Internal Unset] cache.name=products
            """));
    }

    [Test]
    public async Task Filter_RefusesTheOperation_NothingOfItMakesSpans([Values] bool cancellable)
    {
        Retrace(static o => o.Filter = static (_, operation) => operation != CacheOperation.GetOrInsert);
        await Products.GetOrCreateAsync<string?>("k", static _ => new("v"), _readOnly, cancellationToken: Token(cancellable));
        await Products.SetAsync("other", "v");
        Assert.That(Trace.Spans.Select(static s => s.DisplayName), Is.EqualTo(["cache.tier insert l2", "cache.insert products"]));
        Assert.That(Metrics.Text.Split('\n'), Has.Length.EqualTo(5), "but measurements: two operations, two calls on the tier, a load");
    }

    [Test]
    public async Task Store_NotDecorated_ItsSpansStayWhereHybridCachePutsThem([Values] bool cancellable)
    {
        HybridCache cache = Build(Store);
        await Trace.EndedAsync("HMGET", 2);
        Trace.Forget();
        await cache.GetOrCreateAsync<string?>("k", static _ => new("v"), _readOnly, cancellationToken: Token(cancellable));
        const string Operation = "cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded";
        const string Load = "  cache.load products [Internal Unset] cache.name=products";
        Assert.That(Text, Is.EqualTo(cancellable ? $"HMGET [Client Unset]\n{Operation}\n{Load}" : $"{Operation}\n  HMGET [Client Unset]\n{Load}"));
    }

    [Test]
    public async Task Keys_Recorded_AreThoseOfOneKeyAlone()
    {
        Retrace(static o => o.KeyRecording = KeyRecording.Full);
        await Products.SetAsync("k", "v");
        await Products.RemoveAsync(["a", "b"]);
        await Products.RemoveByTagAsync("t");
        Assert.That(
            Trace.Spans.Where(static s => s.OperationName != "cache.tier").Select(static s => s.GetTagItem("cache.key")),
            Is.EqualTo(new object?[] { "k", null, null }), "a tag is no key");
    }

    private static Func<CancellationToken, ValueTask<string>> Held(Gate gate) => async token =>
    {
        await gate.PassAsync(token);
        return "v";
    };

    private CancellationToken Token(bool cancellable) => cancellable ? _caller.Token : CancellationToken.None;

    private async ValueTask<string> LoadAsync(CancellationToken token)
    {
        using Activity? query = Trace.Source.StartActivity("SELECT");
        await Task.Yield();
        return "v";
    }
}
