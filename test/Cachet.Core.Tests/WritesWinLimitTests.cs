using Cachet;

namespace CachetTests;

/// <summary>Where the guarantees of writes end: what docs/semantics.md says of it is so.</summary>
[CancelAfter(30_000)]
public class WritesWinLimitTests
{
    [Test]
    public async Task ClearAsync_DuringAnInsert_MayLeaveItInSomeTiers()
    {
        var rig = new Rig();
        Gate gate = rig.L1.Hold(CacheOperation.Insert);
        Task inserting = rig.Cache.InsertAsync("k", "v").AsTask();
        await gate.Reached;

        await rig.Cache.ClearAsync();
        gate.Open();
        await inserting;

        Assert.That(rig.Contents("k"), Is.EqualTo("v -"));
    }

    [Test]
    public async Task GetOrInsertAsync_OverlappedByAnInsert_ReturnsWhatItLoaded()
    {
        var rig = new Rig();
        var gate = new Gate();
        Task<string?> loading = rig.Cache.GetOrInsertAsync("k", async (_, ct) =>
        {
            await gate.PassAsync(ct);
            return "loaded";
        }).AsTask();
        await gate.Reached;

        await rig.Cache.InsertAsync("k", "inserted");
        gate.Open();

        Assert.That(await loading, Is.EqualTo("loaded"));
        Assert.That(rig.Contents("k"), Is.EqualTo("inserted inserted"));
    }

    [Test]
    public async Task Fill_WriteOfAnotherKeyOfTheSameStripe_MayBeLostAndIsNeverWrong()
    {
        var tier = new FakeCacheTier<Alike, string>();
        await using ICache<Alike, string> cache = Cache.Builder<Alike, string>("test").Tier(tier).Build();
        var gate = new Gate();
        Task<string> loading = cache.GetOrInsertAsync(new("one"), async (_, ct) =>
        {
            await gate.PassAsync(ct);
            return "1";
        }).AsTask();
        await gate.Reached;

        await cache.InsertAsync(new("two"), "2");
        gate.Open();

        Assert.That(await loading, Is.EqualTo("1"));
        Assert.That(tier.Entries.Select(static e => (e.Key.Text, e.Value.Value)), Is.EqualTo(new[] { ("two", "2") }));
    }

    [Test]
    public async Task Fill_OverlappedByAnInsertOfAnotherNode_MayOverwriteIt()
    {
        var here = new Rig(1);
        await using ICache<string, string?> there = Cache.Builder<string, string?>("test").Tier(here.L1.Share()).Build();
        var gate = new Gate();
        Task loading = here.Cache.GetOrInsertAsync("k", async (_, ct) =>
        {
            await gate.PassAsync(ct);
            return "old";
        }).AsTask();
        await gate.Reached;

        await there.InsertAsync("k", "new");
        gate.Open();
        await loading;

        Assert.That((await there.GetAsync("k"))?.Value, Is.EqualTo("old"));
    }

    /// <summary>Different keys with one hash code.</summary>
    private sealed record Alike(string Text)
    {
        public override int GetHashCode() => 1;

        public bool Equals(Alike? other) => other?.Text == Text;
    }
}
