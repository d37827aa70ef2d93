using System.Diagnostics;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>Which span is whose parent, and what is current where: in tiers and loaders the cache's spans, in callers their own.</summary>
public sealed class TraceParentageTests : TracedCacheFixture
{
    /// <summary>The ways out of a call.</summary>
    public enum WayOut
    {
        SynchronousHit,
        SynchronousHitOfALoad,
        FallbackHit,
        Miss,
        Load,
        PendingLoad,
        PendingTier,
        LoaderThrows,
        LoaderThrowsLater,
        LoaderThrowsWithoutATask,
        LoaderGivesNothing,
        CancelledLoad,
        CancelledLookup,
        CancelledBefore,
        PrimaryThrows,
        EveryTierThrows,
        Insert,
        InsertThrows,
        PendingInsert,
        Invalidate,
        Clear,
        ClearThrows,
        Contains,
    }

    [Test]
    public async Task Call_AnyExit_LeavesTheCallersCurrentAsItWas(
        [Values] WayOut exit, [Values] bool ambient, [Values] bool suppressed, [Values] bool protection)
    {
        using Activity? request = ambient ? Trace.Source.StartActivity("request") : null;
        var local = new AsyncLocal<string> { Value = "caller's" };
        using var caller = new CancellationTokenSource();
        var gate = new Gate();
        ICache<string, string> cache = Build(b => b.StampedeProtection(protection));
        Func<ValueTask> call = Prepare(exit, cache, gate, caller.Token);
        ValueTask pending;
        if (suppressed)
        {
            using (ExecutionContext.SuppressFlow())
            {
                pending = call();
                Assert.That(Activity.Current, Is.SameAs(request), "once the call has returned, flow still suppressed");
                Assert.That(ExecutionContext.IsFlowSuppressed());
            }
        }
        else
        {
            pending = call();
        }

        Assert.That(Activity.Current, Is.SameAs(request), "once the call has returned");
        Assert.That(local.Value, Is.EqualTo("caller's"));
        if (exit is WayOut.PendingLoad or WayOut.PendingTier or WayOut.PendingInsert or WayOut.CancelledLoad or WayOut.CancelledLookup)
        {
            Assert.That(pending.IsCompleted, Is.False);
            await gate.Reached;
            if (exit is WayOut.CancelledLoad or WayOut.CancelledLookup) await caller.CancelAsync();
            else gate.Open();
        }

        try
        {
            await pending;
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
        }

        Assert.That(Activity.Current, Is.SameAs(request), "after awaiting it");
        Assert.That(local.Value, Is.EqualTo("caller's"));
        if (exit == WayOut.CancelledLoad) await Trace.EndedAsync("cache.load products");
        if (exit == WayOut.CancelledLookup) await Trace.EndedAsync("cache.tier get l2");
        Assert.That(Trace.Spans.Select(static s => s.IsStopped), Is.All.True);
        Assert.That(
            Trace.Spans.Where(static s => s.OperationName is not ("cache.tier" or "cache.load")).Select(static s => s.ParentSpanId),
            Is.EqualTo([request?.SpanId ?? default]));
    }

    [Test]
    public async Task Spans_WithAnAmbientActivity_AreBelowIt()
    {
        using (Trace.Source.StartActivity("request"))
        {
            await Products.GetAsync("k");
            await Products.InsertAsync("k", "v");
        }

        Assert.That(Trace.Text, Is.EqualTo("""
            request [Internal Unset]
              cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=miss
                cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
                cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
              cache.insert products [Internal Unset] cache.name=products cache.operation=insert cache.outcome=inserted
                cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
                cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted
            """));
    }

    [Test]
    public async Task Spans_WithoutAnAmbientActivity_AreRootsOfTracesOfTheirOwn()
    {
        await Products.GetAsync("k");
        await Products.GetAsync("k");
        Activity[] roots = [.. Trace.Spans.Where(static s => s.ParentSpanId == default)];
        Assert.That(roots.Select(static s => s.DisplayName), Is.EqualTo(["cache.get products", "cache.get products"]));
        Assert.That(roots[0].TraceId, Is.Not.EqualTo(roots[1].TraceId));
    }

    [Test]
    public async Task Spans_AmbientActivityWithARemoteParent_AreBelowItAndItStaysCurrent()
    {
        var remote = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true);
        using Activity request = Trace.Source.StartActivity("request", ActivityKind.Server, remote)!;
        await Products.GetAsync("k");
        Assert.That(Activity.Current, Is.SameAs(request));
        Assert.That(Trace.Span("cache.get products").ParentSpanId, Is.EqualTo(request.SpanId));
    }

    [Test]
    public async Task Tier_Asynchronous_ItsSpanIsCurrentAcrossAwaitsAndThreads()
    {
        List<string?> seen = [];
        L2.Before = async (_, token) =>
        {
            seen.Add(Activity.Current?.DisplayName);
            await Task.Yield();
            seen.Add(Activity.Current?.DisplayName);
            await Task.Run(() => seen.Add(Activity.Current?.DisplayName), token);
        };
        L2.After = (_, _) =>
        {
            seen.Add(Activity.Current?.DisplayName);
            return Task.CompletedTask;
        };
        await Products.GetAsync("k");
        Assert.That(seen, Is.EqualTo(Enumerable.Repeat("cache.tier get l2", 4)));
    }

    [Test]
    public async Task Tier_Synchronous_ItsSpanIsCurrentInTheProbe()
    {
        string? seen = null;
        L1.FailWhen(_ =>
        {
            seen = Activity.Current?.DisplayName;
            return false;
        });
        L1.Entries["k"] = new("v");
        await Products.GetAsync("k");
        Assert.That(seen, Is.EqualTo("cache.tier get l1"));
    }

    [Test]
    public async Task Tier_AnyOperation_ItsSpanIsCurrent()
    {
        List<string?> seen = [];
        L2.Before = (_, _) =>
        {
            seen.Add(Activity.Current?.DisplayName);
            return Task.CompletedTask;
        };
        await Products.ContainsAsync("k");
        await Products.GetOrInsertAsync("k", static (_, _) => new("v"));
        await Products.InvalidateAsync("k");
        await Products.ClearAsync();
        Assert.That(seen, Is.EqualTo(
            ["cache.tier get l2", "cache.tier get l2", "cache.tier insert l2", "cache.tier invalidate l2", "cache.tier clear l2"]));
    }

    [Test]
    public async Task Loader_AnyShape_TheLoadSpanIsCurrentAcrossAwaitsAndThreads([Values] bool protection)
    {
        ICache<string, string> cache = Build(b => b.StampedeProtection(protection));
        List<string?> seen = [];
        await cache.GetOrInsertAsync("k", async (_, token) =>
        {
            seen.Add(Activity.Current?.DisplayName);
            await Task.Yield();
            seen.Add(Activity.Current?.DisplayName);
            await Task.Run(() => seen.Add(Activity.Current?.DisplayName), token);
            return "v";
        });
        Assert.That(seen, Is.EqualTo(Enumerable.Repeat("cache.load products", 3)));
    }

    [Test]
    public async Task Loader_UsesAnotherCache_ItsOperationsAreBelowTheLoad()
    {
        ICache<string, string> prices = Cache.Builder<string, string>("prices").Clock(Clock).Memory().Build();
        await Products.GetOrInsertAsync("k", async (key, token) => await prices.GetOrInsertAsync(key, static (_, _) => new("v"), token));
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
              cache.load products [Internal Unset] cache.name=products
                cache.get_or_insert prices [Internal Unset] cache.name=prices cache.operation=get_or_insert cache.outcome=loaded
                  cache.tier get l1 [Internal Unset] cache.name=prices cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
                  cache.load prices [Internal Unset] cache.name=prices
                  cache.tier insert l1 [Internal Unset] cache.name=prices cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
              cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted
            """));
    }

    [Test]
    public async Task DistributedStore_ItsClientsSpans_AreBelowTheTiers()
    {
        var store = new TracedStore(Trace.Source);
        ICache<string, string> cache = Cache.Builder<string, string>("products").Clock(Clock).Distributed(store).Build();
        await cache.GetOrInsertAsync("k", static (_, _) => new("v")); // The first call asks for the store's generation, and makes it.
        await cache.InvalidateAsync("k");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
                GET [Client Unset]
                GET [Client Unset]
                SET [Client Unset]
              cache.load products [Internal Unset] cache.name=products
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted cache.entry.size=39
                SET [Client Unset]
            cache.invalidate products [Internal Unset] cache.name=products cache.operation=invalidate cache.outcome=invalidated
              cache.tier invalidate l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=invalidate cache.fallback=false cache.outcome=invalidated
                DEL [Client Unset]
            """));
    }

    [Test]
    public async Task Tiers_InsertedIntoAtOnce_AreSiblings()
    {
        var second = new FakeCacheTier<string, string>();
        ICache<string, string> cache = Cache.Builder<string, string>("products").Clock(Clock).Tier(L2).Tier(second).Build();
        Gate first = L2.Hold(CacheOperation.Insert), last = second.Hold(CacheOperation.Insert);
        List<string?> seen = [];
        L2.Before = second.Before = (_, _) =>
        {
            seen.Add(Activity.Current?.DisplayName);
            return Task.CompletedTask;
        };
        ValueTask<InsertOutcome> insert = cache.InsertAsync("k", "v");
        await first.Reached;
        await last.Reached;
        last.Open();
        await Trace.EndedAsync("cache.tier insert l2");
        first.Open();
        await insert;
        Assert.That(seen, Is.EqualTo(["cache.tier insert l2", "cache.tier insert l1"]));
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.insert products [Internal Unset] cache.name=products cache.operation=insert cache.outcome=inserted
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
              cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted
            """));
    }

    [Test]
    public async Task Spans_CallerSuppressedTheFlow_MakeTheSameTree()
    {
        Gate gate = L2.HoldWhen(static _ => true);
        ValueTask<string> call;
        using (ExecutionContext.SuppressFlow()) call = Products.GetOrInsertAsync("k", static async (_, _) => { await Task.Yield(); return "v"; });
        await gate.Reached;
        gate.Open();
        await call;
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
              cache.load products [Internal Unset] cache.name=products
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
              cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted
            """));
    }

    [Test]
    public async Task Tier_AnsweredInlineByAnotherFlow_ThatFlowKeepsItsOwnCurrent([Values] bool suppressed)
    {
        var answer = new TaskCompletionSource(); // Its continuations run inside SetResult, as some clients' do.
        L2.Before = (_, _) => answer.Task;
        // Off the test's own thread, whose synchronization context would have the continuation posted.
        Task<CacheEntry<string>?> call = await Task.Run(() =>
        {
            using AsyncFlowControl? flow = suppressed ? ExecutionContext.SuppressFlow() : null;
            return Task.FromResult(Products.GetAsync("k").AsTask());
        });
        (Activity? before, Activity? after) = await Task.Run(() =>
        {
            using Activity? client = Trace.Source.StartActivity("reader of the client's socket");
            answer.SetResult();
            return (client, Activity.Current);
        });
        Assert.That(after, Is.SameAs(before));

        await call;
        Assert.That(Trace.Spans.Count(static s => s.OperationName == "cache.tier"), Is.EqualTo(2));
    }

    [Test]
    public async Task Spans_AnyFlow_ChildrenLieInsideTheirOperationWhichEndsLast()
    {
        L2.Entries["there"] = new("v");
        await AssertInside(() => Products.GetAsync("there").AsTask());
        await AssertInside(() => Products.GetAsync("there").AsTask());
        await AssertInside(() => Products.GetOrInsertAsync("k", static async (_, _) => { await Task.Yield(); return "v"; }).AsTask());
        await AssertInside(() => Products.InsertAsync("k", "v").AsTask());
        await AssertInside(() => Products.InvalidateAsync("k").AsTask());
        await AssertInside(() => Products.ClearAsync().AsTask());
    }

    [Test]
    public async Task Spans_ClockTooCoarseToSeeTheCalls_ChildrenLieInsideTheirOperation()
    {
        // 100 ns, the resolution of some systems' clocks, are longer than a call on memory: such a call seems to take no time.
        var clock = new FakeTimeProvider();
        ICache<string, string> cache = Cache.Builder<string, string>("products").Clock(clock).Tier(L1).Tier(L2).Build();
        await AssertInside(() => cache.GetOrInsertAsync("k", (_, _) =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            return new("v");
        }).AsTask());
    }

    [Test]
    public async Task Spans_CacheHasAnInstrumentationOfItsOwnToo_AreTheSame()
    {
        var witness = new Witness();
        ICache<string, string> cache = Build(b => b.Instrumentation(witness));
        using (Activity request = Trace.Source.StartActivity("request")!)
        {
            ValueTask<string> call = cache.GetOrInsertAsync("k", static async (_, _) => { await Task.Yield(); return "v"; });
            Assert.That(Activity.Current, Is.SameAs(request));
            await call;
            Assert.That(Activity.Current, Is.SameAs(request));
        }

        Assert.That(Trace.Text, Is.EqualTo("""
            request [Internal Unset]
              cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded
                cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
                cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
                cache.load products [Internal Unset] cache.name=products
                cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
                cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted
            """));
        Assert.That(witness.Ended, Is.EqualTo(1));
    }

    private async Task AssertInside(Func<Task> call)
    {
        Trace.Forget();
        await call();
        IReadOnlyList<Activity> spans = Trace.Spans;
        Activity operation = spans.Single(static s => s.OperationName is not ("cache.tier" or "cache.load"));
        Assert.That(spans[^1], Is.SameAs(operation));
        foreach (Activity child in spans.SkipLast(1))
        {
            Assert.That(child.ParentSpanId, Is.EqualTo(operation.SpanId));
            Assert.That(child.StartTimeUtc, Is.GreaterThanOrEqualTo(operation.StartTimeUtc), child.DisplayName);
            Assert.That(
                child.StartTimeUtc + child.Duration, Is.LessThanOrEqualTo(operation.StartTimeUtc + operation.Duration), $"{child.DisplayName} ends");
        }
    }

    private Func<ValueTask> Prepare(WayOut exit, ICache<string, string> cache, Gate gate, CancellationToken token)
    {
        var down = new IOException("down");
        switch (exit)
        {
            case WayOut.SynchronousHit or WayOut.SynchronousHitOfALoad:
                L1.Entries["k"] = new("v");
                break;
            case WayOut.FallbackHit or WayOut.Contains:
                L2.Entries["k"] = new("v");
                break;
            case WayOut.PendingTier or WayOut.PendingInsert or WayOut.CancelledLookup:
                L2.Before = (_, leave) => gate.PassAsync(leave);
                break;
            case WayOut.PrimaryThrows:
                L1.FailWhen(static _ => true, _ => down);
                break;
            case WayOut.EveryTierThrows or WayOut.InsertThrows or WayOut.ClearThrows:
                L1.FailWhen(static _ => true, _ => down);
                L2.FailWhen(static _ => true, _ => down);
                break;
        }

        return exit switch
        {
            WayOut.SynchronousHit or WayOut.FallbackHit or WayOut.Miss or WayOut.PrimaryThrows or WayOut.EveryTierThrows =>
                () => Plain(cache.GetAsync("k")),
            WayOut.PendingTier or WayOut.CancelledLookup => () => Plain(cache.GetAsync("k", token)),
            WayOut.CancelledBefore => () => Plain(cache.GetAsync("k", new CancellationToken(canceled: true))),
            WayOut.SynchronousHitOfALoad or WayOut.Load => () => Plain(cache.GetOrInsertAsync("k", static (_, _) => new("v"))),
            WayOut.PendingLoad or WayOut.CancelledLoad => () => Plain(cache.GetOrInsertAsync(
                "k",
                async (_, leave) =>
                {
                    await gate.PassAsync(leave);
                    return "v";
                },
                token)),
            WayOut.LoaderThrows => () => Plain(cache.GetOrInsertAsync("k", (_, _) => ValueTask.FromException<string>(down))),
            WayOut.LoaderThrowsLater => () => Plain(cache.GetOrInsertAsync("k", async (_, token) =>
            {
                await Task.Yield();
                throw down;
            })),
            WayOut.LoaderThrowsWithoutATask => () => Plain(cache.GetOrInsertEntryAsync("k", (_, _) => throw down)),
            WayOut.LoaderGivesNothing => () => Plain(cache.GetOrInsertEntryAsync("k", static (_, _) => new((CacheEntry<string>?)null))),
            WayOut.Insert or WayOut.InsertThrows or WayOut.PendingInsert => () => Plain(cache.InsertAsync("k", "v", token)),
            WayOut.Invalidate => () => cache.InvalidateAsync("k"),
            WayOut.Clear or WayOut.ClearThrows => () => cache.ClearAsync(),
            WayOut.Contains => () => Plain(cache.ContainsAsync("k")),
            _ => throw new ArgumentOutOfRangeException(nameof(exit), exit, null),
        };
    }

    // Not async: that would give the caller its context back whatever the cache did.
    private static ValueTask Plain<T>(ValueTask<T> call) => new(call.AsTask());

    /// <summary>A store whose client makes a span of every command, as Redis clients do.</summary>
    private sealed class TracedStore(ActivitySource source) : IDistributedCache
    {
        private readonly MemoryDistributedCache _inner = new(Options.Create(new MemoryDistributedCacheOptions()));

        public byte[]? Get(string key) => throw new NotSupportedException();

        public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
        {
            using Activity? command = source.StartActivity("GET", ActivityKind.Client);
            await Task.Yield();
            return await _inner.GetAsync(key, token);
        }

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

        public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
        {
            using Activity? command = source.StartActivity("SET", ActivityKind.Client);
            await Task.Yield();
            await _inner.SetAsync(key, value, options, token);
        }

        public void Refresh(string key) => throw new NotSupportedException();

        public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

        public void Remove(string key) => throw new NotSupportedException();

        public async Task RemoveAsync(string key, CancellationToken token = default)
        {
            using Activity? command = source.StartActivity("DEL", ActivityKind.Client);
            await Task.Yield();
            await _inner.RemoveAsync(key, token);
        }
    }

    /// <summary>Another instrumentation, which records nothing but that operations ended.</summary>
    private sealed class Witness : CacheInstrumentation
    {
        public int Ended { get; private set; }

        public override bool IsEnabled => true;

        public override CacheScope BeginOperation<TKey>(CacheDescriptor cache, CacheOperation operation, in TKey key) => new(this, wantsDuration: false);

        public override void EndOperation(
            in CacheScope scope, CacheDescriptor cache, TierDescriptor? servedBy, object? followed, in CacheOperationEvent operationEvent) => Ended++;

        public override CacheScope BeginTier<TKey>(
            TierDescriptor tier, CacheOperation operation, in TKey key, in CacheScope parent, long? sinceParentNanoseconds) => default;

        public override void EndTier(in CacheScope scope, TierDescriptor tier, in CacheTierEvent tierEvent)
        {
        }

        public override CacheScope BeginLoad<TKey>(CacheDescriptor cache, in TKey key, in CacheScope parent, long? sinceParentNanoseconds) => default;

        public override void EndLoad(in CacheScope scope, CacheDescriptor cache, in CacheLoadEvent loadEvent)
        {
        }

        public override CacheScope BeginRefresh<TKey>(CacheDescriptor cache, in TKey key, object? trigger) => default;

        public override void EndRefresh(
            in CacheScope scope, CacheDescriptor cache, TierDescriptor? servedBy, in CacheOperationEvent operationEvent)
        {
        }
    }
}
