using System.Diagnostics;
using Cachet;

namespace CachetTests;

/// <summary>Callers that share one flight: whose span links to which, and whose parent stays whose.</summary>
public sealed class FollowerTests : TracedCacheFixture
{
    [Test]
    public async Task GetOrInsertAsync_JoinsALoad_LinksToTheLeadersLoad()
    {
        var gate = new Gate();
        ValueTask<string> leader = Products.GetOrInsertAsync("k", Held(gate));
        await gate.Reached;
        ValueTask<string> follower = Products.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException());
        gate.Open();
        Assert.That((await leader, await follower), Is.EqualTo(("v", "v")));
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
              cache.load products [Internal Unset] cache.name=products
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
              cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded cache.coalesced=true -> cache.load products
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
            """));
    }

    [Test]
    public async Task GetAsync_JoinsALookup_LinksToTheLeadersOperation()
    {
        L2.Entries["k"] = new("v");
        Gate gate = HoldLookups();
        ValueTask<CacheEntry<string>?> leader = Products.GetAsync("k");
        await gate.Reached;
        ValueTask<CacheEntry<string>?> follower = Products.GetAsync("k");
        gate.Open();
        await leader;
        await follower;
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=hit cache.tier.name=l2
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=hit
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
            cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=hit cache.tier.name=l2 cache.coalesced=true -> cache.get products
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
            """));
    }

    [Test]
    public async Task GetAsync_JoinsALookupThatFindsNothing_LinksToTheLeadersOperationAlthoughThatGoesOnToLoad()
    {
        Gate gate = HoldLookups();
        ValueTask<string> leader = Products.GetOrInsertAsync("k", static (_, _) => new("v"));
        await gate.Reached;
        ValueTask<CacheEntry<string>?> follower = Products.GetAsync("k");
        gate.Open();
        await leader;
        Assert.That(await follower, Is.Null);
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=miss cache.coalesced=true -> cache.get_or_insert products
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
              cache.load products [Internal Unset] cache.name=products
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
              cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted
            """));
    }

    [Test]
    public async Task GetOrInsertAsync_JoinsALookupThenLeadsTheLoad_IsNotCoalesced()
    {
        Gate gate = HoldLookups();
        ValueTask<CacheEntry<string>?> leader = Products.GetAsync("k");
        await gate.Reached;
        ValueTask<string> follower = Products.GetOrInsertAsync("k", static (_, _) => new("v"));
        gate.Open();
        await leader;
        await follower;
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=miss
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.load products [Internal Unset] cache.name=products
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
              cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted
            """));
    }

    [Test]
    public async Task GetOrInsertAsync_LeaderLeaves_TheFlightGoesOnBelowItForTheFollower()
    {
        using var caller = new CancellationTokenSource();
        var gate = new Gate();
        ValueTask<string> leader = Products.GetOrInsertAsync("k", Held(gate), caller.Token);
        await gate.Reached;
        ValueTask<string> follower = Products.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException());
        await caller.CancelAsync();
        await Assert.CatchAsync<OperationCanceledException>(async () => await leader);
        Assert.That(Trace.Spans.Select(static s => s.DisplayName), Has.None.EqualTo("cache.load products"));
        gate.Open();
        Assert.That(await follower, Is.EqualTo("v"));
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=cancelled
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
              cache.load products [Internal Unset] cache.name=products
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
              cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded cache.coalesced=true -> cache.load products
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
            """));
    }

    [Test]
    public async Task GetOrInsertAsync_FollowerLeaves_IsCancelledWithoutALinkAndTheLeaderIsServed()
    {
        using var caller = new CancellationTokenSource();
        var gate = new Gate();
        ValueTask<string> leader = Products.GetOrInsertAsync("k", Held(gate));
        await gate.Reached;
        ValueTask<string> follower = Products.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException(), caller.Token);
        await caller.CancelAsync();
        await Assert.CatchAsync<OperationCanceledException>(async () => await follower);
        Assert.That(TraceText.Of([.. Trace.Spans.TakeLast(1)]), Is.EqualTo(
            "cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=cancelled"));
        gate.Open();
        Assert.That(await leader, Is.EqualTo("v"));
    }

    [Test]
    public async Task GetOrInsertAsync_LoaderThrows_FollowersAreErrorsAndLinkToTheLoad()
    {
        var gate = new Gate();
        ValueTask<string> leader = Products.GetOrInsertAsync("k", async (_, token) =>
        {
            await gate.PassAsync(token);
            throw new TimeoutException();
        });
        await gate.Reached;
        ValueTask<string> follower = Products.GetOrInsertAsync("k", static (_, _) => new("other"));
        gate.Open();
        await Assert.ThrowsAsync<TimeoutException>(async () => await leader);
        await Assert.ThrowsAsync<TimeoutException>(async () => await follower);
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Error] cache.name=products cache.operation=get_or_insert cache.outcome=error cache.coalesced=true error.type=System.TimeoutException -> cache.load products
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
            cache.get_or_insert products [Internal Error] cache.name=products cache.operation=get_or_insert cache.outcome=error error.type=System.TimeoutException
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
              cache.load products [Internal Error] cache.name=products error.type=System.TimeoutException
            """));
    }

    [Test]
    public async Task GetAsync_LookupFails_FollowersAreErrorsAndLinkToTheLeader()
    {
        ICache<string, string> cache = Cache.Builder<string, string>("products").Clock(Clock).Tier(L2).Build();
        Gate gate = HoldLookups();
        L2.FailWhen(static _ => true);
        ValueTask<CacheEntry<string>?> leader = cache.GetAsync("k");
        await gate.Reached;
        ValueTask<CacheEntry<string>?> follower = cache.GetAsync("k");
        gate.Open();
        await Assert.ThrowsAsync<IOException>(async () => await leader);
        await Assert.ThrowsAsync<IOException>(async () => await follower);
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Error] cache.name=products cache.operation=get cache.outcome=error cache.coalesced=true error.type=System.IO.IOException -> cache.get products
            cache.get products [Internal Error] cache.name=products cache.operation=get cache.outcome=error error.type=System.IO.IOException
              cache.tier get l1 [Internal Error] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=error error.type=System.IO.IOException
            """));
    }

    [Test]
    public async Task GetOrInsertAsync_OptionalLoaderGivesNothing_AFollowerWhoNeedsAValueLoadsAndIsNotCoalesced()
    {
        var gate = new Gate();
        ValueTask<CacheEntry<string>?> leader = Products.GetOrInsertEntryAsync("k", async (_, token) =>
        {
            await gate.PassAsync(token);
            return null;
        });
        await gate.Reached;
        ValueTask<string> follower = Products.GetOrInsertAsync("k", static (_, _) => new("v"));
        gate.Open();
        Assert.That(await leader, Is.Null);
        Assert.That(await follower, Is.EqualTo("v"));
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.load products [Internal Unset] cache.name=products
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
              cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=skipped
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
              cache.load products [Internal Unset] cache.name=products
            """));
    }

    [Test]
    public async Task GetOrInsertAsync_OptionalLoaderGivesNothing_AFollowerWhoCanDoWithNothingIsSkippedToo()
    {
        var gate = new Gate();
        ValueTask<CacheEntry<string>?> leader = Products.GetOrInsertEntryAsync("k", async (_, token) =>
        {
            await gate.PassAsync(token);
            return null;
        });
        await gate.Reached;
        ValueTask<CacheEntry<string>?> follower = Products.GetOrInsertEntryAsync("k", static (_, _) => throw new InvalidOperationException());
        gate.Open();
        await leader;
        Assert.That(await follower, Is.Null);
        Activity coalesced = Trace.Spans.Single(static s => s.GetTagItem("cache.coalesced") is true);
        Assert.That(TraceText.Line(coalesced, Trace.Spans), Is.EqualTo(
            "cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=skipped cache.coalesced=true -> cache.load products"));
    }

    [Test]
    public async Task GetOrInsertAsync_FollowersOfOtherParents_KeepTheirOwn()
    {
        var gate = new Gate();
        ValueTask<string> first, second;
        ActivityTraceId[] traces = new ActivityTraceId[2];
        using (Activity request = Trace.Source.StartActivity("request A")!)
        {
            first = Products.GetOrInsertAsync("k", Held(gate));
            traces[0] = request.TraceId;
        }

        await gate.Reached;
        using (Activity request = Trace.Source.StartActivity("request B")!)
        {
            second = Products.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException());
            traces[1] = request.TraceId;
            Assert.That(Activity.Current, Is.SameAs(request));
            gate.Open();
            await first;
            await second;
            Assert.That(Activity.Current, Is.SameAs(request));
        }

        Assert.That(traces[0], Is.Not.EqualTo(traces[1]));
        Assert.That(Trace.Span("cache.load products").TraceId, Is.EqualTo(traces[0]));
        Assert.That(Trace.Text, Is.EqualTo("""
            request A [Internal Unset]
              cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded
                cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
                cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
                cache.load products [Internal Unset] cache.name=products
                cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
                cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted
            request B [Internal Unset]
              cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded cache.coalesced=true -> cache.load products
                cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
            """));
    }

    [Test]
    public async Task GetOrInsertAsync_LeaderNotSampled_FollowersAreCoalescedWithoutALink()
    {
        var gate = new Gate();
        ValueTask<string> leader, follower;
        Activity.Current = null;
        using (Activity unsampled = new Activity("unsampled").SetIdFormat(ActivityIdFormat.W3C).Start())
        {
            leader = Products.GetOrInsertAsync("k", Held(gate));
        }

        await gate.Reached;
        follower = Products.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException());
        gate.Open();
        await leader;
        await follower;
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded cache.coalesced=true
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
            """));
    }

    [Test]
    public async Task GetOrInsertAsync_TwentyAtOnce_OneLoadAndNineteenLinksToIt()
    {
        var gate = new Gate();
        int loads = 0;
        var all = new CountdownEvent(20);
        Task<string>[] callers = [.. Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
        {
            using Activity request = Trace.Source.StartActivity($"request {i}")!;
            ValueTask<string> call = Products.GetOrInsertAsync("k", async (_, token) =>
            {
                Interlocked.Increment(ref loads);
                await gate.PassAsync(token);
                return "v";
            });
            Assert.That(Activity.Current, Is.SameAs(request));
            all.Signal();
            string value = await call;
            Assert.That(Activity.Current, Is.SameAs(request));
            return value;
        }))];
        await Task.Run(all.Wait);
        await gate.Reached;
        gate.Open();
        Assert.That(await Task.WhenAll(callers), Is.All.EqualTo("v"));
        Assert.That(loads, Is.EqualTo(1));

        IReadOnlyList<Activity> spans = Trace.Spans;
        Activity load = Trace.Span("cache.load products");
        Activity[] operations = [.. spans.Where(static s => s.OperationName == "cache.get_or_insert")];
        Activity leader = operations.Single(s => s.SpanId == load.ParentSpanId);
        Activity[] followers = [.. operations.Except([leader])];
        Assert.That(leader.GetTagItem("cache.coalesced"), Is.Null);
        Assert.That(leader.Links, Is.Empty);
        Assert.That(followers, Has.Length.EqualTo(19));
        Assert.That(followers.Select(static f => f.GetTagItem("cache.coalesced")), Is.All.EqualTo(true));
        Assert.That(followers.Select(static f => f.Links.Single().Context), Is.All.EqualTo(load.Context));
        ActivitySpanId[] requests = [.. spans.Where(static s => s.Source.Name == TraceRecorder.SourceName).Select(static s => s.SpanId)];
        Assert.That(operations.Select(static o => o.ParentSpanId), Is.EquivalentTo(requests));
        all.Dispose();
    }

    private static Func<string, CancellationToken, ValueTask<string>> Held(Gate gate) => async (_, token) =>
    {
        await gate.PassAsync(token);
        return "v";
    };

    private Gate HoldLookups() => L2.HoldEvery(CacheOperation.Get);
}
