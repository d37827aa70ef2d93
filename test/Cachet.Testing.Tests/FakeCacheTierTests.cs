using Cachet;

namespace CachetTests;

public class FakeCacheTierTests
{
    private static readonly CacheEntry<int> _entry = new(1);

    [Test]
    public async Task Members_NothingArranged_AreThoseOfATier()
    {
        var tier = new FakeCacheTier<string, int>();

        Assert.That(await tier.GetAsync("k", default), Is.Null);
        Assert.That(await tier.InsertAsync("k", _entry, default), Is.EqualTo(InsertOutcome.Accepted));
        Assert.That(await tier.GetAsync("k", default), Is.SameAs(_entry));
        Assert.That(await tier.CountAsync(default), Is.EqualTo(1));
        await tier.InvalidateAsync("k", default);
        Assert.That(tier.Entries, Is.Empty);
        await tier.InvalidateAsync("absent", default);
        await tier.InsertAsync("a", _entry, default);
        await tier.InsertAsync("b", _entry, default);
        await tier.ClearAsync(default);
        Assert.That(tier.Entries, Is.Empty);
    }

    [Test]
    public void Members_NothingInTheWay_CompleteSynchronously()
    {
        var tier = new FakeCacheTier<string, int>();

        Assert.That(tier.GetAsync("k", default).IsCompletedSuccessfully, Is.True);
        Assert.That(tier.InsertAsync("k", _entry, default).IsCompletedSuccessfully, Is.True);
        Assert.That(tier.InvalidateAsync("k", default).IsCompletedSuccessfully, Is.True);
        Assert.That(tier.ClearAsync(default).IsCompletedSuccessfully, Is.True);
    }

    [Test]
    public void Constructor_Entries_AreCopiedAndNoCalls()
    {
        var source = new Dictionary<string, CacheEntry<int>> { ["k"] = _entry };

        var tier = new FakeCacheTier<string, int>(source);
        source.Clear();

        Assert.That(tier.Entries["k"], Is.SameAs(_entry));
        Assert.That(tier.Calls, Is.Empty);
    }

    [Test]
    public void Constructor_Null_Throws() =>
        Assert.That(
            static () => new FakeCacheTier<string, int>((IEnumerable<KeyValuePair<string, CacheEntry<int>>>)null!),
            Throws.ArgumentNullException.With.Property("ParamName").EqualTo("entries"));

    [Test]
    public void Initializer_ValuesAndEntries_AreThereAndEnumerated()
    {
        var stamped = new CacheEntry<int>(3, DateTimeOffset.UnixEpoch, TimeSpan.FromMinutes(1));

        var tier = new FakeCacheTier<string, int> { { "a", 1 }, { "b", 2 }, { "b", stamped } };

        Assert.That(tier.Select(static e => (e.Key, e.Value.Value)), Is.EquivalentTo(new[] { ("a", 1), ("b", 3) }));
        Assert.That(((System.Collections.IEnumerable)tier).Cast<object>().Count(), Is.EqualTo(2));
        Assert.That(tier.Entries["b"], Is.SameAs(stamped));
        Assert.That(tier.Entries["a"].CachedAt, Is.Null);
    }

    [Test]
    public void Add_NoEntry_Throws() =>
        Assert.That(
            static () => new FakeCacheTier<string, int>().Add("k", null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("entry"));

    [Test]
    public async Task Calls_EachOperation_HasOperationKeyAndEntry()
    {
        var tier = new FakeCacheTier<string, int>();

        await tier.GetAsync("a", default);
        await tier.InsertAsync("b", _entry, default);
        await tier.InvalidateAsync("c", default);
        await tier.ClearAsync(default);
        await tier.CountAsync(default);

        Assert.That(tier.Calls, Is.EqualTo(new CacheTierCall<string, int>[]
        {
            new() { Operation = CacheOperation.Get, Key = "a" },
            new() { Operation = CacheOperation.Insert, Key = "b", Entry = _entry },
            new() { Operation = CacheOperation.Invalidate, Key = "c" },
            new() { Operation = CacheOperation.Clear },
        }));
        Assert.That(tier.CallLines, Is.EqualTo(new[] { "get a", "insert b", "invalidate c", "clear" }));
    }

    [Test]
    public async Task Calls_Overlapping_AreInTheOrderInWhichTheyBegan()
    {
        var tier = new FakeCacheTier<string, int>();
        Gate gate = tier.Hold(CacheOperation.Get);

        Task first = tier.GetAsync("first", default).AsTask();
        await tier.GetAsync("second", default);
        gate.Open();
        await first;

        Assert.That(tier.CallLines, Is.EqualTo(new[] { "get first", "get second" }));
    }

    [Test]
    public async Task Calls_Taken_AreASnapshot()
    {
        var tier = new FakeCacheTier<string, int>();
        await tier.GetAsync("k", default);
        IReadOnlyList<CacheTierCall<string, int>> before = tier.Calls;

        await tier.GetAsync("k", default);
        tier.ClearCalls();

        Assert.That(before, Has.Count.EqualTo(1));
        Assert.That(tier.Calls, Is.Empty);
        Assert.That(tier.Count(CacheOperation.Get), Is.Zero);
    }

    [Test]
    public async Task Count_ByOperation_CountsThatOneOnly()
    {
        var tier = new FakeCacheTier<string, int>();
        await tier.GetAsync("a", default);
        await tier.GetAsync("b", default);
        await tier.InsertAsync("a", _entry, default);

        Assert.That(tier.Count(CacheOperation.Get), Is.EqualTo(2));
        Assert.That(tier.Count(CacheOperation.Insert), Is.EqualTo(1));
        Assert.That(tier.Count(CacheOperation.Clear), Is.Zero);
    }

    [TestCase(CacheOperation.GetOrInsert)]
    [TestCase(CacheOperation.Refresh)]
    [TestCase(CacheOperation.Evict)]
    [TestCase((CacheOperation)99)]
    public void Count_NoOperationOfATier_Throws(CacheOperation operation) =>
        Assert.That(
            () => new FakeCacheTier<string, int>().Count(operation),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("operation"));

    [Test]
    public void Call_ToString_SaysNeitherKeyNorValue()
    {
        var call = new CacheTierCall<string, string> { Operation = CacheOperation.Insert, Key = "a key", Entry = new("a value") };

        Assert.That(call.ToString(), Is.EqualTo("insert"));
    }

    [Test]
    public async Task InsertAnswer_Rejected_DropsWhatWasThere()
    {
        var tier = new FakeCacheTier<string, int> { { "k", 1 }, { "other", 1 } };
        tier.InsertAnswer = static call => call.Entry!.Value > 10 ? InsertOutcome.Rejected : InsertOutcome.Accepted;

        Assert.That(await tier.InsertAsync("k", new(11), default), Is.EqualTo(InsertOutcome.Rejected));
        Assert.That(tier.Entries.Keys, Is.EqualTo(new[] { "other" }));
        Assert.That(await tier.InsertAsync("k", new(10), default), Is.EqualTo(InsertOutcome.Accepted));
        Assert.That(tier.Entries["k"].Value, Is.EqualTo(10));
    }

    [Test]
    public async Task BeforeAndAfter_EachCall_AreAwaitedAroundTheEntries()
    {
        using var source = new CancellationTokenSource();
        var tier = new FakeCacheTier<string, int>();
        List<string> seen = [];
        tier.Before = async (call, token) =>
        {
            await Task.Yield();
            seen.Add($"before {call} {tier.Entries.Count} {token == source.Token}");
        };
        tier.After = async (call, token) =>
        {
            await Task.Yield();
            seen.Add($"after {call} {tier.Entries.Count} {token == source.Token}");
        };

        await tier.InsertAsync("k", _entry, source.Token);
        await tier.ClearAsync(source.Token);

        Assert.That(seen, Is.EqualTo(new[] { "before insert 0 True", "after insert 1 True", "before clear 1 True", "after clear 0 True" }));
    }

    [Test]
    public async Task Share_AnotherTier_HasTheSameEntriesAndNothingElse()
    {
        var one = new FakeCacheTier<string, int> { { "there", 1 } };
        one.FailWhen(static call => call.Operation == CacheOperation.Clear);
        one.HoldWhen(static _ => true);
        one.InsertAnswer = static _ => InsertOutcome.Rejected;

        FakeCacheTier<string, int> other = one.Share();
        await other.InsertAsync("new", _entry, default);

        Assert.That(one.Entries.Keys, Is.EquivalentTo(new[] { "there", "new" }));
        Assert.That(one.Calls, Is.Empty);
        await other.ClearAsync(default);
        Assert.That(one.Entries, Is.Empty);
    }

    [Test]
    public async Task Share_InTwoCaches_OneFindsWhatTheOtherStored()
    {
        var store = new FakeCacheTier<string, int>();
        await using ICache<string, int> here = Cache.Builder<string, int>("c").Memory().Tier(store).Build();
        await using ICache<string, int> there = Cache.Builder<string, int>("c").Memory().Tier(store.Share()).Build();

        await here.InsertAsync("k", 1);

        Assert.That((await there.GetAsync("k"))?.Value, Is.EqualTo(1));
        Assert.That(store.CallLines, Is.EqualTo(new[] { "insert k" }));
    }

    [Test]
    public async Task CountAsync_Overridden_IsWhatTheCacheAnswers()
    {
        await using ICache<string, int> cache = Cache.Builder<string, int>("c").Tier(new Uncounted()).Build();

        Assert.That(await cache.CountAsync(), Is.Null);
    }

    [Test]
    public async Task Calls_FromManyThreads_AreAllRecordedInEachThreadsOrder()
    {
        const int Threads = 8, Each = 2_000;
        var tier = new FakeCacheTier<int, int>();
        using var done = new CancellationTokenSource();
        Task reading = Task.Run(() =>
        {
            int last = 0;
            while (!done.IsCancellationRequested)
            {
                int now = tier.Calls.Count;
                if (now < last) throw new InvalidOperationException("A call got lost.");
                last = now;
            }
        });

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(async () =>
        {
            for (int i = 0; i < Each; i++) await tier.InsertAsync((thread * Each) + i, _entry, default);
        })));
        await done.CancelAsync();
        await reading;

        Assert.That(tier.Count(CacheOperation.Insert), Is.EqualTo(Threads * Each));
        Assert.That(tier.Entries, Has.Count.EqualTo(Threads * Each));
        foreach (IGrouping<int, int> thread in tier.Calls.Select(static c => c.Key).GroupBy(static k => k / Each))
        {
            Assert.That(thread, Is.Ordered);
        }
    }

    private sealed class Uncounted : FakeCacheTier<string, int>
    {
        public override ValueTask<long?> CountAsync(CancellationToken cancellationToken) => default;
    }
}
