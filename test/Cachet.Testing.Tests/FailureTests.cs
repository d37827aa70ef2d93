using Cachet;

namespace CachetTests;

/// <summary>Calls of a fake tier that fail as told.</summary>
public class FailureTests
{
    private FakeCacheTier<string, int> _tier = null!;

    [SetUp]
    public void SetUp() => _tier = new();

    [Test]
    public void FailWhen_NoException_IsAnIOExceptionWithoutTheKey()
    {
        _tier.FailWhen(static call => call.Operation == CacheOperation.Get);

        Assert.That(
            async () => await _tier.GetAsync("a key", default),
            Throws.InstanceOf<IOException>().With.Message.EqualTo("The fake tier was told to fail this get."));
    }

    [Test]
    public async Task FailWhen_EachOperation_Fails()
    {
        _tier.Add("k", 1);
        _tier.FailWhen(static _ => true);

        Assert.That(async () => await _tier.GetAsync("k", default), Throws.InstanceOf<IOException>());
        Assert.That(async () => await _tier.InsertAsync("new", new(1), default), Throws.InstanceOf<IOException>());
        Assert.That(async () => await _tier.InvalidateAsync("k", default), Throws.InstanceOf<IOException>());
        Assert.That(async () => await _tier.ClearAsync(default), Throws.InstanceOf<IOException>());

        Assert.That(_tier.Entries.Keys, Is.EqualTo(new[] { "k" }), "What fails touches nothing.");
        Assert.That(_tier.CallLines, Is.EqualTo(new[] { "get k", "insert new", "invalidate k", "clear" }), "It is recorded all the same.");
        Assert.That(await _tier.CountAsync(default), Is.EqualTo(1));
    }

    [Test]
    public async Task FailWhen_OtherCalls_Succeed()
    {
        _tier.FailWhen(static call => call.Operation == CacheOperation.Get && call.Key == "bad");

        Assert.That(await _tier.GetAsync("good", default), Is.Null);
        Assert.That(async () => await _tier.GetAsync("bad", default), Throws.InstanceOf<IOException>());
        Assert.That(await _tier.InsertAsync("bad", new(1), default), Is.EqualTo(InsertOutcome.Accepted));
    }

    [Test]
    public void FailWhen_SeveralApply_TheFirstDecides()
    {
        var first = new TimeoutException();
        _tier.FailWhen(static call => call.Operation == CacheOperation.Clear);
        _tier.FailWhen(static call => call.Key == "k", _ => first);
        _tier.FailWhen(static _ => true);

        Assert.That(async () => await _tier.GetAsync("k", default), Throws.Exception.SameAs(first));
    }

    [Test]
    public void FailWhen_Factory_GetsTheCall()
    {
        _tier.FailWhen(static _ => true, static call => new InvalidOperationException($"{call.Operation} of {call.Key}"));

        Assert.That(async () => await _tier.GetAsync("k", default), Throws.InvalidOperationException.With.Message.EqualTo("Get of k"));
    }

    [Test]
    public async Task ClearFailures_AfterFailWhen_NothingFailsAnyMore()
    {
        _tier.FailWhen(static _ => true);
        _tier.ClearFailures();

        Assert.That(await _tier.GetAsync("k", default), Is.Null);
    }

    [Test]
    public async Task FailWhen_WhileACallIsHeld_FailsThatCall()
    {
        Gate gate = _tier.Hold(CacheOperation.Insert);
        Task inserting = _tier.InsertAsync("k", new(1), default).AsTask();
        await gate.Reached;

        _tier.FailWhen(static _ => true);
        gate.Open();

        Assert.That(async () => await inserting, Throws.InstanceOf<IOException>());
        Assert.That(_tier.Entries, Is.Empty);
    }

    [Test]
    public void FailWhen_NoPredicate_Throws() =>
        Assert.That(() => _tier.FailWhen(null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("predicate"));

    [Test]
    public async Task FailWhen_InACache_IsWalkedPast()
    {
        var events = new CacheEventRecorder();
        _tier.FailWhen(static call => call.Operation == CacheOperation.Get);
        await using ICache<string, int> cache = Cache.Builder<string, int>("c").Memory().Tier(_tier).EventHandler(events).Build();

        Assert.That(await cache.GetOrInsertAsync("k", static (_, _) => new(7)), Is.EqualTo(7));

        Assert.That(
            events.TierLines, Is.EquivalentTo(new[] { "l1 get miss", "l2 get error", "l1 insert inserted", "l2 insert inserted" }));
    }
}
