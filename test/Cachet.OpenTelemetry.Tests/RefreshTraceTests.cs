using System.Diagnostics;
using Cachet;
using OpenTelemetry;

namespace CachetTests;

/// <summary>Background refreshes in traces: roots of their own, linked to the operation that triggered them.</summary>
public sealed class RefreshTraceTests : TracedCacheFixture
{
    private static readonly TimeSpan _age = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Refresh_TriggeredInsideARequest_IsARootThatLinksToTheOperation()
    {
        await using ICache<string, string> cache = await AgedAsync();
        Gate gate = L2.Hold(CacheOperation.Get);
        Activity request = Trace.Source.StartActivity("request")!;

        await cache.GetAsync("k");
        Activity? after = Activity.Current;
        request.Stop();
        gate.Open();
        await Trace.EndedAsync("cache.refresh products");

        Assert.That(after, Is.SameAs(request));
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.refresh products [Internal Unset] cache.name=products cache.operation=refresh cache.outcome=refreshed -> cache.get products
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=hit
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
            request [Internal Unset]
              cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=hit cache.tier.name=l1
                cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=hit
            """));
        Activity refresh = Trace.Span("cache.refresh products");
        Assert.That(refresh.TraceId, Is.Not.EqualTo(request.TraceId));
        Assert.That(refresh.ParentSpanId, Is.EqualTo(default(ActivitySpanId)));
    }

    [Test]
    public async Task Refresh_RunsTheLoader_WithItsSpanCurrentAndNoBaggage()
    {
        await using ICache<string, string> cache = await AgedAsync();
        L2.Entries.Clear();
        Baggage.SetBaggage("tenant", "a");
        var seen = new TaskCompletionSource<(Activity? Current, int Baggage)>(TaskCreationOptions.RunContinuationsAsynchronously);

        await cache.GetOrInsertAsync("k", async (_, _) =>
        {
            await Task.Yield();
            seen.SetResult((Activity.Current, Baggage.Current.Count));
            return "new";
        });
        (Activity? current, int baggage) = await seen.Task;
        await Trace.EndedAsync("cache.refresh products");

        Assert.That(current, Is.SameAs(Trace.Span("cache.load products")));
        Assert.That(baggage, Is.Zero);
        Assert.That(current!.ParentSpanId, Is.EqualTo(Trace.Span("cache.refresh products").SpanId));
        Assert.That(Activity.Current, Is.Null);
    }

    [Test]
    public async Task Refresh_Fails_IsAnErrorOfTheRefreshAlone()
    {
        await using ICache<string, string> cache = await AgedAsync();
        L2.Entries.Clear();

        await cache.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException());
        await Trace.EndedAsync("cache.refresh products");

        Assert.That(Trace.Span("cache.refresh products").Status, Is.EqualTo(ActivityStatusCode.Error));
        Assert.That(Trace.Span("cache.refresh products").GetTagItem(TelemetryNames.ErrorType), Is.EqualTo("System.InvalidOperationException"));
        Assert.That(Trace.Span("cache.get_or_insert products").Status, Is.EqualTo(ActivityStatusCode.Unset));
    }

    [Test]
    public async Task Refresh_IsMeasuredAsAnOperation()
    {
        using var metrics = new MetricRecorder();
        await using ICache<string, string> cache = await AgedAsync();

        await cache.GetAsync("k");
        await Trace.EndedAsync("cache.refresh products");

        Assert.That(metrics.Text, Does.Contain("cache.name=products cache.operation=refresh cache.outcome=refreshed cache.tier.name=l2"));
    }

    private async Task<ICache<string, string>> AgedAsync()
    {
        ICache<string, string> cache = Build(l1: static o => o.TimeToRefresh = _age);
        await cache.InsertAsync("k", "old");
        Clock.Advance(_age);
        L2.Entries["k"] = new("new", Clock.GetUtcNow());
        Trace.Forget();
        return cache;
    }
}
