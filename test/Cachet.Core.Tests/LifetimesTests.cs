using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>The expiry rules by themselves; <see cref="ExpiryTests"/> tells what a cache makes of them.</summary>
public class LifetimesTests
{
    private static readonly TimeSpan _ten = TimeSpan.FromSeconds(10);

    private FakeTimeProvider _clock = null!;

    [SetUp]
    public void SetUp() => _clock = new(Rig.Start);

    [Test]
    public void Of_ACopyThatTheTierGaveBack_IsItsOwnLife()
    {
        Lifetimes<string> lifetimes = Rules(timeToLive: _ten);
        var life = Life.Until(Rig.Start.UtcTicks, Rig.Start.UtcTicks + 1);

        Assert.That(lifetimes.Of(new CacheEntry<string>("v", Rig.Start).With(life)), Is.EqualTo(life));
    }

    [Test]
    public void Of_ACopyWithoutALife_CountsFromWhenItWasCached()
    {
        Lifetimes<string> lifetimes = Rules(timeToLive: _ten);
        long cachedAt = Rig.Start.UtcTicks;

        Assert.That(lifetimes.Of(new("v", Rig.Start)), Is.EqualTo(Life.Until(cachedAt, cachedAt + _ten.Ticks)));
        Assert.That(lifetimes.Of(new("v", Rig.Start, TimeSpan.FromSeconds(3))), Is.EqualTo(Life.Until(cachedAt, cachedAt + TimeSpan.FromSeconds(3).Ticks)));
        Assert.That(lifetimes.Of(new("v", Rig.Start, TimeSpan.MaxValue)).DeadlineUtcTicks, Is.EqualTo(long.MaxValue));
        Assert.That(lifetimes.Of(new("v")), Is.EqualTo(Life.Over));
    }

    [Test]
    public void Begin_AnEntryFromTheFuture_IsRefusedWhereItsOwnLifeCounts()
    {
        Lifetimes<string> lifetimes = Rules(timeToLive: _ten);
        DateTimeOffset future = Rig.Start.AddTicks(1);

        Assert.That(lifetimes.Begin(new("v", future, _ten), Now(InsertSource.Direct)), Is.Null);
        Assert.That(lifetimes.Begin(new("v", future, _ten), Now(InsertSource.Load)), Is.Null);
        Assert.That(lifetimes.Begin(new("v", future, _ten), Now(InsertSource.Promotion)), Is.Not.Null, "It was judged where it came from.");
        Assert.That(lifetimes.Begin(new("v", future), Now(InsertSource.Direct)), Is.Not.Null, "The tier's life counts from now.");
    }

    [Test]
    public void Begin_AnEntryFromTheFutureInASharedTier_IsRefusedBeyondTheSkew([Values] bool ownLife, [Values] InsertSource source)
    {
        Lifetimes<string> lifetimes = Rules(timeToLive: _ten, shared: true, skew: TimeSpan.FromSeconds(1));
        CacheEntry<string> Entry(TimeSpan ahead) => new("v", Rig.Start + ahead, ownLife ? _ten : null);

        Assert.That(lifetimes.Begin(Entry(TimeSpan.FromSeconds(1)), Now(source))?.DeadlineUtcTicks, Is.EqualTo((Rig.Start + _ten).UtcTicks));
        Assert.That(lifetimes.Begin(Entry(TimeSpan.FromSeconds(1) + TimeSpan.FromTicks(1)), Now(source)), Is.Null);
    }

    [Test]
    public void Begin_WhatIsLeftElsewhere_IsNotOutlived()
    {
        Lifetimes<string> lifetimes = Rules(timeToLive: _ten);
        long now = Rig.Start.UtcTicks;

        Assert.That(lifetimes.Begin(new("v"), Now(InsertSource.Promotion, Life.Until(now, now + 3)))?.DeadlineUtcTicks, Is.EqualTo(now + 3));
        Assert.That(lifetimes.Begin(new("v"), Now(InsertSource.Promotion, Life.Until(now, long.MaxValue)))?.DeadlineUtcTicks, Is.EqualTo(now + _ten.Ticks));
    }

    [Test]
    public void IsRefreshDue_ACopyThatTheTierGaveBack_CountsFromWhenItWasStored()
    {
        Lifetimes<string> lifetimes = Rules(timeToRefresh: _ten);
        CacheEntry<string> copy = new CacheEntry<string>("v", Rig.Start - _ten).With(Life.Until(Rig.Start.UtcTicks, long.MaxValue));

        Assert.That(lifetimes.IsRefreshDue(copy), Is.False);
        _clock.Advance(_ten - TimeSpan.FromTicks(1));
        Assert.That(lifetimes.IsRefreshDue(copy), Is.False);
        _clock.Advance(TimeSpan.FromTicks(1));

        Assert.That(lifetimes.IsRefreshDue(copy), Is.True);
    }

    [Test]
    public void IsRefreshDue_NoTimeToRefresh_IsFalse()
    {
        Lifetimes<string> lifetimes = Rules(timeToLive: _ten);

        Assert.That(lifetimes.Refreshes, Is.False);
        Assert.That(lifetimes.IsRefreshDue(new("v", DateTimeOffset.MinValue)), Is.False);
    }

    [Test]
    public void TryUse_ACopyInUse_LivesUntilItWasIdleForTooLong([Values] bool set)
    {
        Lifetimes<string> lifetimes = Rules(timeToIdle: _ten);
        var copy = new CacheEntry<string>("v", Rig.Start);
        if (set) copy = copy.With(Life.Until(Rig.Start.UtcTicks, long.MaxValue));
        lifetimes.Use(copy);

        for (int i = 0; i < 3; i++)
        {
            _clock.Advance(_ten);
            Assert.That(lifetimes.IsFresh(copy), Is.True, "Both ends are inclusive.");
            Assert.That(lifetimes.TryUse(copy), Is.True);
        }

        _clock.Advance(_ten);
        Assert.That(lifetimes.IsFresh(copy), Is.True);
        _clock.Advance(TimeSpan.FromTicks(1)); // To look whether it is fresh was no use of it.
        Assert.That(lifetimes.IsFresh(copy), Is.False);
        Assert.That(lifetimes.TryUse(copy), Is.False);
        Assert.That(lifetimes.TryUse(copy), Is.False, "Nor was the last try.");
    }

    [Test]
    public void TryUse_ACopyInUse_DoesNotOutliveItsLife()
    {
        Lifetimes<string> lifetimes = Rules(timeToIdle: _ten);
        CacheEntry<string> copy = new CacheEntry<string>("v", Rig.Start).With(Life.Until(Rig.Start.UtcTicks, (Rig.Start + _ten).UtcTicks));
        lifetimes.Use(copy);
        _clock.Advance(_ten);
        Assert.That(lifetimes.TryUse(copy), Is.True);

        _clock.Advance(TimeSpan.FromTicks(1));

        Assert.That(lifetimes.TryUse(copy), Is.False);
        Assert.That(lifetimes.IsFresh(copy), Is.False);
    }

    private Lifetimes<string> Rules(
        TimeSpan? timeToLive = null, TimeSpan? timeToRefresh = null, TimeSpan? timeToIdle = null, bool shared = false, TimeSpan skew = default) =>
        new(_clock, new(timeToLive ?? Timeout.InfiniteTimeSpan, timeToRefresh, 0, shared, skew, timeToIdle), static () => 0);

    private InsertContext Now(InsertSource source, Life left = default) => new(_clock.GetUtcNow().UtcTicks, source, left);
}
