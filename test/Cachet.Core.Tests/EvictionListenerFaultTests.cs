using System.Collections.Concurrent;
using Cachet;

namespace CachetTests;

/// <summary>Listeners that throw, and listeners that call the cache from within.</summary>
[TestFixture(EvictionPolicy.Lru)]
[TestFixture(EvictionPolicy.TinyLfu)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class EvictionListenerFaultTests(EvictionPolicy policy)
{
    private readonly WorkQueue _work = new();
    private readonly ConcurrentQueue<string> _told = new();

    [Test]
    [NonParallelizable]
    public async Task Listener_Throws_IsReportedWithoutKeyAndValueAndTheNextIsCalled()
    {
        using var faults = new FaultListener("HandlerFault");
        Exception fault = policy == EvictionPolicy.Lru ? new TimeZoneNotFoundException("k") : new InvalidTimeZoneException("k");
        ICacheTier<string, string> tier = MemoryTiers.Of<string, string>(policy, 30, _work, (_, _, _) => throw fault, Told);
        for (int i = 0; i < 3; i++)
        {
            await tier.InsertAsync("k", new("v"), default);
            await tier.InvalidateAsync("k", default);
        }

        Assert.That(_told, Has.Count.EqualTo(3));
        string report = faults.Of(fault.GetType().Name).Single();
        Assert.That(report, Does.StartWith(typeof(EvictionListenerFaultTests).FullName!).And.EndsWith(fault.GetType().FullName!));
    }

    [Test]
    public void Listener_StaticMethod_ThatThrows_IsReportedToo() =>
        Assert.That(static () => ListenerFaults.Report(Static, new InvalidOperationException()), Throws.Nothing);

    [Test]
    public async Task Listener_CallsTheCacheItself_FindsItUnlocked()
    {
        ICacheTier<string, string> tier = null!;
        tier = MemoryTiers.Of<string, string>(policy, 30, _work, (key, value, reason) =>
        {
            Told(key, value, reason);
            if (reason != EvictionReason.Explicit) return;

            // From another thread, which would wait for ever for a lock that this one held; and from this one.
            Task.Run(async () => await tier.InsertAsync(key, new("again"), default)).GetAwaiter().GetResult();
            tier.InsertAsync(key, new("and again"), default).AsTask().GetAwaiter().GetResult();
        });
        await tier.InsertAsync("k", new("v"), default);

        await tier.InvalidateAsync("k", default);

        Assert.That(_told, Is.EqualTo(new[] { "k=v Explicit", "k=again Replaced" }));
        Assert.That((await tier.GetAsync("k", default))!.Value, Is.EqualTo("and again"));
    }

    [Test]
    public async Task Listener_CallsTheCacheWhenRoomIsMade_FindsItUnlocked()
    {
        ICacheTier<string, string> tier = null!;
        int calls = 0;
        tier = MemoryTiers.Of<string, string>(policy, 10, _work, (key, _, reason) =>
        {
            if (reason != EvictionReason.Capacity || calls++ > 0) return;
            Task.Run(async () =>
            {
                for (int i = 0; i < 200; i++) await tier.InsertAsync($"other {i}", new("v"), default);
            }).GetAwaiter().GetResult();
            tier.InsertAsync(key, new("again"), default).AsTask().GetAwaiter().GetResult();
        });

        for (int i = 0; i < 100; i++) await tier.InsertAsync($"{i}", new("v"), default);
        _work.DoAll();

        Assert.That(calls, Is.GreaterThan(100));
        Assert.That(await tier.CountAsync(default), Is.LessThanOrEqualTo(10));
    }

    private static void Static(string key, string value, EvictionReason reason)
    {
    }

    private void Told(string key, string value, EvictionReason reason) => _told.Enqueue($"{key}={value} {reason}");
}
