using System.Collections.Concurrent;
using Cachet;

namespace CachetTests;

/// <summary>What instrumentations see of a background refresh, and what is refused at Build.</summary>
public class RefreshSeamTests
{
    private static readonly TimeSpan _age = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Refresh_Instrumented_BeginsWithItsTriggerAndEndsAfterItsTiers()
    {
        var a = new RecordingInstrumentation("a");
        Rig rig = await AgedAsync(a);

        await rig.Cache.GetAsync("k");
        await rig.QuietAsync();

        // The get and its refresh run side by side.
        Assert.That(a.Log.Where(static l => !l.EndsWith("get hit", StringComparison.Ordinal)).SkipWhile(static l => l != "a begin refresh after a get"), Is.EqualTo(new[]
        {
            "a begin refresh after a get", "a begin l2 get", "a begin l1 insert", "a end l1 insert inserted", "a end refresh refreshed l2",
        }));
        Assert.That(a.Parents, Does.Contain("refresh in nothing").And.Contain("l2 get in refresh"));
        Assert.That(a.Operations.Single(static o => o.Operation == CacheOperation.Refresh).TierName, Is.EqualTo("l2"));
    }

    [Test]
    public async Task Refresh_TwoInstrumentations_BeginInOrderEndInReverseAndFindTheirOwnTrigger()
    {
        var log = new ConcurrentQueue<string>();
        RecordingInstrumentation a = new("a", log), b = new("b", log);
        Rig rig = await AgedAsync(a, b);
        log.Clear();

        await rig.Cache.GetAsync("k");
        await rig.QuietAsync();

        Assert.That(log.Where(static l => l.Contains("refresh", StringComparison.Ordinal)), Is.EqualTo(new[]
        {
            "a begin refresh after a get", "b begin refresh after b get", "b end refresh refreshed l2", "a end refresh refreshed l2",
        }));
        Assert.That(b.Parents, Does.Contain("l2 get in refresh"));
    }

    [Test]
    public async Task Refresh_OfTwoInstrumentationsOneIsNotListenedTo_StaysOutOfIt()
    {
        RecordingInstrumentation a = new("a"), b = new("b") { Enabled = false };
        Rig rig = await AgedAsync(a, b);

        await rig.Cache.GetAsync("k");
        await rig.QuietAsync();

        Assert.That(a.Log, Does.Contain("a end refresh refreshed l2"));
        Assert.That(b.Log, Is.Empty);
    }

    [Test]
    public async Task Refresh_ItsTriggerWasNotRecorded_HasNoneToLinkTo()
    {
        var a = new RecordingInstrumentation("a") { None = true };
        Rig rig = await AgedAsync(a);

        await rig.Cache.GetAsync("k");
        await rig.QuietAsync();

        Assert.That(a.Log, Does.Contain("a begin refresh after nothing"));
    }

    [TestCase(0)]
    [TestCase(-1)]
    public void Build_TimeToRefreshIsNotPositive_IsRefused(int seconds) =>
        Assert.That(
            () => new Rig(options: (_, o) => o.TimeToRefresh = TimeSpan.FromSeconds(seconds)),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.StartsWith("The option TimeToRefresh of tier 'l1' of cache 'test' cannot be")
                .And.Message.Contains("give a positive time"));

    [Test]
    public void Build_TimeToRefreshIsLongerThanEntriesLive_IsRefused() =>
        Assert.That(
            () => new Rig(options: static (_, o) => (o.TimeToLive, o.TimeToRefresh) = (_age, _age + TimeSpan.FromTicks(1))),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("entries expire after 00:00:30"));

    [Test]
    public async Task Build_TimeToRefreshIsTheTimeToLive_IsAccepted()
    {
        var rig = new Rig(options: static (_, o) => (o.TimeToLive, o.TimeToRefresh) = (_age, _age));

        await rig.Cache.DisposeAsync();
    }

    [Test]
    public void MaxConcurrentRefreshes_None_IsRefused() =>
        Assert.That(
            static () => Cache.Builder<string, string>("test").MaxConcurrentRefreshes(0),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("most"));

    private static async Task<Rig> AgedAsync(params RecordingInstrumentation[] instrumentations)
    {
        var rig = new Rig(
            more: b =>
            {
                foreach (RecordingInstrumentation instrumentation in instrumentations) b.Instrumentation(instrumentation);
            },
            options: static (tier, o) =>
            {
                if (tier == 0) o.TimeToRefresh = _age;
            });
        await rig.Cache.InsertAsync("k", "old");
        rig.Clock.Advance(_age);
        rig.L2.Entries["k"] = new("new", Rig.Start + _age);
        foreach (RecordingInstrumentation instrumentation in instrumentations) instrumentation.Log.Clear();
        return rig;
    }
}
