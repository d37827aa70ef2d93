using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>How a clear reaches every node that shares a store.</summary>
public class GenerationTests
{
    private static readonly TimeSpan _check = TimeSpan.FromSeconds(10);

    private FakeTimeProvider _clock = null!;
    private FakeStore _store = null!;

    [SetUp]
    public void SetUp()
    {
        _clock = new(Rig.Start);
        _store = new();
    }

    [TearDown]
    public void TearDown() => _store.Dispose();

    [Test]
    public async Task ClearAsync_SameNode_IsSeenAtOnce()
    {
        ICache<string, string> cache = Node();
        await cache.InsertAsync("k", "v");

        await cache.ClearAsync();

        Assert.That(await cache.GetAsync("k"), Is.Null);
        await cache.InsertAsync("k", "new");
        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("new"));
    }

    [Test]
    public async Task ClearAsync_AnotherNode_IsSeenAfterTheGenerationCheck()
    {
        ICache<string, string> one = Node(), two = Node();
        await one.InsertAsync("k", "v");
        Assert.That(await two.GetAsync("k"), Is.Not.Null);

        await one.ClearAsync();
        _clock.Advance(_check);

        Assert.That(await two.GetAsync("k"), Is.Null);
        await one.InsertAsync("k", "new");
        Assert.That((await two.GetAsync("k"))?.Value, Is.EqualTo("new"));
    }

    [Test]
    public async Task GetAsync_FirstLookNeverEndsAndItsCallerLeaves_HoldsNobodyUp()
    {
        ICache<string, string> cache = Node();
        var gate = new Gate();
        bool held = false;
        _store.Before = call => held || !call.EndsWith("~generation", StringComparison.Ordinal) ? Task.CompletedTask : Hold();
        using var leaves = new CancellationTokenSource();

        Task first = cache.GetAsync("a", leaves.Token).AsTask();
        await gate.Reached;
        await leaves.CancelAsync();
        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());

        Assert.That(await cache.GetOrInsertAsync("b", static (_, _) => new("v")), Is.EqualTo("v"));
        gate.Open();
        Assert.That((await cache.GetAsync("b"))?.Value, Is.EqualTo("v"), "What the forsaken look saw at last is not adopted over a later one.");

        Task Hold()
        {
            held = true;
            return gate.PassAsync();
        }
    }

    [Test]
    public async Task GetAsync_LookIsOlderThanTheGenerationCheck_IsNotJoined()
    {
        ICache<string, string> cache = Node();
        var gate = new Gate();
        bool held = false;
        _store.Before = call => held || !call.EndsWith("~generation", StringComparison.Ordinal) ? Task.CompletedTask : Hold();

        Task first = cache.GetAsync("a").AsTask();
        await gate.Reached;
        _clock.Advance(_check);

        Assert.That(await cache.GetAsync("b"), Is.Null);
        gate.Open();
        await first;

        Task Hold()
        {
            held = true;
            return gate.PassAsync();
        }
    }

    [Test]
    public async Task GenerationCheck_NotDue_AsksTheStoreOnce()
    {
        ICache<string, string> cache = Node();
        await cache.GetAsync("a");
        await cache.InsertAsync("b", "v");
        _clock.Advance(_check - TimeSpan.FromTicks(1));
        await cache.GetAsync("b");

        Assert.That(_store.GenerationReads, Is.EqualTo(1));
        _clock.Advance(TimeSpan.FromTicks(1));
        await cache.GetAsync("b");
        Assert.That(_store.GenerationReads, Is.EqualTo(2));
    }

    [Test]
    public async Task GenerationCheck_Zero_SeesAClearAtOnce()
    {
        ICache<string, string> one = Node(), two = Node(TimeSpan.Zero);
        await one.InsertAsync("k", "v");
        Assert.That(await two.GetAsync("k"), Is.Not.Null);

        await one.ClearAsync();

        Assert.That(await two.GetAsync("k"), Is.Null);
    }

    [Test]
    public async Task GenerationCheck_FoundUnchanged_KeepsTheEntries()
    {
        ICache<string, string> cache = Node();
        await cache.InsertAsync("k", "v");

        _clock.Advance(_check);

        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("v"));
    }

    [TestCase("missing")]
    [TestCase("garbage")]
    [TestCase("empty")]
    [TestCase("truncated")]
    [TestCase("flipped")]
    public async Task Generation_MissingOrCorrupt_IsReplacedAndCountsAsAClear(string kind)
    {
        ICache<string, string> cache = Node();
        await cache.InsertAsync("k", "v");
        string key = _store.GenerationKey;
        byte[] good = _store.Entries[key].Bytes;
        if (kind == "missing") _store.Entries.TryRemove(key, out _);
        else _store.Put(key, kind switch { "garbage" => [1, 2, 3], "empty" => [], "truncated" => good[..^1], _ => [.. good[..^1], (byte)(good[^1] ^ 1)] });

        _clock.Advance(_check);
        Assert.That(await cache.GetAsync("k"), Is.Null);
        await cache.InsertAsync("k", "new");

        Assert.That((await Node().GetAsync("k"))?.Value, Is.EqualTo("new"), "A new node reads the same generation.");
        Assert.That(_store.Entries.Keys, Has.None.Contains(":0000000000000000:"));
    }

    [Test]
    public async Task Generation_OfTheStore_IsRandomAndNeverExpires()
    {
        await Node().InsertAsync("k", "v");
        string first = _store.EntryKey;
        Assert.That(_store.Entries[_store.GenerationKey].Options.AbsoluteExpirationRelativeToNow, Is.Null);
        Assert.That(_store.Entries[_store.GenerationKey].Options.SlidingExpiration, Is.Null);
        _store.Entries.Clear();
        await Node().InsertAsync("k", "v");

        Assert.That(_store.EntryKey, Is.Not.EqualTo(first));
    }

    [Test]
    public async Task Generation_ManyFirstCallers_ShareOneRead()
    {
        ICache<string, string> cache = Node();
        var gate = new Gate();
        _store.Before = call => call.EndsWith("~generation", StringComparison.Ordinal) ? gate.PassAsync() : Task.CompletedTask;
        Task[] callers = [.. Enumerable.Range(0, 20).Select(i => cache.GetAsync($"{i}").AsTask())];

        await gate.Reached;
        gate.Open();
        await Task.WhenAll(callers);

        Assert.That(_store.GenerationReads, Is.EqualTo(1));
        Assert.That(_store.Calls.Count(static c => c.StartsWith("set ", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task Generation_ReadFails_IsATierErrorOfAllWhoWaitedAndTheNextCallRecovers()
    {
        ICache<string, string> cache = Node();
        var gate = new Gate();
        var error = new TimeoutException("down");
        _store.Before = async call =>
        {
            if (!call.EndsWith("~generation", StringComparison.Ordinal)) return;
            await gate.PassAsync();
            throw error;
        };
        Task<Exception?>[] callers = [.. Enumerable.Range(0, 3).Select(i => cache.GetAsync($"{i}").FaultAsync())];
        await gate.Reached;
        gate.Open();
        Assert.That(await Task.WhenAll(callers), Is.All.SameAs(error));
        Assert.That(_store.GenerationReads, Is.EqualTo(1));

        _store.Before = null;

        Assert.That(await cache.InsertAsync("k", "v"), Is.EqualTo(InsertOutcome.Accepted));
        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("v"));
    }

    [Test]
    public async Task Generation_WhoWaitsForTheReadAndIsCancelled_LeavesAlone()
    {
        ICache<string, string> cache = Node();
        var gate = new Gate();
        _store.Before = call => call.EndsWith("~generation", StringComparison.Ordinal) ? gate.PassAsync() : Task.CompletedTask;
        using var cancel = new CancellationTokenSource();
        Task one = cache.InsertAsync("a", "v", cancel.Token).AsTask();
        Task two = cache.InsertAsync("b", "v").AsTask();
        await gate.Reached;

        await cancel.CancelAsync();
        Assert.That(await one.FaultAsync(), Is.InstanceOf<OperationCanceledException>());
        Assert.That(two.IsCompleted, Is.False);
        gate.Open();
        await two;

        Assert.That((await cache.GetAsync("b"))?.Value, Is.EqualTo("v"));
    }

    [Test]
    public async Task ClearAsync_StoreFails_ThrowsAndTheNextCallLooksAgain()
    {
        ICache<string, string> cache = Node();
        await cache.InsertAsync("k", "v");
        var error = new TimeoutException("down");
        _store.Fail = call => call.StartsWith("set ", StringComparison.Ordinal) ? error : null;

        Assert.That(await cache.ClearAsync().FaultAsync(), Is.SameAs(error));
        _store.Fail = static _ => null;

        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("v"), "The store did not take it.");
        Assert.That(_store.GenerationReads, Is.EqualTo(2));
    }

    [Test]
    public async Task ClearAsync_DuringAReadOfTheGeneration_IsNotUndoneByIt()
    {
        ICache<string, string> cache = Node();
        await cache.InsertAsync("k", "v");
        _clock.Advance(_check);
        var gate = new Gate();
        _store.After = call => call.EndsWith("~generation", StringComparison.Ordinal) ? gate.PassAsync() : Task.CompletedTask;
        Task<CacheEntry<string>?> getting = cache.GetAsync("k").AsTask();
        await gate.Reached; // It has read the old generation.
        _store.After = null;

        await cache.ClearAsync();
        gate.Open();
        await getting;

        Assert.That(await cache.GetAsync("k"), Is.Null);
    }

    [Test]
    public async Task ClearAsync_InsertUnderWay_ItsEntryIsLeftBehind()
    {
        ICache<string, string> cache = Node();
        await cache.GetAsync("k"); // Knows the generation.
        var gate = new Gate();
        _store.Before = call => call.StartsWith("set ", StringComparison.Ordinal) && call.EndsWith(":k", StringComparison.Ordinal) ? gate.PassAsync() : Task.CompletedTask;
        Task inserting = cache.InsertAsync("k", "v").AsTask();
        await gate.Reached;

        await cache.ClearAsync();
        gate.Open();
        await inserting;

        Assert.That(await cache.GetAsync("k"), Is.Null);
    }

    private ICache<string, string> Node(TimeSpan? check = null) => Cache.Builder<string, string>("c").Clock(_clock)
        .Distributed(_store, o =>
        {
            o.TimeToLive = TimeSpan.FromHours(1);
            if (check is { } every) o.GenerationCheck = every;
        }).Build();
}
