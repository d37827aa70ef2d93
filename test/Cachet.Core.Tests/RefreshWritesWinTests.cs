using Cachet;

namespace CachetTests;

/// <summary>A refresh that overlaps a write of its key leaves its value in no tier, wherever the write catches it.</summary>
public class RefreshWritesWinTests
{
    private static readonly TimeSpan _age = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Refresh_OverlapsAWrite_LeavesNothingBehind(
        [Values("fallback read", "load", "promotion", "promotion stored", "fill", "fill stored")] string at, [Values("insert", "invalidate", "clear")] string write, [Values] bool stampedeProtection)
    {
        var rig = new Rig(
            more: b => b.StampedeProtection(stampedeProtection),
            options: static (tier, o) =>
            {
                if (tier == 0) o.TimeToRefresh = _age;
            });
        await rig.Cache.InsertAsync("k", "old");
        rig.Clock.Advance(_age);
        bool loads = at is "load" or "fill" or "fill stored";
        if (!loads) rig.L2.Entries["k"] = new("refreshed", Rig.Start + _age);
        var loading = new Gate();
        Gate gate = at switch
        {
            "fallback read" => rig.L2.Hold(CacheOperation.Get, after: true, cancellable: false),
            "load" => loading,
            _ => rig.L1.Hold(CacheOperation.Insert, after: at.EndsWith("stored", StringComparison.Ordinal), cancellable: false),
        };

        if (loads) await rig.Cache.GetOrInsertAsync("k", LoadAsync);
        else await rig.Cache.GetAsync("k");
        await gate.Reached;
        await (write switch
        {
            "insert" => rig.Cache.InsertAsync("k", "written").AsTask(),
            "invalidate" => rig.Cache.InvalidateAsync("k").AsTask(),
            _ => rig.Cache.ClearAsync().AsTask(),
        });
        gate.Open();
        await rig.RefreshedAsync();
        await rig.QuietAsync();

        // After an overlap in the middle of a tier's write a tier may hold nothing; never the loser.
        Assert.That(rig.Contents("k"), Is.AnyOf(write == "insert" ? ["written written", "- -"] : ["- -"]));

        async ValueTask<string?> LoadAsync(string key, CancellationToken cancellationToken)
        {
            if (at == "load") await loading.PassAsync(cancellationToken);
            return "refreshed";
        }
    }

    [Test]
    public async Task Refresh_BeganWhileAWriteWasUnderWay_LeavesNothingBehind(
        [Values] Write write, [Values] bool loads, [Values] bool stampedeProtection, [Values] bool writeEndsFirst)
    {
        var rig = new Rig(
            more: b => b.StampedeProtection(stampedeProtection),
            options: static (tier, o) =>
            {
                if (tier == 0) o.TimeToRefresh = _age;
            });
        if (!loads) rig.L2.Entries["k"] = new("refreshed", Rig.Start + _age);
        rig.Clock.Advance(_age);
        Gate writing = rig.L2.Hold(Enum.Parse<CacheOperation>($"{write}"));

        Task written = write switch
        {
            Write.Insert => rig.Cache.InsertAsync("k", "written").AsTask(),
            Write.Invalidate => rig.Cache.InvalidateAsync("k").AsTask(),
            _ => rig.Cache.ClearAsync().AsTask(),
        };
        await writing.Reached;
        rig.L1.Entries["k"] = new("due", Rig.Start); // As if the write had not come to the first tier yet.
        Gate reading = rig.L2.Hold(CacheOperation.Get, after: true);
        await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("refreshed"));
        await reading.Reached;
        if (writeEndsFirst)
        {
            writing.Open();
            await written;
        }

        reading.Open();
        await rig.RefreshedAsync();
        await rig.QuietAsync();
        writing.Open();
        await written;

        Assert.That(rig.Contents("k").Split(' '), Has.None.EqualTo("refreshed"));
    }
}
