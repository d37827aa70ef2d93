using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>What the nodes of one store see of each other's writes, and when at the latest.</summary>
[CancelAfter(30_000)]
public class NodeTests
{
    private static readonly TimeSpan _tick = TimeSpan.FromTicks(1);

    private FakeTimeProvider _clock = null!;
    private FakeStore _store = null!;
    private ICache<string, string> _here = null!;
    private ICache<string, string> _there = null!;

    [SetUp]
    public void SetUp()
    {
        _clock = new(Rig.Start);
        _store = new();
        _here = Node();
        _there = Node();
    }

    [TearDown]
    public async Task TearDown()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        _store.Dispose();
    }

    [Test]
    public async Task InvalidateAsync_EntryWithALifeOfItsOwn_LivesItInTheMemoryOfOtherNodes()
    {
        await _here.InsertEntryAsync("k", new("v", timeToLive: TimeSpan.FromHours(6)));
        await _there.GetAsync("k");

        await _here.InvalidateAsync("k");

        _clock.Advance(TimeSpan.FromHours(6));
        Assert.That((await _there.GetAsync("k"))?.Value, Is.EqualTo("v"));
        _clock.Advance(_tick);
        Assert.That(await _there.GetAsync("k"), Is.Null);
    }

    [Test]
    public async Task ClearAsync_AnotherNode_IsSeenAfterTheGenerationCheckAndTheLifeInMemory()
    {
        await _here.InsertAsync("k", "v");
        await _there.GetAsync("another"); // Looks at the generation.
        await _here.ClearAsync();

        _clock.Advance(TimeSpan.FromSeconds(10) - _tick);
        Assert.That((await _there.GetAsync("k"))?.Value, Is.EqualTo("v"), "taken from the store before the next look");
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.That((await _there.GetAsync("k"))?.Value, Is.EqualTo("v"), "in memory");
        _clock.Advance(_tick);
        Assert.That(await _there.GetAsync("k"), Is.Null);
        Assert.That(await _here.GetAsync("k"), Is.Null);
    }

    [Test]
    public async Task InsertAsync_ByANodeThatHasNotSeenAClear_GoesWithIt()
    {
        await using ICache<string, string> there = Cache.Builder<string, string>("test").Clock(_clock).Distributed(_store).Build();
        await there.GetAsync("another"); // Looks at the generation.
        await _here.ClearAsync();

        await there.InsertAsync("k", "v");

        Assert.That((await there.GetAsync("k"))?.Value, Is.EqualTo("v"));
        Assert.That(await _here.GetAsync("k"), Is.Null);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.That(await there.GetAsync("k"), Is.Null);
    }

    private ICache<string, string> Node() => Cache.Builder<string, string>("test").Clock(_clock).Memory().Distributed(_store).Build();
}
