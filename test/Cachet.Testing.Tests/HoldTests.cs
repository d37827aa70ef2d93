using Cachet;

namespace CachetTests;

/// <summary>Calls of a fake tier that are held open at gates.</summary>
public class HoldTests
{
    public static IEnumerable<CacheOperation> Operations() =>
        [CacheOperation.Get, CacheOperation.Insert, CacheOperation.Invalidate, CacheOperation.Clear];

    [TestCaseSource(nameof(Operations))]
    public async Task Hold_Before_TheCallHasNotTouchedTheEntries(CacheOperation operation)
    {
        FakeCacheTier<string, int> tier = Filled();
        Gate gate = tier.Hold(operation);

        Task call = Call(tier, operation);
        await gate.Reached;

        Assert.That(call.IsCompleted, Is.False);
        Assert.That(tier.Entries["k"].Value, Is.EqualTo(1));
        tier.Entries["late"] = new(3); // A get that is held before sees it, a clear takes it along.
        gate.Open();
        await call;
        Assert.That(Contents(tier), Is.EqualTo(operation switch
        {
            CacheOperation.Get => "k=1 late=3",
            CacheOperation.Insert => "k=2 late=3",
            CacheOperation.Invalidate => "late=3",
            _ => "",
        }));
    }

    [TestCaseSource(nameof(Operations))]
    public async Task Hold_After_TheCallHasTouchedTheEntries(CacheOperation operation)
    {
        FakeCacheTier<string, int> tier = Filled();
        Gate gate = tier.Hold(operation, after: true);

        Task call = Call(tier, operation);
        await gate.Reached;

        Assert.That(call.IsCompleted, Is.False);
        Assert.That(Contents(tier), Is.EqualTo(operation switch
        {
            CacheOperation.Get => "k=1",
            CacheOperation.Insert => "k=2",
            _ => "",
        }));
        gate.Open();
        await call;
    }

    [Test]
    public async Task Hold_AfterAGet_AnswersWhatItSaw()
    {
        FakeCacheTier<string, int> tier = Filled();
        Gate gate = tier.Hold(CacheOperation.Get, after: true);
        Task<CacheEntry<int>?> getting = tier.GetAsync("k", default).AsTask();
        await gate.Reached;

        tier.Entries["k"] = new(2);
        gate.Open();

        Assert.That((await getting)?.Value, Is.EqualTo(1));
    }

    [Test]
    public async Task Hold_First_LaterCallsAndOtherOperationsPass()
    {
        FakeCacheTier<string, int> tier = Filled();
        Gate gate = tier.Hold(CacheOperation.Get);

        Assert.That(tier.InsertAsync("k", new(2), default).IsCompleted, Is.True);
        Task held = tier.GetAsync("k", default).AsTask();
        Assert.That(tier.GetAsync("k", default).IsCompleted, Is.True);

        Assert.That(held.IsCompleted, Is.False);
        gate.Open();
        await held;
    }

    [Test]
    public async Task Hold_Nth_CountsTheCallsThatBeginFromThenOn()
    {
        FakeCacheTier<string, int> tier = Filled();
        await tier.GetAsync("before", default);
        Gate gate = tier.Hold(CacheOperation.Get, nth: 2);

        Assert.That(tier.GetAsync("first", default).IsCompleted, Is.True);
        Assert.That(gate.Reached.IsCompleted, Is.False);
        Task second = tier.GetAsync("second", default).AsTask();
        Assert.That(tier.GetAsync("third", default).IsCompleted, Is.True);

        Assert.That(second.IsCompleted, Is.False);
        gate.Open();
        await second;
    }

    [Test]
    public async Task Hold_NthOfManyThreads_IsTheNthRecorded()
    {
        const int Calls = 1_000, Nth = 300;
        var tier = new FakeCacheTier<int, int>();
        Gate gate = tier.Hold(CacheOperation.Get, Nth);
        var others = new TaskCompletionSource();
        int passed = 0;
        tier.After = (_, _) =>
        {
            if (Interlocked.Increment(ref passed) == Calls - 1) others.SetResult();
            return Task.CompletedTask;
        };

        Task[] calls = [.. Enumerable.Range(0, Calls).Select(i => Task.Run(() => tier.GetAsync(i, default).AsTask()))];
        await Task.WhenAll(gate.Reached, others.Task);

        Assert.That(calls[tier.Calls[Nth - 1].Key].IsCompleted, Is.False);
        gate.Open();
        await Task.WhenAll(calls);
    }

    [Test]
    public async Task HoldEvery_UntilOpen_HoldsAll()
    {
        FakeCacheTier<string, int> tier = Filled();
        Gate gate = tier.HoldEvery(CacheOperation.Get);
        Task[] calls = [.. Enumerable.Range(0, 5).Select(_ => tier.GetAsync("k", default).AsTask())];

        Assert.That(calls.Select(static c => c.IsCompleted), Is.All.False);
        Assert.That(tier.ClearAsync(default).IsCompleted, Is.True);
        gate.Open();
        await Task.WhenAll(calls);

        Assert.That(tier.GetAsync("k", default).IsCompleted, Is.True, "Once open, it stays open.");
    }

    [Test]
    public async Task HoldWhen_APredicate_ChoosesTheCalls([Values] bool after)
    {
        FakeCacheTier<string, int> tier = Filled();
        Gate gate = tier.HoldWhen(static call => call.Key == "slow", after);

        Task slow = tier.GetAsync("slow", default).AsTask();
        Task slowInsert = tier.InsertAsync("slow", new(1), default).AsTask();
        Assert.That(tier.GetAsync("k", default).IsCompleted, Is.True);

        Assert.That(slow.IsCompleted || slowInsert.IsCompleted, Is.False);
        Assert.That(tier.Entries.ContainsKey("slow"), Is.EqualTo(after));
        gate.Open();
        await Task.WhenAll(slow, slowInsert);
    }

    [Test]
    public async Task Hold_Cancelled_TheCallEnds([Values] bool after)
    {
        FakeCacheTier<string, int> tier = Filled();
        Gate gate = tier.Hold(CacheOperation.Insert, after: after);
        using var cancel = new CancellationTokenSource();
        Task call = tier.InsertAsync("k", new(2), cancel.Token).AsTask();
        await gate.Reached;

        await cancel.CancelAsync();

        Assert.That(async () => await call, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Contents(tier), Is.EqualTo(after ? "k=2" : "k=1"));
    }

    [TestCase("hold")]
    [TestCase("every")]
    [TestCase("when")]
    public async Task Hold_NotCancellable_TheCallDoesNotHearOfIt(string how)
    {
        FakeCacheTier<string, int> tier = Filled();
        Gate gate = how switch
        {
            "hold" => tier.Hold(CacheOperation.Insert, cancellable: false),
            "every" => tier.HoldEvery(CacheOperation.Insert, cancellable: false),
            _ => tier.HoldWhen(static _ => true, cancellable: false),
        };
        using var cancel = new CancellationTokenSource();
        Task call = tier.InsertAsync("k", new(2), cancel.Token).AsTask();
        await gate.Reached;

        await cancel.CancelAsync();
        Assert.That(call.IsCompleted, Is.False);
        gate.Open();
        await call;

        Assert.That(Contents(tier), Is.EqualTo("k=2"));
    }

    [Test]
    public async Task Hold_SeveralForACall_ItPassesAll()
    {
        FakeCacheTier<string, int> tier = Filled();
        Gate before = tier.Hold(CacheOperation.Get), every = tier.HoldEvery(CacheOperation.Get), after = tier.Hold(CacheOperation.Get, after: true);
        List<string> seen = [];
        tier.Before = (_, token) => Task.Run(() => seen.Add($"{before.Reached.IsCompleted} {every.Reached.IsCompleted} {after.Reached.IsCompleted}"), token);

        Task call = tier.GetAsync("k", default).AsTask();
        before.Open();
        await every.Reached;
        every.Open();
        await after.Reached;
        Assert.That(call.IsCompleted, Is.False);
        after.Open();
        await call;

        Assert.That(seen, Is.EqualTo(new[] { "True True False" }));
    }

    [Test]
    public async Task Hold_OpenedBeforehand_TheCallComesToItAndPasses()
    {
        FakeCacheTier<string, int> tier = Filled();
        Gate gate = tier.Hold(CacheOperation.Get);
        gate.Open();

        await tier.GetAsync("k", default);

        Assert.That(gate.Reached.IsCompletedSuccessfully, Is.True);
    }

    [Test]
    public void Hold_NoOperationOfATier_Throws([Values(CacheOperation.GetOrInsert, CacheOperation.Refresh, CacheOperation.Evict)] CacheOperation operation)
    {
        var tier = new FakeCacheTier<string, int>();

        Assert.That(
            () => tier.Hold(operation), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("operation"));
        Assert.That(
            () => tier.HoldEvery(operation), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("operation"));
    }

    [Test]
    public void Hold_NthBelowOne_Throws([Values(0, -1)] int nth) =>
        Assert.That(
            () => new FakeCacheTier<string, int>().Hold(CacheOperation.Get, nth),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("nth"));

    [Test]
    public void HoldWhen_NoPredicate_Throws() =>
        Assert.That(
            static () => new FakeCacheTier<string, int>().HoldWhen(null!),
            Throws.ArgumentNullException.With.Property("ParamName").EqualTo("predicate"));

    private static FakeCacheTier<string, int> Filled() => new() { { "k", 1 } };

    private static Task Call(FakeCacheTier<string, int> tier, CacheOperation operation) => operation switch
    {
        CacheOperation.Get => tier.GetAsync("k", default).AsTask(),
        CacheOperation.Insert => tier.InsertAsync("k", new(2), default).AsTask(),
        CacheOperation.Invalidate => tier.InvalidateAsync("k", default).AsTask(),
        _ => tier.ClearAsync(default).AsTask(),
    };

    private static string Contents(FakeCacheTier<string, int> tier) =>
        string.Join(' ', tier.OrderBy(static e => e.Key).Select(static e => $"{e.Key}={e.Value.Value}"));
}
