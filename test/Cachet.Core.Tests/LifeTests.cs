using Cachet;

namespace CachetTests;

public class LifeTests
{
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(15_625)]
    [TestCase(3_600_000)]
    public void Lasting_AnyTime_EndsLateByTheClocksResolutionAndNeverEarly(int milliseconds)
    {
        TimeSpan time = TimeSpan.FromMilliseconds(milliseconds);

        long before = Environment.TickCount64;
        Life life = Life.Lasting(time.Ticks);
        var left = TimeSpan.FromTicks(life.Left(utcNow: 0));
        TimeSpan passed = TimeSpan.FromMilliseconds(Environment.TickCount64 - before);

        Assert.That(left, Is.LessThanOrEqualTo(time + TimeSpan.FromMilliseconds(17)));
        Assert.That(left + passed, Is.GreaterThanOrEqualTo(time + TimeSpan.FromMilliseconds(17)));
    }
}
