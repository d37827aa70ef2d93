using Cachet;

namespace CachetTests;

public class CacheEntryTests
{
    [Test]
    public void Constructor_OnlyAValue_HasNeitherTimeNorLife()
    {
        var entry = new CacheEntry<string>("v");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(entry.Value, Is.EqualTo("v"));
            Assert.That(entry.CachedAt, Is.Null);
            Assert.That(entry.TimeToLive, Is.Null);
        }
    }

    [Test]
    public void CachedAt_GivenWithAnOffset_IsTheSameInstantInUtc()
    {
        var at = new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.FromHours(2));

        var entry = new CacheEntry<int>(1, at, TimeSpan.FromSeconds(3));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(entry.CachedAt, Is.EqualTo(at));
            Assert.That(entry.CachedAt!.Value.Offset, Is.EqualTo(TimeSpan.Zero));
            Assert.That(entry.TimeToLive, Is.EqualTo(TimeSpan.FromSeconds(3)));
        }
    }

    [Test]
    public void Constructor_NegativeTimeToLive_Throws()
    {
        Assert.That(
            () => new CacheEntry<int>(1, null, TimeSpan.FromTicks(-1)),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("timeToLive"));
        Assert.That(() => CacheEntry.Create(1, null, TimeSpan.MinValue), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void TimeToLive_Infinite_IsKept() =>
        Assert.That(CacheEntry.Create(1, timeToLive: Timeout.InfiniteTimeSpan).TimeToLive, Is.EqualTo(Timeout.InfiniteTimeSpan));

    [TestCase(0L)]
    [TestCase(long.MaxValue)]
    public void TimeToLive_Extreme_IsKept(long ticks) =>
        Assert.That(CacheEntry.Create(1, timeToLive: new TimeSpan(ticks)).TimeToLive, Is.EqualTo(new TimeSpan(ticks)));

    [Test]
    public void CachedAt_Extreme_IsKept()
    {
        Assert.That(CacheEntry.Create(1, DateTimeOffset.MinValue).CachedAt, Is.EqualTo(DateTimeOffset.MinValue));
        Assert.That(CacheEntry.Create(1, DateTimeOffset.MaxValue).CachedAt, Is.EqualTo(DateTimeOffset.MaxValue));
    }

    [Test]
    public void Create_AValue_InfersItsType()
    {
        object entry = CacheEntry.Create("v", Rig.Start, TimeSpan.FromMinutes(1));

        Assert.That(entry, Is.TypeOf<CacheEntry<string>>());
    }

    [Test]
    public void Map_KeepsWhenItWasCachedAndHowLongItLives()
    {
        CacheEntry<int> mapped = new CacheEntry<string>("four", Rig.Start, TimeSpan.FromMinutes(1)).Map(static v => v.Length);

        Assert.That((mapped.Value, mapped.CachedAt, mapped.TimeToLive), Is.EqualTo((4, (DateTimeOffset?)Rig.Start, (TimeSpan?)TimeSpan.FromMinutes(1))));
    }

    [Test]
    public void Map_NoTimes_HasNone()
    {
        CacheEntry<int> mapped = CacheEntry.Create("four").Map(static v => v.Length);

        Assert.That((mapped.CachedAt, mapped.TimeToLive), Is.EqualTo(((DateTimeOffset?)null, (TimeSpan?)null)));
    }

    [Test]
    public void Map_NoFunction_IsRefused() =>
        Assert.That(() => CacheEntry.Create("v").Map<int>(null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("map"));

    [Test]
    public void Equals_SameValueAndTimes_IsTrue()
    {
        var one = new CacheEntry<string?>("v", Rig.Start, TimeSpan.FromMinutes(1));
        CacheEntry<string?> other = new CacheEntry<string?>(new string('v', 1), Rig.Start, TimeSpan.FromMinutes(1)).With(Life.Over);

        Assert.That(one.Equals(other), Is.True);
        Assert.That(one.Equals((object)other), Is.True);
        Assert.That(one.GetHashCode(), Is.EqualTo(other.GetHashCode()));
        Assert.That(new CacheEntry<string?>(null).Equals(new CacheEntry<string?>(null)), Is.True);
    }

    [Test]
    public void Equals_AnyDifference_IsFalse()
    {
        var entry = new CacheEntry<string?>("v", Rig.Start, TimeSpan.FromMinutes(1));

        Assert.That(entry.Equals(new("w", Rig.Start, TimeSpan.FromMinutes(1))), Is.False);
        Assert.That(entry.Equals(new(null, Rig.Start, TimeSpan.FromMinutes(1))), Is.False);
        Assert.That(entry.Equals(new("v", Rig.Start.AddTicks(1), TimeSpan.FromMinutes(1))), Is.False);
        Assert.That(entry.Equals(new("v", Rig.Start)), Is.False);
        Assert.That(entry.Equals(new("v", null, TimeSpan.FromMinutes(1))), Is.False);
        object?[] others = ["v", null];
        Assert.That(others.Any(entry.Equals), Is.False);
    }
}
