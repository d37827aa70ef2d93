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
}
