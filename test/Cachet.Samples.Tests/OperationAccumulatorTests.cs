using System.Collections.Concurrent;
using Cachet;
using Cachet.Accumulator;

namespace CachetTests;

public class OperationAccumulatorTests
{
    private readonly ConcurrentQueue<OperationSummary> _told = [];

    [SetUp]
    public void Forget() => _told.Clear();

    [Test]
    public void OnOperationComplete_AfterTierEvents_TellsThemInTheirOrder()
    {
        OperationAccumulator accumulator = Make();
        Call(accumulator, 7, "l1", CacheOperation.Get, CacheOutcome.Miss);
        Call(accumulator, 7, "l2", CacheOperation.Get, CacheOutcome.Miss);
        Call(accumulator, 7, "l2", CacheOperation.Insert, CacheOutcome.Inserted);
        Assert.That(_told, Is.Empty);

        Complete(accumulator, 7, CacheOutcome.Loaded);

        Assert.That(Lines(), Is.EqualTo(new[] { "test get_or_insert loaded FALLBACK | l1 get miss | l2 get miss | l2 insert inserted" }));
        Assert.That(accumulator.UnderWay, Is.Zero);
    }

    [Test]
    public void OnTierEvent_OperationsAtTheSameTime_AreKeptApart()
    {
        OperationAccumulator accumulator = Make();
        Call(accumulator, 1, "l1", CacheOperation.Get, CacheOutcome.Miss);
        Call(accumulator, 2, "l1", CacheOperation.Get, CacheOutcome.Hit);
        Call(accumulator, 1, "l2", CacheOperation.Get, CacheOutcome.Hit);

        Complete(accumulator, 2, CacheOutcome.Hit);
        Assert.That(accumulator.UnderWay, Is.EqualTo(1));
        Complete(accumulator, 1, CacheOutcome.Hit);

        Assert.That(Lines(), Is.EqualTo(new[] { "test get_or_insert hit | l1 get hit", "test get_or_insert hit FALLBACK | l1 get miss | l2 get hit" }));
    }

    [Test]
    public void OnOperationComplete_WithoutTierEvents_TellsTheOperationAlone()
    {
        OperationAccumulator accumulator = Make();

        Complete(accumulator, 3, CacheOutcome.Loaded, coalesced: true);

        Assert.That(Lines(), Is.EqualTo(new[] { "test get_or_insert loaded COALESCED" }));
        Assert.That((accumulator.UnderWay, accumulator.Forgotten, accumulator.Late), Is.EqualTo((0, 0L, 0L)));
    }

    [Test]
    public void OnTierEvent_AfterACancelledOperation_IsLateAndKeptNowhere()
    {
        OperationAccumulator accumulator = Make();
        Call(accumulator, 4, "l1", CacheOperation.Get, CacheOutcome.Miss);
        Complete(accumulator, 4, CacheOutcome.Cancelled);

        Call(accumulator, 4, "l2", CacheOperation.Get, CacheOutcome.Hit);
        Call(accumulator, 4, "l1", CacheOperation.Insert, CacheOutcome.Inserted);

        Assert.That(Lines(), Is.EqualTo(new[] { "test get_or_insert cancelled | l1 get miss" }));
        Assert.That((accumulator.UnderWay, accumulator.Forgotten, accumulator.Late), Is.EqualTo((0, 0L, 2L)));
    }

    [Test]
    public void OnTierEvent_TooManyUnderWay_ForgetsTheOldestAndItsLineSaysSo()
    {
        OperationAccumulator accumulator = Make(most: 3);
        for (long id = 1; id <= 4; id++) Call(accumulator, id, "l1", CacheOperation.Get, CacheOutcome.Miss);
        Assert.That((accumulator.UnderWay, accumulator.Forgotten), Is.EqualTo((3, 1L)));

        Call(accumulator, 1, "l2", CacheOperation.Get, CacheOutcome.Miss); // takes nobody's place
        for (long id = 1; id <= 4; id++) Complete(accumulator, id, CacheOutcome.Loaded);

        Assert.That(Lines(), Is.EqualTo(new[]
        {
            "test get_or_insert loaded INCOMPLETE",
            "test get_or_insert loaded | l1 get miss",
            "test get_or_insert loaded | l1 get miss",
            "test get_or_insert loaded | l1 get miss",
        }));
        Assert.That((accumulator.UnderWay, accumulator.Forgotten, accumulator.Late), Is.EqualTo((0, 1L, 0L)));
    }

    [Test]
    public void OnTierEvent_OfAForgottenOperationThatHasCompleted_IsLate()
    {
        OperationAccumulator accumulator = Make(most: 1);
        Call(accumulator, 1, "l1", CacheOperation.Get, CacheOutcome.Miss);
        Call(accumulator, 2, "l1", CacheOperation.Get, CacheOutcome.Miss);
        Complete(accumulator, 1, CacheOutcome.Cancelled);

        Call(accumulator, 1, "l2", CacheOperation.Get, CacheOutcome.Miss);

        Assert.That((accumulator.UnderWay, accumulator.Forgotten, accumulator.Late), Is.EqualTo((1, 1L, 1L)));
    }

    [Test]
    public void OnTierEvent_OperationsThatComplete_MakeRoom()
    {
        OperationAccumulator accumulator = Make(most: 2);
        Call(accumulator, 1, "l1", CacheOperation.Get, CacheOutcome.Miss);
        for (long id = 2; id < 100; id++)
        {
            Call(accumulator, id, "l1", CacheOperation.Get, CacheOutcome.Hit);
            Complete(accumulator, id, CacheOutcome.Hit);
        }

        Complete(accumulator, 1, CacheOutcome.Loaded);

        Assert.That(accumulator.Forgotten, Is.Zero);
        Assert.That(_told.Last().ToString(), Is.EqualTo("test get_or_insert loaded | l1 get miss"));
    }

    [TestCase(1)]
    [TestCase(100)]
    [TestCase(4096)]
    public void OnTierEvent_OperationsThatNeverComplete_AreBounded(int most)
    {
        OperationAccumulator accumulator = Make(most);
        for (long id = 1; id <= 10_000; id++) Call(accumulator, id, "l1", CacheOperation.Get, CacheOutcome.Miss);

        Assert.That((accumulator.UnderWay, accumulator.Forgotten), Is.EqualTo((most, 10_000L - most)));
    }

    [Test]
    public void OnTierEvent_LaterThanAnythingIsRemembered_IsBoundedToo()
    {
        OperationAccumulator accumulator = Make(most: 3);
        for (long id = 1; id <= 1000; id++) Complete(accumulator, id, CacheOutcome.Cancelled);
        for (long id = 1; id <= 1000; id++) Call(accumulator, id, "l2", CacheOperation.Get, CacheOutcome.Miss);

        // The last three cancelled ones were remembered, until those that were forgotten took their place.
        Assert.That((accumulator.UnderWay, accumulator.Forgotten, accumulator.Late), Is.EqualTo((3, 997L, 0L)));
    }

    [Test]
    public void OnTierEvent_BackgroundMaintenance_IsToldAtOnceAndEachByItself()
    {
        OperationAccumulator accumulator = Make();
        var eviction = new CacheTierEvent
        {
            CacheName = "test",
            TierName = "l1",
            Operation = CacheOperation.Evict,
            Outcome = CacheOutcome.Evicted,
            EvictionReason = EvictionReason.Expired,
        };

        accumulator.OnTierEvent(in eviction);
        accumulator.OnTierEvent(in eviction);

        Assert.That(Lines(), Is.EqualTo(new[] { "test maintenance | l1 evict evicted expired", "test maintenance | l1 evict evicted expired" }));
        Assert.That(_told.Select(static s => (s.CacheName, s.Operation, s.Coalesced, s.Fallback)), Is.All.EqualTo(("test", (CacheOperationEvent?)null, false, false)));
        Assert.That(accumulator.UnderWay, Is.Zero);
    }

    [Test]
    public void OnTierEvent_ManyThreads_LosesAndMixesNothing()
    {
        const int Threads = 8, Operations = 3000;
        OperationAccumulator accumulator = Make();

        Run(Threads, thread =>
        {
            for (int i = 0; i < Operations; i++)
            {
                long id = ((long)i * Threads) + thread + 1;
                string name = $"tier of {id}";
                Call(accumulator, id, name, CacheOperation.Get, CacheOutcome.Miss);
                Call(accumulator, id, name, CacheOperation.Insert, CacheOutcome.Inserted);
                Complete(accumulator, id, CacheOutcome.Loaded);
            }
        });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_told, Has.Count.EqualTo(Threads * Operations));
            Assert.That(_told.Select(static s => s.Operation!.Value.RequestId), Is.Unique);
            Assert.That(_told.Where(static s => s.TierCalls.Count != 2 || s.TierCalls.Any(c => c.TierName != $"tier of {s.Operation!.Value.RequestId}")), Is.Empty);
            Assert.That((accumulator.UnderWay, accumulator.Forgotten, accumulator.Late), Is.EqualTo((0, 0L, 0L)));
        }
    }

    [Test]
    public void OnTierEvent_ManyThreadsOfOneOperation_LosesNothing()
    {
        const int Threads = 8, Calls = 1000;
        OperationAccumulator accumulator = Make();

        Run(Threads, thread =>
        {
            for (int i = 0; i < Calls; i++) Call(accumulator, 1, $"l{thread}", CacheOperation.Get, CacheOutcome.Miss);
        });
        Complete(accumulator, 1, CacheOutcome.Miss);

        Assert.That(_told.Single().TierCalls, Has.Count.EqualTo(Threads * Calls));
    }

    [Test]
    public void OnTierEvent_ManyThreadsAndLittleRoom_CountsEveryOperationThatIsForgotten()
    {
        const int Threads = 8, Operations = 2000, Most = 128;
        OperationAccumulator accumulator = Make(Most);

        Run(Threads, thread =>
        {
            for (int i = 0; i < Operations; i++) Call(accumulator, ((long)i * Threads) + thread + 1, "l1", CacheOperation.Get, CacheOutcome.Miss);
        });

        Assert.That((accumulator.UnderWay, accumulator.Forgotten), Is.EqualTo((Most, (long)(Threads * Operations) - Most)));
    }

    [Test]
    public void Constructor_BadArguments_Throws()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => new OperationAccumulator(null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("tell"));
            Assert.That(
                () => new OperationAccumulator(static _ => { }, 0),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("mostUnderWay"));
        }
    }

    private static void Call(OperationAccumulator accumulator, long id, string tier, CacheOperation operation, CacheOutcome outcome) =>
        accumulator.OnTierEvent(new CacheTierEvent
        {
            RequestId = id,
            CacheName = "test",
            TierName = tier,
            Operation = operation,
            Outcome = outcome,
            Fallback = tier == "l2",
        });

    private static void Complete(OperationAccumulator accumulator, long id, CacheOutcome outcome, bool coalesced = false) =>
        accumulator.OnOperationComplete(new CacheOperationEvent
        {
            RequestId = id,
            CacheName = "test",
            Operation = CacheOperation.GetOrInsert,
            Outcome = outcome,
            Coalesced = coalesced,
        });

    private static void Run(int threads, Action<int> work)
    {
        using var together = new Barrier(threads);
        Thread[] running = [.. Enumerable.Range(0, threads).Select(thread => new Thread(() =>
        {
            together.SignalAndWait();
            work(thread);
        }))];
        foreach (Thread thread in running) thread.Start();
        foreach (Thread thread in running) thread.Join();
    }

    private OperationAccumulator Make(int most = 4096) => new(_told.Enqueue, most);

    private IEnumerable<string> Lines() => _told.Select(static s => s.ToString());
}
