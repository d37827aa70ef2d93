using Cachet;

namespace CachetTests;

public enum Fill
{
    Promotion,
    Load,
}

public enum Write
{
    Insert,
    Invalidate,
    Clear,
}

/// <summary>Where the fill is held while the write runs from beginning to end.</summary>
public enum Held
{
    /// <summary>It has read the old value, from a tier or by its loader, and has not begun to store it.</summary>
    BeforeItsWrite,

    /// <summary>It has begun to store the old value in the first tier, which does not have it yet.</summary>
    InItsWrite,

    /// <summary>The first tier has stored the old value, and has not answered.</summary>
    AfterItsWrite,
}

public class WritesWinTests
{
    [Test]
    public async Task Fill_OverlappedByAWrite_LeavesItsValueInNoTier(
        [Values] Fill fill, [Values] Write write, [Values] Held held, [Values] bool protect, [Values(2, 3)] int tiers)
    {
        var rig = new Rig(tiers, more: b => b.StampedeProtection(protect));
        FakeCacheTier<string, string?> last = rig.Tiers[^1];
        if (fill == Fill.Promotion) last.Entries["k"] = new("old", Rig.Start);
        Gate gate = held switch
        {
            Held.InItsWrite => rig.L1.Hold(CacheOperation.Insert),
            Held.AfterItsWrite => rig.L1.Hold(CacheOperation.Insert, after: true),
            _ => fill == Fill.Promotion ? last.Hold(CacheOperation.Get, after: true) : new(),
        };

        Task filling = fill == Fill.Promotion
            ? rig.Cache.GetAsync("k").AsTask()
            : rig.Cache.GetOrInsertAsync("k", async (_, _) =>
            {
                if (held == Held.BeforeItsWrite) await gate.PassAsync(CancellationToken.None);
                return "old";
            }).AsTask();
        await gate.Reached;
        await RunAsync(rig, write);
        gate.Open();
        await filling;

        Assert.That(rig.Contents("k").Split(' '), Has.None.EqualTo("old"));
        Assert.That((await rig.Cache.GetAsync("k"))?.Value, Is.Not.EqualTo("old"));
        Assert.That(rig.Flights, Is.Zero);
    }

    [Test]
    public async Task Fill_OverlappedInItsWriteAndTheDropFailsOnce_IsDroppedAgain([Values] bool throws)
    {
        var rig = new Rig(2, more: b => b.TierErrors(throws ? TierErrorPolicy.Throw : TierErrorPolicy.Absorb));
        Gate gate = rig.L2.Hold(CacheOperation.Insert);
        Task<string?> filling = rig.Cache.GetOrInsertAsync("k", static (_, _) => new("old")).AsTask();
        await gate.Reached;
        await rig.Cache.InsertAsync("k", "new");
        int drops = 0;
        rig.L2.FailWhen(call => call.Operation == CacheOperation.Invalidate && Interlocked.Increment(ref drops) == 1);

        gate.Open();

        Assert.That(await filling, Is.EqualTo("old"));
        Assert.That(rig.Contents("k").Split(' '), Has.None.EqualTo("old"));
        Assert.That(drops, Is.EqualTo(2));
    }

    [Test]
    public async Task Fill_OverlappedInItsWriteAndTheDropKeepsFailing_IsReportedAndUnderThrowSurfaces([Values] bool throws)
    {
        var rig = new Rig(2, more: b => b.TierErrors(throws ? TierErrorPolicy.Throw : TierErrorPolicy.Absorb));
        var error = new TimeoutException();
        Gate gate = rig.L2.Hold(CacheOperation.Insert);
        Task<string?> filling = rig.Cache.GetOrInsertAsync("k", static (_, _) => new("old")).AsTask();
        await gate.Reached;
        await rig.Cache.InsertAsync("k", "new");
        rig.L2.FailOn(CacheOperation.Invalidate, error);

        gate.Open();

        if (throws) Assert.That(async () => await filling, Throws.Exception.SameAs(error));
        else Assert.That(await filling, Is.EqualTo("old"));
        Assert.That(rig.Events.TierLines.Count(static l => l == "l2 invalidate error"), Is.EqualTo(3));
    }

    [Test]
    public async Task Fill_OverlappedAndItsWriteFails_UnderThrowTheFailureSurfaces([Values] bool throws)
    {
        var rig = new Rig(2, more: b => b.TierErrors(throws ? TierErrorPolicy.Throw : TierErrorPolicy.Absorb));
        var error = new TimeoutException();
        Gate gate = rig.L2.Hold(CacheOperation.Insert);
        Task<string?> filling = rig.Cache.GetOrInsertAsync("k", static (_, _) => new("old")).AsTask();
        await gate.Reached;
        await rig.Cache.InsertAsync("k", "new");
        rig.L2.FailOn(CacheOperation.Insert, error);

        gate.Open();

        if (throws) Assert.That(async () => await filling, Throws.Exception.SameAs(error));
        else Assert.That(await filling, Is.EqualTo("old"));
        Assert.That(rig.Contents("k").Split(' '), Has.None.EqualTo("old"));
    }

    [Test]
    public async Task Fill_OverlappedBeforeItsWrite_WritesNothing([Values] Fill fill, [Values] Write write, [Values] bool protect)
    {
        var rig = new Rig(2, more: b => b.StampedeProtection(protect));
        if (fill == Fill.Promotion) rig.L2.Entries["k"] = new("old", Rig.Start);
        Gate gate = rig.L2.Hold(CacheOperation.Get, after: true);

        Task filling = fill == Fill.Promotion
            ? rig.Cache.GetAsync("k").AsTask()
            : rig.Cache.GetOrInsertAsync("k", static (_, _) => new("old")).AsTask();
        await gate.Reached;
        await RunAsync(rig, write);
        int inserts = rig.L1.Count(CacheOperation.Insert);
        gate.Open();
        await filling;

        Assert.That(rig.L1.Count(CacheOperation.Insert), Is.EqualTo(inserts));
        Assert.That(rig.Contents("k"), Is.EqualTo(write == Write.Insert ? "new new" : "- -"));
    }

    [Test]
    public async Task Fill_WriteOfAnotherKey_IsKept([Values(Write.Insert, Write.Invalidate)] Write write)
    {
        var rig = new Rig();
        rig.L2.Entries["k"] = new("v", Rig.Start);
        Gate gate = rig.L2.Hold(CacheOperation.Get, after: true);

        Task filling = rig.Cache.GetAsync("k").AsTask();
        await gate.Reached;
        await RunAsync(rig, write, OfAnotherStripe("k"));
        gate.Open();
        await filling;

        Assert.That(rig.Contents("k"), Is.EqualTo("v v"));
    }

    [Test]
    public async Task Fill_BeganWhileAWriteWasUnderWay_LeavesItsValueInNoTier(
        [Values] Fill fill, [Values] Write write, [Values] bool protect, [Values] bool writeEndsFirst)
    {
        var rig = new Rig(2, more: b => b.StampedeProtection(protect));
        if (fill == Fill.Promotion) rig.L2.Entries["k"] = new("old", Rig.Start);
        // The write has come to l2, which still has the old value, and is through with l1.
        Gate writeGate = rig.L2.Hold(Enum.Parse<CacheOperation>($"{write}"));

        Task writing = RunAsync(rig, write);
        await writeGate.Reached;
        rig.L1.Entries.TryRemove("k", out _); // As if the first tier had dropped what the write put there.
        Gate fillGate = rig.L2.Hold(CacheOperation.Get, after: true);
        Task filling = fill == Fill.Promotion
            ? rig.Cache.GetAsync("k").AsTask()
            : rig.Cache.GetOrInsertAsync("k", static (_, _) => new("old")).AsTask();
        await fillGate.Reached;
        if (writeEndsFirst)
        {
            writeGate.Open();
            await writing;
            fillGate.Open();
            await filling;
        }
        else
        {
            fillGate.Open();
            await filling;
            writeGate.Open();
            await writing;
        }

        Assert.That(rig.Contents("k").Split(' '), Has.None.EqualTo("old"));
    }

    [Test]
    public async Task Fill_OverlappedAndThenCancelled_StillDropsTheLoser()
    {
        var rig = new Rig();
        rig.L2.Entries["k"] = new("old", Rig.Start);
        using var cancel = new CancellationTokenSource();
        Gate gate = rig.L1.Hold(CacheOperation.Insert, after: true, cancellable: false);

        Task filling = rig.Cache.GetAsync("k", cancel.Token).AsTask();
        await gate.Reached;
        await rig.Cache.InvalidateAsync("k", CancellationToken.None);
        await cancel.CancelAsync();
        Assert.That(await filling.FaultAsync(), Is.InstanceOf<OperationCanceledException>());
        gate.Open();
        await Holds.UntilAsync(() => rig.L1.Count(CacheOperation.Invalidate) == 2 && rig.Flights == 0);

        Assert.That(rig.Contents("k"), Is.EqualTo("- -"));
    }

    [Test]
    public async Task Fill_OverlappedAndItsTierFails_StillDropsTheLoser()
    {
        var rig = new Rig();
        rig.L2.Entries["k"] = new("old", Rig.Start);
        Gate gate = rig.L1.Hold(CacheOperation.Insert, after: true);
        rig.L1.After = static (call, _) => call.Operation == CacheOperation.Insert
            ? throw new TimeoutException("It has the value all the same.")
            : Task.CompletedTask;

        Task filling = rig.Cache.GetAsync("k").AsTask();
        await gate.Reached;
        await rig.Cache.InvalidateAsync("k");
        gate.Open();
        await filling;

        Assert.That(rig.Contents("k"), Is.EqualTo("- -"));
    }

    [Test]
    public async Task Fill_ReadTheLosersCopy_IsDroppedToo()
    {
        // A reader that finds the loser's value before it is dropped must not carry it into another tier.
        var rig = new Rig(3);
        rig.Tiers[2].Entries["k"] = new("old", Rig.Start);
        Gate first = rig.L2.Hold(CacheOperation.Insert, after: true); // The loser is in l2, and not yet found out.

        Task loser = rig.Cache.GetAsync("k").AsTask();
        await first.Reached;
        await rig.Cache.InvalidateAsync("k");
        rig.L2.Entries["k"] = new("old", Rig.Start); // It arrives after the invalidation.
        Gate second = rig.L2.Hold(CacheOperation.Get, after: true);
        Task reader = rig.Cache.GetAsync("k").AsTask();
        await second.Reached;
        first.Open();
        await loser;
        second.Open();
        await reader;

        Assert.That(rig.Contents("k"), Is.EqualTo("- - -"));
    }

    [Test]
    public async Task InsertAsync_Overlapping_EndWithTheSameValueInAllTiers([Values(0, 1, 2)] int held)
    {
        var rig = new Rig(3);
        Gate gate = rig.Tiers[held].Hold(CacheOperation.Insert);

        Task first = rig.Cache.InsertAsync("k", "first").AsTask();
        await gate.Reached;
        Task second = rig.Cache.InsertAsync("k", "second").AsTask();
        Task third = rig.Cache.InsertAsync("k", "third").AsTask();
        gate.Open();
        await Task.WhenAll(first, second, third);

        Assert.That(rig.Contents("k"), Is.EqualTo("third third third"));
    }

    [Test]
    public async Task InsertAsync_ManyOverlapping_EndWithTheSameValueInAllTiers([Values] bool protect)
    {
        var rig = new Rig(3, more: b => b.StampedeProtection(protect));
        foreach (FakeCacheTier<string, string?> tier in rig.Tiers)
        {
            tier.Before = static async (_, _) => await Task.Yield();
            tier.After = static async (_, _) => await Task.Yield();
        }

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => rig.Cache.InsertAsync("k", $"{i}").AsTask())));

        Assert.That(rig.Contents("k").Split(' ').Distinct().ToArray(), Has.Length.EqualTo(1).And.None.EqualTo("-"));
    }

    [Test]
    public async Task InvalidateAsync_DuringAnInsert_ComesAfterIt()
    {
        var rig = new Rig();
        Gate gate = rig.L2.Hold(CacheOperation.Insert);

        Task inserting = rig.Cache.InsertAsync("k", "v").AsTask();
        await gate.Reached;
        Task invalidating = rig.Cache.InvalidateAsync("k").AsTask();
        gate.Open();
        await Task.WhenAll(inserting, invalidating);

        Assert.That(rig.Contents("k"), Is.EqualTo("- -"));
    }

    [Test]
    public async Task InsertAsync_AnotherKeyIsHeld_DoesNotWait()
    {
        var rig = new Rig();
        Gate gate = rig.L1.Hold(CacheOperation.Insert);

        Task held = rig.Cache.InsertAsync("held", "v").AsTask();
        await gate.Reached;
        await rig.Cache.InsertAsync("free", "v").AsTask().WaitAsync(TimeSpan.FromMinutes(1));

        Assert.That(held.IsCompleted, Is.False);
        gate.Open();
        await held;
    }

    [Test]
    public async Task InsertAsync_CancelledWhileItWaitsForAnother_LeavesAtOnceAndTheNextStillComes()
    {
        var rig = new Rig();
        Gate gate = rig.L1.Hold(CacheOperation.Insert, cancellable: false);
        using var cancel = new CancellationTokenSource();

        Task first = rig.Cache.InsertAsync("k", "first").AsTask();
        await gate.Reached;
        Task second = rig.Cache.InsertAsync("k", "second", cancel.Token).AsTask();
        Task third = rig.Cache.InsertAsync("k", "third").AsTask();
        await cancel.CancelAsync();
        Assert.That(await second.FaultAsync(), Is.InstanceOf<OperationCanceledException>());
        Assert.That(first.IsCompleted, Is.False);
        gate.Open();
        await Task.WhenAll(first, third);

        Assert.That(rig.Contents("k"), Is.EqualTo("third third"));
        Assert.That(rig.L1.Count(CacheOperation.Insert), Is.EqualTo(2));
    }

    [Test]
    public async Task GetAsync_AfterAWriteCompleted_DoesNotJoinAnOlderLookup([Values] Write write, [Values] bool loads)
    {
        var rig = new Rig();
        rig.L2.Entries["k"] = new("old", Rig.Start);
        Gate gate = rig.L2.Hold(CacheOperation.Get, after: true);

        Task<CacheEntry<string?>?> older = rig.Cache.GetAsync("k").AsTask();
        await gate.Reached;
        await RunAsync(rig, write);
        string? seen = loads
            ? await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("new")).AsTask().WaitAsync(TimeSpan.FromMinutes(1))
            : (await rig.Cache.GetAsync("k").AsTask().WaitAsync(TimeSpan.FromMinutes(1)))?.Value;

        Assert.That(seen, loads || write == Write.Insert ? Is.EqualTo("new") : Is.Null);
        gate.Open();
        Assert.That((await older)?.Value, Is.EqualTo("old"), "The overlapping reader may still have the old value.");
    }

    [Test]
    public async Task GetOrInsertAsync_AfterAWriteCompleted_DoesNotJoinAnOlderLoad(
        [Values(Write.Invalidate, Write.Clear)] Write write, [Values(1, 2)] int tiers, [Values] bool synchronousPrimary)
    {
        var rig = new Rig(tiers, synchronousPrimary);
        var gate = new Gate();

        Task<string?> older = rig.Cache.GetOrInsertAsync("k", async (_, _) =>
        {
            await gate.PassAsync(CancellationToken.None);
            return "old";
        }).AsTask();
        await gate.Reached;
        await RunAsync(rig, write);
        string? seen = await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("new")).AsTask().WaitAsync(TimeSpan.FromMinutes(1));
        gate.Open();
        await older;

        Assert.That(seen, Is.EqualTo("new"));
        Assert.That(rig.Contents("k").Split(' '), Is.All.EqualTo("new"));
    }

    [Test]
    public async Task GetOrInsertAsync_AfterAFailedInvalidate_DoesNotJoinAnOlderLoad()
    {
        var rig = new Rig();
        rig.L2.FailOn(CacheOperation.Invalidate, new InvalidOperationException("down"));
        var gate = new Gate();

        Task<string?> older = rig.Cache.GetOrInsertAsync("k", async (_, _) =>
        {
            await gate.PassAsync(CancellationToken.None);
            return "old";
        }).AsTask();
        await gate.Reached;
        await rig.Cache.InvalidateAsync("k").FaultAsync();
        string? seen = await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("new")).AsTask().WaitAsync(TimeSpan.FromMinutes(1));
        gate.Open();
        await older;

        Assert.That(seen, Is.EqualTo("new"));
    }

    [Test]
    public async Task Everything_AtOnce_EndsWithEqualTiers([Values] bool protect)
    {
        // After the last insert alone, every tier must hold it, whatever overlapped before.
        var rig = new Rig(3, more: b => b.StampedeProtection(protect));
        foreach (FakeCacheTier<string, string?> tier in rig.Tiers) tier.Before = static async (_, _) => await Task.Yield();
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(async () =>
        {
            switch (i % 5)
            {
                case 0: await rig.Cache.InsertAsync("k", $"{i}"); break;
                case 1: await rig.Cache.InvalidateAsync("k"); break;
                case 2: await rig.Cache.GetAsync("k"); break;
                case 3: await rig.Cache.ClearAsync(); break;
                default: await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("loaded")); break;
            }
        })));

        await rig.Cache.InsertAsync("k", "last");

        Assert.That(rig.Contents("k"), Is.EqualTo("last last last"));
        Assert.That((await rig.Cache.GetAsync("k"))?.Value, Is.EqualTo("last"));
        Assert.That(rig.Flights, Is.Zero);
    }

    /// <summary>A key whose writes do not cost the other's fills: hash codes of strings differ from process to process.</summary>
    private static string OfAnotherStripe(string key) => Enumerable.Range(0, 100).Select(static i => $"another{i}").First(another =>
    {
        var stamps = new WriteStamps<string>();
        WriteStamp stamp = stamps.Capture(key);
        stamps.BeginWrite(another);
        return stamps.Holds(stamp);
    });

    private static async Task RunAsync(Rig rig, Write write, string key = "k")
    {
        switch (write)
        {
            case Write.Insert: await rig.Cache.InsertAsync(key, "new"); break;
            case Write.Invalidate: await rig.Cache.InvalidateAsync(key); break;
            default: await rig.Cache.ClearAsync(); break;
        }
    }
}
