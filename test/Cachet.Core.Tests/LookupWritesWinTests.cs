using Cachet;

namespace CachetTests;

/// <summary>A lookup that overlaps a write of its key leaves nothing old behind, wherever the write catches it, and serves it to nobody who comes later.</summary>
public class LookupWritesWinTests
{
    [Test]
    public async Task Lookup_OverlappedByAWrite_LeavesNothingOldBehind(
        [Values(0, 1)] int tier, [Values] bool hasRead, [Values] Write write, [Values] bool protect, [Values] bool loads)
    {
        var rig = new Rig(more: b => b.StampedeProtection(protect));
        rig.L2.Entries["k"] = new("old", Rig.Start);
        Gate gate = rig.Tiers[tier].Hold(CacheOperation.Get, after: hasRead);

        Task reading = loads ? rig.Cache.GetOrInsertAsync("k", static (_, _) => new("loaded")).AsTask() : rig.Cache.GetAsync("k").AsTask();
        await gate.Reached;
        await (write switch
        {
            Write.Insert => rig.Cache.InsertAsync("k", "new").AsTask(),
            Write.Invalidate => rig.Cache.InvalidateAsync("k").AsTask(),
            _ => rig.Cache.ClearAsync().AsTask(),
        });
        CacheEntry<string?>? next = await rig.Cache.GetAsync("k").AsTask().WaitAsync(TimeSpan.FromMinutes(1));
        gate.Open();
        await reading;

        Assert.That(next?.Value, write == Write.Insert ? Is.EqualTo("new") : Is.Null);
        Assert.That(rig.Contents("k"), Is.EqualTo(write == Write.Insert ? "new new" : "- -"));
        Assert.That((rig.Flights, ((TieredCache<string, string?>)rig.Cache).Writes), Is.EqualTo((0, 0)));
    }
}
