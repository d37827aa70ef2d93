using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests.Faces;

/// <summary>How long what a distributed cache was given lives, whatever is behind it.</summary>
public class FaceExpirationTests : FaceFixture
{
    [Test]
    public async Task Get_SlidingExpiration_BeginsAnewAtEachRead([Values] Behind behind, [Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node(behind);
        await cache.SetAsync("k", Bytes("v"), Sliding(10), synchronously);

        foreach (int wait in (int[])[6, 6, 9])
        {
            Clock.Advance(TimeSpan.FromSeconds(wait));
            Assert.That(Text(await cache.GetAsync("k", synchronously)), Is.EqualTo("v"));
        }

        Clock.Advance(TimeSpan.FromSeconds(10) + Tick);
        Assert.That(await cache.GetAsync("k", synchronously), Is.Null);
    }

    [Test]
    public async Task Get_ExactlyAtTheSlidingExpiration_IsAlive([Values] Behind behind, [Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node(behind);
        await cache.SetAsync("k", Bytes("v"), Sliding(10), synchronously);

        Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.That(await cache.GetAsync("k", synchronously), Is.Not.Null);
        Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.That(await cache.GetAsync("k", synchronously), Is.Not.Null, "It was read.");
        Clock.Advance(TimeSpan.FromSeconds(10) + Tick);
        Assert.That(await cache.GetAsync("k", synchronously), Is.Null);
    }

    [Test]
    public async Task Refresh_SlidingExpiration_BeginsAnew([Values] Behind behind, [Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node(behind);
        await cache.SetAsync("k", Bytes("v"), Sliding(10), synchronously);

        for (int i = 0; i < 3; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(10));
            await cache.RefreshAsync("k", synchronously);
        }

        Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.That(await cache.GetAsync("k", synchronously), Is.Not.Null);
    }

    [Test]
    public async Task GetAndRefresh_SlidingExpirationWithALimit_DoNotOutliveIt([Values] Behind behind, [Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node(behind);
        await cache.SetAsync("k", Bytes("v"), Sliding(10, limit: 25), synchronously);

        Clock.Advance(TimeSpan.FromSeconds(8));
        Assert.That(await cache.GetAsync("k", synchronously), Is.Not.Null);
        Clock.Advance(TimeSpan.FromSeconds(8));
        await cache.RefreshAsync("k", synchronously);
        Clock.Advance(TimeSpan.FromSeconds(8));
        Assert.That(await cache.GetAsync("k", synchronously), Is.Not.Null);
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await cache.GetAsync("k", synchronously), Is.Not.Null, "Exactly at the limit.");
        await cache.RefreshAsync("k", synchronously);
        Clock.Advance(Tick);
        Assert.That(await cache.GetAsync("k", synchronously), Is.Null);
    }

    [Test]
    public async Task Get_AbsoluteExpiration_IsAliveExactlyAtItAndNotAfter([Values] Behind behind, [Values] bool synchronously, [Values] bool relative)
    {
        IBufferDistributedCache cache = Node(behind);
        var options = relative ? Absolute(10) : new DistributedCacheEntryOptions { AbsoluteExpiration = Rig.Start.AddSeconds(10).ToOffset(TimeSpan.FromHours(5)) };
        await cache.SetAsync("k", Bytes("v"), options, synchronously);

        Clock.Advance(TimeSpan.FromSeconds(9));
        Assert.That(await cache.GetAsync("k", synchronously), Is.Not.Null);
        await cache.RefreshAsync("k", synchronously);
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await cache.GetAsync("k", synchronously), Is.Not.Null);
        Clock.Advance(Tick);
        Assert.That(await cache.GetAsync("k", synchronously), Is.Null, "Neither reads nor refreshes prolong it.");
    }

    [Test]
    public async Task Set_AbsoluteExpirationNotInTheFuture_IsRefusedAndLeavesWhatWasStored(
        [Values] Behind behind, [Values] bool synchronously, [Values(0, -1)] long ticks)
    {
        IBufferDistributedCache cache = Node(behind);
        await cache.SetAsync("k", Bytes("old"), new(), synchronously);
        var over = new DistributedCacheEntryOptions { AbsoluteExpiration = Clock.GetUtcNow().AddTicks(ticks) };

        Assert.That(
            async () => await cache.SetAsync("k", Bytes("new"), over, synchronously),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("AbsoluteExpiration"));

        Assert.That(Text(await cache.GetAsync("k", synchronously)), Is.EqualTo("old"));
        Assert.That(Events.OperationLines, Is.EqualTo(new[] { "insert inserted", $"get hit {(behind == Behind.Store ? "l2" : "l1")}" }));
    }

    [Test]
    public async Task Set_NoExpirationOrTheLargest_IsForEver([Values] Behind behind, [Values] bool synchronously, [Values(0, 1, 2, 3)] int form)
    {
        IBufferDistributedCache cache = Node(behind);
        DistributedCacheEntryOptions options = form switch
        {
            0 => new(),
            1 => new() { AbsoluteExpirationRelativeToNow = TimeSpan.MaxValue },
            2 => new() { SlidingExpiration = TimeSpan.MaxValue },
            _ => new() { AbsoluteExpiration = DateTimeOffset.MaxValue },
        };
        await cache.SetAsync("k", Bytes("v"), options, synchronously);

        Clock.Advance(TimeSpan.FromDays(300_000));

        Assert.That(Text(await cache.GetAsync("k", synchronously)), Is.EqualTo("v"));
    }

    [Test]
    public async Task Set_TwoAbsoluteExpirations_TheEarlierCounts([Values] Behind behind, [Values(10, 20)] int relative)
    {
        IBufferDistributedCache cache = Node(behind);
        await cache.SetAsync("k", Bytes("v"), new()
        {
            AbsoluteExpiration = Rig.Start.AddSeconds(30 - relative),
            AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(relative),
        });

        Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.That(await cache.GetAsync("k"), Is.Not.Null);
        Clock.Advance(Tick);
        Assert.That(await cache.GetAsync("k"), Is.Null);
    }

    [TestCase(1, 1)]
    [TestCase(1_000, 1)]
    [TestCase(1_001, 2)]
    [TestCase(90_500, 91)]
    public async Task StoreOptions_Lives_AreRoundedUpToWholeSeconds(int milliseconds, int seconds)
    {
        IBufferDistributedCache cache = Node();

        await cache.SetAsync("k", Bytes("v"), Sliding(milliseconds / 1_000d, limit: 2 * milliseconds / 1_000d));

        // What Redis makes of it: it keeps whole seconds.
        Assert.That((long)Store.LastOptions!.SlidingExpiration!.Value.TotalSeconds, Is.EqualTo(seconds));
        Assert.That(
            (long)Store.LastOptions.AbsoluteExpirationRelativeToNow!.Value.TotalSeconds, Is.EqualTo((long)Math.Ceiling(2 * milliseconds / 1_000d)));
        Assert.That(Store.LastOptions.AbsoluteExpiration, Is.Null, "The store has a clock of its own.");
    }

    [Test]
    public async Task StoreOptions_ForEver_AreNone()
    {
        await Node().SetAsync("k", Bytes("v"), new());

        Assert.That(Store.LastOptions!.SlidingExpiration, Is.Null);
        Assert.That(Store.LastOptions.AbsoluteExpirationRelativeToNow, Is.Null);
        Assert.That(Store.LastOptions.AbsoluteExpiration, Is.Null);
    }

    [Test]
    public async Task Set_OverAnother_TakesItsLifeToo([Values] Behind behind, [Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node(behind);
        await cache.SetAsync("k", Bytes("short"), Absolute(10), synchronously);
        await cache.SetAsync("k", Bytes("long"), Absolute(100), synchronously);
        await cache.SetAsync("q", Bytes("sliding"), Sliding(10), synchronously);
        await cache.SetAsync("q", Bytes("not"), Absolute(100), synchronously);

        Clock.Advance(TimeSpan.FromSeconds(11));

        Assert.That(Text(await cache.GetAsync("k", synchronously)), Is.EqualTo("long"));
        Assert.That(Text(await cache.GetAsync("q", synchronously)), Is.EqualTo("not"));
    }
}
