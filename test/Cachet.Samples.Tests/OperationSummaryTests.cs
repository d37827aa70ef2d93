using Cachet;
using Cachet.Accumulator;

namespace CachetTests;

public class OperationSummaryTests
{
    [TestCase(0, "0 ns")]
    [TestCase(999, "999 ns")]
    [TestCase(1000, "1.00 µs")]
    [TestCase(9_994, "9.99 µs")]
    [TestCase(9_996, "10.0 µs")]
    [TestCase(99_949, "99.9 µs")]
    [TestCase(99_951, "100 µs")]
    [TestCase(999_499, "999 µs")]
    [TestCase(999_500, "1.00 ms")]
    [TestCase(21_400_000, "21.4 ms")]
    [TestCase(999_499_999, "999 ms")]
    [TestCase(999_500_000, "1.00 s")]
    [TestCase(61_000_000_000, "61.0 s")]
    public void ToString_Duration_HasThreeDigits(long nanoseconds, string expected) => Assert.That(
        new OperationSummary("c", new CacheOperationEvent { Outcome = CacheOutcome.Hit, DurationNanoseconds = nanoseconds }, [], false).ToString(),
        Is.EqualTo($"c get hit {expected}"));

    [Test]
    public void ToString_Everything_IsOneLine()
    {
        var operation = new CacheOperationEvent
        {
            Operation = CacheOperation.GetOrInsert,
            Outcome = CacheOutcome.Error,
            Coalesced = true,
            DurationNanoseconds = 5000,
            Exception = new KeyNotFoundException("secret key"),
        };
        CacheTierEvent[] calls =
        [
            new() { TierName = "l1", Operation = CacheOperation.Get, Outcome = CacheOutcome.Miss, DurationNanoseconds = 100 },
            new() { TierName = "l2", Operation = CacheOperation.Get, Outcome = CacheOutcome.Error, Fallback = true, Exception = new IOException("secret key") },
            new() { TierName = "l1", Operation = CacheOperation.Evict, Outcome = CacheOutcome.Evicted, EvictionReason = EvictionReason.Capacity },
        ];

        Assert.That(
            new OperationSummary("products", operation, calls, Incomplete: true).ToString(),
            Is.EqualTo("products get_or_insert error (KeyNotFoundException) 5.00 µs COALESCED FALLBACK INCOMPLETE"
                + " | l1 get miss 100 ns | l2 get error (IOException) | l1 evict evicted capacity"));
    }

    [Test]
    public void Fallback_OnlyWritten_IsNoFallback()
    {
        CacheTierEvent[] calls = [new() { TierName = "l2", Operation = CacheOperation.Insert, Outcome = CacheOutcome.Inserted, Fallback = true }];

        Assert.That(new OperationSummary("c", new CacheOperationEvent { Operation = CacheOperation.Insert }, calls, false).Fallback, Is.False);
    }
}
