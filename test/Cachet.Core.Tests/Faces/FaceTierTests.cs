using Cachet;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests.Faces;

/// <summary>What a distributed cache answers from memory, and what only the store may answer.</summary>
public class FaceTierTests : FaceFixture
{
    [Test]
    public async Task Get_SlidingExpiration_AsksTheStoreEachTimeAndAnotherNodesWriteWins([Values] bool synchronously)
    {
        IBufferDistributedCache here = Node(), there = Node();
        await here.SetAsync("k", Bytes("of here"), Sliding(60), synchronously);
        Assert.That(Text(await there.GetAsync("k", synchronously)), Is.EqualTo("of here"));

        await there.SetAsync("k", Bytes("of there"), Sliding(60), synchronously);

        Assert.That(Text(await here.GetAsync("k", synchronously)), Is.EqualTo("of there"));
        Assert.That(Text(await here.GetAsync("k", synchronously)), Is.EqualTo("of there"));
        await here.RemoveAsync("k", synchronously);
        Assert.That(await there.GetAsync("k", synchronously), Is.Null);
    }

    [Test]
    public async Task Get_SlidingExpiration_TheStoreProlongsTheLifeForAllNodes([Values] bool synchronously)
    {
        IBufferDistributedCache here = Node(), there = Node();
        await here.SetAsync("k", Bytes("v"), Sliding(10), synchronously);

        Clock.Advance(TimeSpan.FromSeconds(8));
        await there.GetAsync("k", synchronously);
        Clock.Advance(TimeSpan.FromSeconds(8));
        await here.RefreshAsync("k", synchronously);
        Clock.Advance(TimeSpan.FromSeconds(8));

        Assert.That(Text(await there.GetAsync("k", synchronously)), Is.EqualTo("v"));
    }

    [Test]
    public async Task Get_SlidingExpiration_LeavesNoCopyInMemoryAndMakesNoCallOnIt([Values] bool synchronously)
    {
        await Node().SetAsync("k", Bytes("v"), Sliding(60), synchronously);
        IBufferDistributedCache cache = Node();
        Events.Clear();

        await cache.GetAsync("k", synchronously);
        await cache.GetAsync("k", synchronously);

        Assert.That(Events.TierLines, Is.EqualTo(new[] { "l1 get miss", "l2 get hit", "l1 get miss", "l2 get hit" }));
        Assert.That(Events.OperationLines, Is.EqualTo(new[] { "get hit l2", "get hit l2" }));
    }

    [Test]
    public async Task Set_SlidingOverAbsoluteExpiration_DropsTheCopyInMemory([Values] bool synchronously)
    {
        IBufferDistributedCache here = Node(), there = Node();
        await here.SetAsync("k", Bytes("absolute"), Absolute(60), synchronously);
        await here.SetAsync("k", Bytes("sliding"), Sliding(60), synchronously);

        await there.SetAsync("k", Bytes("of there"), Sliding(60), synchronously);

        Assert.That(Text(await here.GetAsync("k", synchronously)), Is.EqualTo("of there"));
    }

    [Test]
    public async Task Get_AbsoluteOrNoExpiration_IsAnsweredFromMemoryForAtMostLocalTimeToLive([Values] bool synchronously, [Values] bool expires)
    {
        DistributedCacheEntryOptions options = expires ? Absolute(600) : new();
        IBufferDistributedCache here = Node(configure: static o => o.LocalTimeToLive = TimeSpan.FromSeconds(5)), there = Node();
        await here.SetAsync("k", Bytes("of here"), options, synchronously);
        await there.SetAsync("k", Bytes("of there"), options, synchronously);

        Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.That(Text(await here.GetAsync("k", synchronously)), Is.EqualTo("of here"), "From memory.");
        Clock.Advance(Tick);
        Assert.That(Text(await here.GetAsync("k", synchronously)), Is.EqualTo("of there"));
        await there.RemoveAsync("k", synchronously);
        Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.That(Text(await here.GetAsync("k", synchronously)), Is.EqualTo("of there"), "A read brings it into memory too.");
        Clock.Advance(Tick);
        Assert.That(await here.GetAsync("k", synchronously), Is.Null);
    }

    [Test]
    public async Task LocalTimeToLive_LeftOut_IsAMinute()
    {
        IBufferDistributedCache here = Node(), there = Node();
        await here.SetAsync("k", Bytes("v"), new());
        await there.RemoveAsync("k");

        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.That(await here.GetAsync("k"), Is.Not.Null);
        Clock.Advance(Tick);
        Assert.That(await here.GetAsync("k"), Is.Null);
    }

    [Test]
    public async Task Get_CopyInMemory_DoesNotOutliveWhatIsLeftInTheStore([Values] bool synchronously)
    {
        await Node().SetAsync("k", Bytes("v"), Absolute(60), synchronously);
        IBufferDistributedCache late = Node();
        Clock.Advance(TimeSpan.FromSeconds(50));
        await late.GetAsync("k", synchronously);
        Store.Fail = static _ => new InvalidOperationException("The store is not to be asked.");

        Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.That(Text(await late.GetAsync("k", synchronously)), Is.EqualTo("v"));
        Store.Fail = static _ => null;
        Clock.Advance(Tick);
        Assert.That(await late.GetAsync("k", synchronously), Is.Null);
        Assert.That(Events.TierLines, Has.Member("l1 get expired"));
    }

    [Test]
    public async Task Get_AnotherNodesClockIsFarAhead_IsFoundAllTheSame([Values] bool sliding)
    {
        var ahead = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Rig.Start.AddHours(1));
        await Node(configure: o => o.Clock = ahead).SetAsync("k", Bytes("v"), sliding ? Sliding(60) : Absolute(7_200));

        Assert.That(Text(await Node().GetAsync("k")), Is.EqualTo("v"));
    }

    [Test]
    public async Task LocalTimeToLive_Zero_HasNoTierInMemory([Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node(Behind.Store);

        await cache.SetAsync("k", Bytes("v"), Absolute(60), synchronously);
        await cache.GetAsync("k", synchronously);

        Assert.That(Events.TierLines, Is.EqualTo(new[] { "l2 insert inserted", "l2 get hit" }));
    }

    [Test]
    public async Task Memory_Alone_IsBounded()
    {
        IBufferDistributedCache cache = Node(Behind.Memory, configure: static o => o.LocalCapacity = 3);

        for (int i = 0; i < 20; i++) await cache.SetAsync($"k{i}", Bytes("v"), i % 2 == 0 ? Sliding(60) : new());

        int left = 0;
        for (int i = 0; i < 20; i++) left += await cache.GetAsync($"k{i}") is null ? 0 : 1;
        Assert.That(left, Is.InRange(1, 3));
    }

    [Test]
    public async Task Get_StoreFails_ThrowsTheSameInstanceAndIsNoMiss(
        [Values(Behind.MemoryAndStore, Behind.Store)] Behind behind, [Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node(behind);
        await cache.SetAsync("k", Bytes("v"), Sliding(60), synchronously);
        var error = new InvalidOperationException();
        Store.Fail = _ => error;

        Assert.That(await cache.GetAsync("k", synchronously).FaultAsync(), Is.SameAs(error));
        Assert.That(await cache.RefreshAsync("k", synchronously).FaultAsync(), Is.SameAs(error));
        Assert.That(await cache.RemoveAsync("k", synchronously).FaultAsync(), Is.SameAs(error));
        Assert.That(await cache.SetAsync("k", Bytes("w"), new(), synchronously).FaultAsync(), Is.SameAs(error));
        Assert.That(Events.OperationEvents.Skip(1).Select(static e => e.Outcome), Is.All.EqualTo(CacheOutcome.Error));
    }

    [Test]
    public async Task Get_StoreFails_WhatIsInMemoryIsServed([Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node();
        await cache.SetAsync("k", Bytes("v"), Absolute(60), synchronously);
        Store.Fail = static _ => new InvalidOperationException();

        Assert.That(Text(await cache.GetAsync("k", synchronously)), Is.EqualTo("v"));
    }

    [Test]
    public async Task Set_StoreFails_MemoryDoesNotSayThatItWasStored([Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node();
        await cache.SetAsync("k", Bytes("old"), Absolute(60), synchronously);
        Store.Fail = static _ => new InvalidOperationException();
        await cache.SetAsync("k", Bytes("new"), Absolute(60), synchronously).FaultAsync();
        Store.Fail = static _ => null;

        Assert.That(Text(await cache.GetAsync("k", synchronously)), Is.EqualTo("old"));
    }

    [Test]
    public async Task Get_WhatSomebodyElseStoredUnderTheKey_IsAMissAndOverwritten([Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node();
        Store.Set("sessions:k", Bytes("not an envelope, but long enough for the header of one"), new());

        Assert.That(await cache.GetAsync("k", synchronously), Is.Null);
        await cache.SetAsync("k", Bytes("v"), Sliding(60), synchronously);
        Assert.That(Text(await cache.GetAsync("k", synchronously)), Is.EqualTo("v"));
        Assert.That(Events.TierLines, Has.Member("l2 get invalid"));
    }

    [TestCase(null, "sessions:k")]
    [TestCase("shop/", "shop/k")]
    public async Task KeyPrefix_SetOrNot_BeginsTheStoresKeysAndNothingElseIsAskedFor(string? prefix, string key)
    {
        IBufferDistributedCache cache = Node(configure: o => o.KeyPrefix = prefix);

        await cache.SetAsync("k", Bytes("v"), Sliding(60));
        await cache.GetAsync("k");
        await cache.RefreshAsync("k");
        await cache.RemoveAsync("k");

        Assert.That(Store.Calls, Is.EqualTo(new[] { $"SetAsync {key}", $"GetAsync {key}", $"RefreshAsync {key}", $"RemoveAsync {key}" }));
    }

    [Test]
    public async Task Refresh_AStore_IsToldToAndReadsNothing([Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node();

        await cache.RefreshAsync("nobody", synchronously);

        Assert.That(Store.Calls, Is.EqualTo(new[] { synchronously ? "Refresh sessions:nobody" : "RefreshAsync sessions:nobody" }));
        Assert.That(Events.OperationLines, Is.EqualTo(new[] { "refresh refreshed" }), "A store does not say whether it has it.");
        Assert.That(Events.TierLines, Is.EqualTo(new[] { "l2 refresh refreshed" }));
    }

    [Test]
    public async Task Refresh_MemoryAlone_SaysWhetherThereIsAnything([Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node(Behind.Memory);
        await cache.SetAsync("k", Bytes("v"), Sliding(10), synchronously);
        Events.Clear();

        await cache.RefreshAsync("k", synchronously);
        await cache.RefreshAsync("nobody", synchronously);
        Clock.Advance(TimeSpan.FromSeconds(11));
        await cache.RefreshAsync("k", synchronously);

        Assert.That(Events.OperationLines, Is.EqualTo(new[] { "refresh refreshed", "refresh miss", "refresh miss" }));
        Assert.That(Events.TierLines, Is.EqualTo(new[] { "l1 refresh refreshed", "l1 refresh miss", "l1 evict evicted expired", "l1 refresh miss" }));
    }
}
