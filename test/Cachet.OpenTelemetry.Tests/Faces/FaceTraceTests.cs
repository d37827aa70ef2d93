using System.Buffers;
using System.Diagnostics;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests.Faces;

/// <summary>Traces and metrics of a cache that is shown as a distributed cache: those of the cache, and the same for synchronous and asynchronous calls.</summary>
[CancelAfter(30_000)]
public class FaceTraceTests
{
    private static readonly DistributedCacheEntryOptions _sliding = new() { SlidingExpiration = TimeSpan.FromMinutes(20) };
    private static readonly DistributedCacheEntryOptions _absolute = new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(20) };

    private TraceRecorder _trace = null!;
    private TracedStore _store = null!;
    private IBufferDistributedCache _cache = null!;

    [SetUp]
    public void SetUp()
    {
        _trace = new();
        _store = new(_trace.Source);
        _cache = Node();
    }

    [TearDown]
    public void TearDown() => _trace.Dispose();

    [Test]
    public async Task Set_Sliding_IsAnInsertThatMemoryRefuses([Values] bool synchronously)
    {
        await InRequestAsync(() => SetAsync(_sliding, synchronously));

        Assert.That(_trace.Text, Is.EqualTo("""
            request [Internal Unset]
              cache.insert sessions [Internal Unset] cache.name=sessions cache.operation=insert cache.outcome=inserted
                cache.tier insert l1 [Internal Unset] cache.name=sessions cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=rejected
                cache.tier insert l2 [Internal Unset] cache.name=sessions cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted cache.entry.size=45
                  SET [Client Unset]
            """));
    }

    [Test]
    public async Task Get_Sliding_IsAGetThatTheStoreServes([Values] bool synchronously, [Values] bool buffered)
    {
        await SetAsync(_sliding, synchronously);
        _trace.Forget();

        await InRequestAsync(() => GetAsync(synchronously, buffered));

        Assert.That(_trace.Text, Is.EqualTo("""
            request [Internal Unset]
              cache.get sessions [Internal Unset] cache.name=sessions cache.operation=get cache.outcome=hit cache.tier.name=l2
                cache.tier get l1 [Internal Unset] cache.name=sessions cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
                cache.tier get l2 [Internal Unset] cache.name=sessions cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=hit cache.entry.size=45
                  GET [Client Unset]
            """));
    }

    [Test]
    public async Task Get_AbsoluteOfAnotherNode_IsPromotedAndThenServedFromMemory([Values] bool synchronously, [Values] bool buffered)
    {
        await SetAsync(_absolute, synchronously);
        _cache = Node();
        _trace.Forget();

        await InRequestAsync(() => GetAsync(synchronously, buffered));
        string first = _trace.Text;
        _trace.Forget();
        await InRequestAsync(() => GetAsync(synchronously, buffered));

        Assert.That(first, Is.EqualTo("""
            request [Internal Unset]
              cache.get sessions [Internal Unset] cache.name=sessions cache.operation=get cache.outcome=hit cache.tier.name=l2
                cache.tier get l1 [Internal Unset] cache.name=sessions cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
                cache.tier get l2 [Internal Unset] cache.name=sessions cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=hit cache.entry.size=45
                  GET [Client Unset]
                cache.tier insert l1 [Internal Unset] cache.name=sessions cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
            """));
        Assert.That(_trace.Text, Is.EqualTo("""
            request [Internal Unset]
              cache.get sessions [Internal Unset] cache.name=sessions cache.operation=get cache.outcome=hit cache.tier.name=l1
                cache.tier get l1 [Internal Unset] cache.name=sessions cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=hit
            """));
    }

    [Test]
    public async Task Refresh_IsAnOrdinaryOperationOfItsCaller([Values] bool synchronously)
    {
        await SetAsync(_sliding, synchronously);
        _trace.Forget();

        await InRequestAsync(() => RefreshAsync(synchronously));

        Assert.That(_trace.Text, Is.EqualTo("""
            request [Internal Unset]
              cache.refresh sessions [Internal Unset] cache.name=sessions cache.operation=refresh cache.outcome=refreshed
                cache.tier refresh l2 [Internal Unset] cache.name=sessions cache.tier.name=l2 cache.tier.operation=refresh cache.fallback=true cache.outcome=refreshed
                  EXPIRE [Client Unset]
            """));
    }

    [Test]
    public async Task Refresh_InMemoryAlone_SaysThatThereIsNothing([Values] bool synchronously)
    {
        _cache = Cache.DistributedCache("sessions", static o => o.Clock = new TickingClock());

        await InRequestAsync(() => RefreshAsync(synchronously));

        Assert.That(_trace.Text, Is.EqualTo("""
            request [Internal Unset]
              cache.refresh sessions [Internal Unset] cache.name=sessions cache.operation=refresh cache.outcome=miss
                cache.tier refresh l1 [Internal Unset] cache.name=sessions cache.tier.name=l1 cache.tier.operation=refresh cache.fallback=false cache.outcome=miss
            """));
    }

    [Test]
    public async Task Remove_IsAnInvalidate([Values] bool synchronously)
    {
        await InRequestAsync(async () =>
        {
            if (synchronously) _cache.Remove("k");
            else await _cache.RemoveAsync("k");
        });

        Assert.That(_trace.Text, Is.EqualTo("""
            request [Internal Unset]
              cache.invalidate sessions [Internal Unset] cache.name=sessions cache.operation=invalidate cache.outcome=invalidated
                cache.tier invalidate l1 [Internal Unset] cache.name=sessions cache.tier.name=l1 cache.tier.operation=invalidate cache.fallback=false cache.outcome=invalidated
                cache.tier invalidate l2 [Internal Unset] cache.name=sessions cache.tier.name=l2 cache.tier.operation=invalidate cache.fallback=true cache.outcome=invalidated
                  DEL [Client Unset]
            """));
    }

    [Test]
    public async Task Refresh_StoreFails_IsAnErrorOfTheOperationAndOfTheTier([Values] bool synchronously)
    {
        _store.Fails = new TimeoutException();

        await InRequestAsync(() => RefreshAsync(synchronously));

        Assert.That(_trace.Text, Is.EqualTo("""
            request [Internal Unset]
              cache.refresh sessions [Internal Error] cache.name=sessions cache.operation=refresh cache.outcome=error error.type=System.TimeoutException
                cache.tier refresh l2 [Internal Error] cache.name=sessions cache.tier.name=l2 cache.tier.operation=refresh cache.fallback=true cache.outcome=error error.type=System.TimeoutException
                  EXPIRE [Client Unset]
            """));
    }

    [Test]
    public void NullArguments_MakeNoSpan()
    {
        Assert.That(() => _cache.Get(null!), Throws.ArgumentNullException);
        Assert.That(() => _cache.RefreshAsync(null!), Throws.ArgumentNullException);
        Assert.That(() => _cache.Set("k", null!, _sliding), Throws.ArgumentNullException);
        Assert.That(() => _cache.TryGetAsync("k", null!), Throws.ArgumentNullException);

        Assert.That(_trace.Spans, Is.Empty);
    }

    [Test]
    public async Task Refresh_IsMeasuredAsAnOperationAndATierCall([Values] bool synchronously)
    {
        using var metrics = new MetricRecorder();

        await RefreshAsync(synchronously);

        Assert.That(metrics.Text.Split('\n').Select(static l => l.Split(' ', 3)[0] + " " + l.Split(' ', 3)[2]), Is.EqualTo(new[]
        {
            "cache.operation.duration cache.name=sessions cache.operation=refresh cache.outcome=refreshed",
            "cache.tier.duration cache.fallback=true cache.name=sessions cache.outcome=refreshed cache.tier.name=l2 cache.tier.operation=refresh",
        }));
    }

    [Test]
    public async Task Entries_OfBothItsWays_AreCountedOnce()
    {
        IBufferDistributedCache cache = Cache.DistributedCache("counted", o => o.Store = _store);
        await cache.SetAsync("k", [1], _absolute);
        cache.Set("q", [1], _absolute);

        CacheDescriptor counted = CacheInstrumentation.LiveCaches().Single(static c => c.Name == "counted");

        Assert.That(counted.Tiers.Select(static t => $"{t.Name} {t.EntryCount}"), Is.EqualTo(["l1 2", "l2 "]));
        ((IDisposable)cache).Dispose();
        Assert.That(CacheInstrumentation.LiveCaches().Select(static c => c.Name), Has.No.Member("counted"));
    }

    private IBufferDistributedCache Node() => Cache.DistributedCache("sessions", o =>
    {
        o.Store = _store;
        o.Clock = new TickingClock();
    });

    private async Task InRequestAsync(Func<Task> call)
    {
        using Activity request = _trace.Source.StartActivity("request")!;
        try
        {
            await call();
        }
        catch (TimeoutException)
        {
            // As the test has it.
        }

        Assert.That(Activity.Current, Is.SameAs(request));
    }

    private async Task SetAsync(DistributedCacheEntryOptions options, bool synchronously)
    {
        if (synchronously) _cache.Set("k", "v"u8.ToArray(), options);
        else await _cache.SetAsync("k", "v"u8.ToArray(), options);
    }

    private async Task RefreshAsync(bool synchronously)
    {
        if (synchronously) _cache.Refresh("k");
        else await _cache.RefreshAsync("k");
    }

    private async Task GetAsync(bool synchronously, bool buffered)
    {
        if (synchronously && buffered) _cache.TryGet("k", new ArrayBufferWriter<byte>());
        else if (synchronously) _cache.Get("k");
        else if (buffered) await _cache.TryGetAsync("k", new ArrayBufferWriter<byte>());
        else await _cache.GetAsync("k");
    }
}
