using System.Diagnostics;
using Cachet;

namespace CachetTests;

/// <summary>What a trace shows, whole, for everything that can come of an operation.</summary>
public sealed class TraceTests : TracedCacheFixture
{
    [Test]
    public async Task GetAsync_NothingCached_AsksTheTiersInOrder()
    {
        await Products.GetAsync("k");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=miss
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
            """));
    }

    [Test]
    public async Task GetAsync_InThePrimary_AsksNoOther()
    {
        L1.Entries["k"] = new("v");
        await Products.GetAsync("k");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=hit cache.tier.name=l1
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=hit
            """));
    }

    [Test]
    public async Task GetAsync_InAFallback_PromotesIntoThePrimary()
    {
        L2.Entries["k"] = new("v");
        await Products.GetAsync("k");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=hit cache.tier.name=l2
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=hit
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
            """));
    }

    [Test]
    public async Task GetAsync_PromotionFails_OnlyThePromotionIsAnError()
    {
        L2.Entries["k"] = new("v");
        L1.FailWhen(static call => call.Operation == CacheOperation.Insert);
        await Products.GetAsync("k");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=hit cache.tier.name=l2
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=hit
              cache.tier insert l1 [Internal Error] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=error error.type=System.IO.IOException
            """));
    }

    [Test]
    public async Task GetOrInsertAsync_NothingCached_LoadsAndInsertsIntoEveryTier()
    {
        await Products.GetOrInsertAsync("k", static (_, _) => new("v"));
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
    public async Task GetOrInsertAsync_WithoutStampedeProtection_ShowsTheSame()
    {
        ICache<string, string> cache = Build(static b => b.StampedeProtection(false));
        await cache.GetOrInsertAsync("k", static (_, _) => new("v"));
        string unprotected = Trace.Text;
        Trace.Forget();
        await Build().GetOrInsertAsync("q", static (_, _) => new("v"));
        Assert.That(unprotected, Is.EqualTo(Trace.Text));
    }

    [Test]
    public async Task GetOrInsertAsync_InAFallback_PromotesAndDoesNotLoad()
    {
        L2.Entries["k"] = new("v");
        await Products.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException());
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=hit cache.tier.name=l2
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=hit
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
            """));
    }

    [Test]
    public async Task GetOrInsertAsync_InThePrimary_IsAHit()
    {
        L1.Entries["k"] = new("v");
        await Products.GetOrInsertAsync("k", 0, static (_, _, _) => throw new InvalidOperationException());
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=hit cache.tier.name=l1
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=hit
            """));
    }

    [Test]
    public async Task GetOrInsertAsync_LoaderThrows_LoadAndOperationAreErrors()
    {
        await Assert.ThrowsAsync<TimeoutException>(async () => await Products.GetOrInsertAsync("k", static (_, _) => throw new TimeoutException("secret")));
        await Trace.EndedAsync("cache.get_or_insert products");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Error] cache.name=products cache.operation=get_or_insert cache.outcome=error error.type=System.TimeoutException
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
              cache.load products [Internal Error] cache.name=products error.type=System.TimeoutException
            """));
    }

    [Test]
    public async Task GetOrInsertEntryAsync_LoaderGivesNothing_IsSkipped()
    {
        await Products.GetOrInsertEntryAsync("k", static (_, _) => new((CacheEntry<string>?)null));
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=skipped
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
              cache.load products [Internal Unset] cache.name=products
            """));
    }

    [Test]
    public async Task GetOrInsertAsync_StoringFails_IsLoadedAllTheSame()
    {
        L2.FailWhen(static call => call.Operation == CacheOperation.Insert);
        await Products.GetOrInsertAsync("k", static (_, _) => new("v"));
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
              cache.load products [Internal Unset] cache.name=products
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
              cache.tier insert l2 [Internal Error] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=error error.type=System.IO.IOException
            """));
    }

    [Test]
    public async Task InsertAsync_EveryTierTakesIt_IsInserted()
    {
        await Products.InsertAsync("k", "v");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.insert products [Internal Unset] cache.name=products cache.operation=insert cache.outcome=inserted
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
              cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted
            """));
    }

    [Test]
    public async Task InsertAsync_OnePolicyRefuses_IsInsertedAndThatTierRejected()
    {
        ICache<string, string> cache = Build(l1: static o => o.InsertPolicy = InsertPolicy<string, string>.Never);
        await cache.InsertAsync("k", "v");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.insert products [Internal Unset] cache.name=products cache.operation=insert cache.outcome=inserted
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=rejected
              cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted
            """));
    }

    [Test]
    public async Task InsertAsync_EveryTierRefuses_IsRejected()
    {
        L1.InsertAnswer = L2.InsertAnswer = static _ => InsertOutcome.Rejected;
        await Products.InsertAsync("k", "v");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.insert products [Internal Unset] cache.name=products cache.operation=insert cache.outcome=rejected
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=rejected
              cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=rejected
            """));
    }

    [Test]
    public async Task InsertAsync_ATierFails_TierAndOperationAreErrors()
    {
        L2.FailWhen(static _ => true);
        await Assert.ThrowsAsync<IOException>(async () => await Products.InsertAsync("k", "v"));
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.insert products [Internal Error] cache.name=products cache.operation=insert cache.outcome=error error.type=System.IO.IOException
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
              cache.tier insert l2 [Internal Error] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=error error.type=System.IO.IOException
            """));
    }

    [Test]
    public async Task InvalidateAsync_EveryTier_IsInvalidated()
    {
        await Products.InvalidateAsync("k");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.invalidate products [Internal Unset] cache.name=products cache.operation=invalidate cache.outcome=invalidated
              cache.tier invalidate l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=invalidate cache.fallback=false cache.outcome=invalidated
              cache.tier invalidate l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=invalidate cache.fallback=true cache.outcome=invalidated
            """));
    }

    [Test]
    public async Task InvalidateAsync_ThePrimaryFails_TheOthersAreTriedAllTheSame()
    {
        L1.FailWhen(static _ => true);
        await Assert.ThrowsAsync<IOException>(async () => await Products.InvalidateAsync("k"));
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.invalidate products [Internal Error] cache.name=products cache.operation=invalidate cache.outcome=error error.type=System.IO.IOException
              cache.tier invalidate l1 [Internal Error] cache.name=products cache.tier.name=l1 cache.tier.operation=invalidate cache.fallback=false cache.outcome=error error.type=System.IO.IOException
              cache.tier invalidate l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=invalidate cache.fallback=true cache.outcome=invalidated
            """));
    }

    [Test]
    public async Task ClearAsync_EveryTier_IsCleared()
    {
        await Products.ClearAsync();
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.clear products [Internal Unset] cache.name=products cache.operation=clear cache.outcome=cleared
              cache.tier clear l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=clear cache.fallback=false cache.outcome=cleared
              cache.tier clear l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=clear cache.fallback=true cache.outcome=cleared
            """));
    }

    [Test]
    public async Task ClearAsync_ATierFails_TierAndOperationAreErrors()
    {
        L2.FailWhen(static _ => true);
        await Assert.ThrowsAsync<IOException>(async () => await Products.ClearAsync());
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.clear products [Internal Error] cache.name=products cache.operation=clear cache.outcome=error error.type=System.IO.IOException
              cache.tier clear l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=clear cache.fallback=false cache.outcome=cleared
              cache.tier clear l2 [Internal Error] cache.name=products cache.tier.name=l2 cache.tier.operation=clear cache.fallback=true cache.outcome=error error.type=System.IO.IOException
            """));
    }

    [Test]
    public async Task ContainsAsync_InAFallback_IsAGetWithoutPromotion()
    {
        L2.Entries["k"] = new("v");
        await Products.ContainsAsync("k");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=hit cache.tier.name=l2
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=hit
            """));
    }

    [Test]
    public async Task CountAsync_Always_EmitsNothing()
    {
        await Products.CountAsync();
        Assert.That(Trace.Text, Is.Empty);
    }

    [Test]
    public async Task GetAsync_Expired_TheTierSaysExpiredAndTheOperationMiss()
    {
        ICache<string, string> cache = Build(l1: static o => o.TimeToLive = TimeSpan.FromSeconds(10));
        await cache.InsertAsync("k", "v");
        L2.Entries.Clear();
        Clock.Advance(TimeSpan.FromSeconds(11));
        Trace.Forget();
        await cache.GetAsync("k");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=miss
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=expired
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
            """));
    }

    [Test]
    public async Task GetAsync_ATierFails_ItIsWalkedPast()
    {
        L1.FailWhen(static call => call.Synchronous);
        L2.Entries["k"] = new("v");
        await Products.GetAsync("k");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=hit cache.tier.name=l2
              cache.tier get l1 [Internal Error] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=error error.type=System.IO.IOException
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=hit
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
            """));
    }

    [Test]
    public async Task GetAsync_EveryTierFails_TheOperationIsAnErrorToo()
    {
        L1.FailWhen(static _ => true);
        L2.FailWhen(static _ => true, static _ => new TimeoutException("late"));
        await Assert.ThrowsAsync<IOException>(async () => await Products.GetAsync("k"));
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Error] cache.name=products cache.operation=get cache.outcome=error error.type=System.IO.IOException
              cache.tier get l1 [Internal Error] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=error error.type=System.IO.IOException
              cache.tier get l2 [Internal Error] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=error error.type=System.TimeoutException
            """));
    }

    [Test]
    public async Task GetOrInsertAsync_EveryTierFails_LoadsAllTheSame()
    {
        L1.FailWhen(static _ => true);
        L2.FailWhen(static _ => true);
        await Products.GetOrInsertAsync("k", static (_, _) => new("v"));
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded
              cache.tier get l1 [Internal Error] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=error error.type=System.IO.IOException
              cache.tier get l2 [Internal Error] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=error error.type=System.IO.IOException
              cache.load products [Internal Unset] cache.name=products
              cache.tier insert l1 [Internal Error] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=error error.type=System.IO.IOException
              cache.tier insert l2 [Internal Error] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=error error.type=System.IO.IOException
            """));
    }

    [Test]
    public async Task GetOrInsertAsync_TheOnlyCallerLeaves_IsCancelledEverywhereAndAnErrorNowhere()
    {
        using var caller = new CancellationTokenSource();
        var gate = new Gate();
        ValueTask<string> call = Products.GetOrInsertAsync("k", async (_, token) => { await gate.PassAsync(token); return "v"; }, caller.Token);
        await gate.Reached;
        await caller.CancelAsync();
        await Assert.CatchAsync<OperationCanceledException>(async () => await call);
        await Trace.EndedAsync("cache.load products");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=cancelled
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
              cache.load products [Internal Unset] cache.name=products
            """));
    }

    [Test]
    public async Task GetAsync_TheOnlyCallerLeaves_TheTierCallIsCancelled()
    {
        using var caller = new CancellationTokenSource();
        Gate gate = L2.HoldWhen(static _ => true);
        ValueTask<CacheEntry<string>?> call = Products.GetAsync("k", caller.Token);
        await gate.Reached;
        await caller.CancelAsync();
        await Assert.CatchAsync<OperationCanceledException>(async () => await call);
        await Trace.EndedAsync("cache.tier get l2");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=cancelled
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=cancelled
            """));
    }

    [Test]
    public async Task InsertAsync_TheCallerLeaves_IsCancelled()
    {
        using var caller = new CancellationTokenSource();
        Gate gate = L2.HoldWhen(static _ => true);
        ValueTask<InsertOutcome> call = Products.InsertAsync("k", "v", caller.Token);
        await gate.Reached;
        await caller.CancelAsync();
        await Assert.CatchAsync<OperationCanceledException>(async () => await call);
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.insert products [Internal Unset] cache.name=products cache.operation=insert cache.outcome=cancelled
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
              cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=cancelled
            """));
    }

    [Test]
    public async Task GetAsync_TheCallerHasLeftAlready_IsCancelledAfterTheProbe()
    {
        await Assert.CatchAsync<OperationCanceledException>(async () => await Products.GetAsync("k", new CancellationToken(canceled: true)));
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=cancelled
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
            """));
    }

    [Test]
    public async Task GetAsync_AClientTimesOutByCancelling_IsAnErrorOfTheTier()
    {
        L1.FailWhen(static _ => true, static _ => new OperationCanceledException("the client's own time-out"));
        L2.FailWhen(static _ => true, static _ => new OperationCanceledException("the client's own time-out"));
        await Assert.CatchAsync<OperationCanceledException>(async () => await Products.GetAsync("k"));
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Error] cache.name=products cache.operation=get cache.outcome=error error.type=System.OperationCanceledException
              cache.tier get l1 [Internal Error] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=error error.type=System.OperationCanceledException
              cache.tier get l2 [Internal Error] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=error error.type=System.OperationCanceledException
            """));
    }

    [Test]
    public async Task GetAsync_TierErrorsAreThrown_TheOperationIsAnErrorAtTheFirst()
    {
        ICache<string, string> cache = Build(static b => b.TierErrors(TierErrorPolicy.Throw));
        L1.FailWhen(static _ => true);
        await Assert.ThrowsAsync<IOException>(async () => await cache.GetAsync("k"));
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Error] cache.name=products cache.operation=get cache.outcome=error error.type=System.IO.IOException
              cache.tier get l1 [Internal Error] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=error error.type=System.IO.IOException
            """));
    }

    [Test]
    public async Task GetAsync_OneTierNamedOtherwise_ShowsItsName()
    {
        ICache<string, string> cache = Cache.Builder<string, string>("prices").Clock(Clock).Memory(static o => o.Name = "ram").Build();
        await cache.GetAsync("k");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get prices [Internal Unset] cache.name=prices cache.operation=get cache.outcome=miss
              cache.tier get ram [Internal Unset] cache.name=prices cache.tier.name=ram cache.tier.operation=get cache.fallback=false cache.outcome=miss
            """));
    }

    [Test]
    public async Task GetOrInsertAsync_OverADistributedTier_ShowsTheSizes()
    {
        ICache<string, string> cache = BuildDistributed(out _);
        await cache.GetOrInsertAsync("k", static (_, _) => new("value"));
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get_or_insert products [Internal Unset] cache.name=products cache.operation=get_or_insert cache.outcome=loaded
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=miss
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=miss
              cache.load products [Internal Unset] cache.name=products
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
              cache.tier insert l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=insert cache.fallback=true cache.outcome=inserted cache.entry.size=43
            """));
    }

    [Test]
    public async Task GetAsync_InTheDistributedTier_ShowsItsSizeAndThePromotion()
    {
        ICache<string, string> cache = BuildDistributed(out _);
        await cache.InsertAsync("k", "value");
        Clock.Advance(TimeSpan.FromSeconds(61)); // The copy in memory lives one minute.
        Trace.Forget();
        await cache.GetAsync("k");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=hit cache.tier.name=l2
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=expired
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=hit cache.entry.size=43
              cache.tier insert l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=insert cache.fallback=false cache.outcome=inserted
            """));
    }

    [Test]
    public async Task GetAsync_PayloadThatCannotBeRead_IsInvalidInTheTierAndAMissOfTheOperation()
    {
        ICache<string, string> cache = BuildDistributed(out DamagingStore store);
        await cache.InsertAsync("k", "value");
        store.Damages = true;
        Clock.Advance(TimeSpan.FromSeconds(61));
        Trace.Forget();
        await cache.GetAsync("k");
        Assert.That(Trace.Text, Is.EqualTo("""
            cache.get products [Internal Unset] cache.name=products cache.operation=get cache.outcome=miss
              cache.tier get l1 [Internal Unset] cache.name=products cache.tier.name=l1 cache.tier.operation=get cache.fallback=false cache.outcome=expired
              cache.tier get l2 [Internal Unset] cache.name=products cache.tier.name=l2 cache.tier.operation=get cache.fallback=true cache.outcome=invalid cache.entry.size=43
            """));
    }

    [Test]
    public async Task Spans_Attributes_HaveTheirTypes()
    {
        ICache<string, string> cache = BuildDistributed(out _);
        await cache.InsertAsync("k", "value");
        Activity tier = Trace.Span("cache.tier insert l2");
        Assert.That(tier.TagObjects.ToDictionary(static t => t.Key, static t => t.Value?.GetType()), Is.EqualTo(new Dictionary<string, Type?>
        {
            ["cache.name"] = typeof(string),
            ["cache.tier.name"] = typeof(string),
            ["cache.tier.operation"] = typeof(string),
            ["cache.fallback"] = typeof(bool),
            ["cache.outcome"] = typeof(string),
            ["cache.entry.size"] = typeof(long),
        }));
    }

    [Test]
    public async Task Spans_OperationNames_HaveNoNamesOfCachesAndTiersInThem()
    {
        await Products.GetOrInsertAsync("k", static (_, _) => new("v"));
        await Products.GetAsync("k");
        await Products.InsertAsync("k", "v");
        await Products.InvalidateAsync("k");
        await Products.ClearAsync();
        Assert.That(
            Trace.Spans.Select(static s => s.OperationName).Distinct(),
            Is.EquivalentTo(["cache.get_or_insert", "cache.get", "cache.insert", "cache.invalidate", "cache.clear", "cache.load", "cache.tier"]));
    }

    [Test]
    public async Task Spans_ErrorOfAGenericType_HasItsFullName()
    {
        await Assert.CatchAsync<Failure<int>>(async () => await Products.GetOrInsertAsync("k", static (_, _) => throw new Failure<int>()));
        await Trace.EndedAsync("cache.get_or_insert products");
        Assert.That(Trace.Span("cache.load products").GetTagItem("error.type"), Is.EqualTo(typeof(Failure<int>).FullName));
    }

    private ICache<string, string> BuildDistributed(out DamagingStore store)
    {
        store = new();
        return Cache.Builder<string, string>("products").Clock(Clock).Memory().Distributed(store).Build();
    }

#pragma warning disable CA1032, CA1064 // An exception of the test's own.
    private sealed class Failure<T> : Exception;
#pragma warning restore CA1032, CA1064
}
