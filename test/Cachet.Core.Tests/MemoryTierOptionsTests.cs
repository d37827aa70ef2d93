using Cachet;

namespace CachetTests;

public class MemoryTierOptionsTests
{
    [TestCase(2)]
    [TestCase(0)]
    [TestCase(-1)]
    public void Build_CapacityTooSmall_NamesOptionValueAndFix(int capacity) =>
        AssertRefused(o => o.Capacity = capacity, "Capacity", $"{capacity}", "3 entries");

    [Test]
    public void Build_NoSuchEvictionPolicy_NamesOptionValueAndFix() =>
        AssertRefused(static o => o.EvictionPolicy = (EvictionPolicy)7, "EvictionPolicy", "7", "TinyLfu");

    [TestCase(0)]
    [TestCase(-1)]
    public void Build_TimeToIdleNotPositive_NamesOptionValueAndFix(int seconds) =>
        AssertRefused(o => o.TimeToIdle = TimeSpan.FromSeconds(seconds), "TimeToIdle", $"{TimeSpan.FromSeconds(seconds)}", "positive");

    [Test]
    public void Build_TimeToIdleNegative_IsRefused() =>
        AssertRefused(static o => o.TimeToIdle = TimeSpan.FromSeconds(-1), "TimeToIdle", "null for none");

    [Test]
    public void Build_TimeToIdleBeyondTheTimeToLive_NamesBoth() =>
        AssertRefused(
            static o =>
            {
                o.TimeToIdle = TimeSpan.FromMinutes(10);
                o.TimeToLive = TimeSpan.FromMinutes(5);
            },
            "TimeToIdle",
            "00:10:00",
            "TimeToLive of 00:05:00");

    [TestCase(5)]
    [TestCase(6)]
    [TestCase(-1)]
    public void Build_TimeToIdleWithinTheTimeToLive_IsAccepted(int minutes) =>
        Assert.That(
            () => Built(o =>
            {
                o.TimeToIdle = TimeSpan.FromMinutes(5);
                o.TimeToLive = minutes < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMinutes(minutes);
            }),
            Throws.Nothing);

    [Test]
    public void Build_TimeToIdleBeyondADefaultTimeToLive_IsAccepted() =>
        Assert.That(
            static () => Cache.Builder<string, int>("c").Memory(static o => o.TimeToIdle = TimeSpan.FromHours(1)).Distributed(Stores.Memory()).Build(),
            Throws.Nothing);

    [Test]
    public void Defaults_AreLruOfTenThousandWithoutATimeToIdle()
    {
        var options = new MemoryTierOptions<string, int>();

        Assert.That(options.Capacity, Is.EqualTo(10_000));
        Assert.That(options.EvictionPolicy, Is.EqualTo(EvictionPolicy.Lru));
        Assert.That(options.TimeToIdle, Is.Null);
    }

    [Test]
    public void EvictionListener_Null_Throws() =>
        Assert.That(
            static () => new MemoryTierOptions<string, int>().EvictionListener(null!),
            Throws.ArgumentNullException.With.Property("ParamName").EqualTo("listener"));

    [Test]
    public void Configuration_CanSetPolicyAndTimeToIdle()
    {
        Assert.That(() => Configured(("L1:EvictionPolicy", "tinylfu"), ("L1:TimeToIdle", "00:10:00")), Throws.Nothing);
        Assert.That(() => Configured(("L1:EvictionPolicy", "Fifo")), Throws.Exception.With.Message.Contains("'Fifo': it should be Lru or TinyLfu"));
        Assert.That(
            () => Configured(("L1:TimeToLive", "00:05:00"), ("L1:TimeToIdle", "00:10:00")),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("TimeToIdle of tier 'l1' of cache 'c' cannot be 00:10:00"));

        static void Configured(params (string, string?)[] settings) =>
            Cache.Builder<string, int>("c").Memory().Configuration(Sections.Products(settings)).Build();
    }

    private static ICache<string, int> Built(Action<MemoryTierOptions<string, int>> configure) =>
        Cache.Builder<string, int>("c").Memory(configure).Build();

    private static void AssertRefused(Action<MemoryTierOptions<string, int>> configure, string option, params string[] parts)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => Built(configure))!;
        Assert.That(error.ParamName, Is.EqualTo(option));
        Assert.That(error.Message, Does.Contain($"option {option} of tier 'l1' of cache 'c'"));
        foreach (string part in parts) Assert.That(error.Message, Does.Contain(part));
    }
}
