using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>Two nodes, each with its own connection and memory, that share one server.</summary>
public sealed class FleetTests
{
    private FakeTimeProvider _time = null!;

    [SetUp]
    public void Begin() => _time = new();

    [Test]
    public async Task Insert_OnOneNode_IsSeenByTheOther()
    {
        await using Node<string> a = await JoinAsync();
        await using Node<string> b = await JoinAsync();

        await a.Cache.InsertAsync("k", "v");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((await b.Cache.GetAsync("k"))?.Value, Is.EqualTo("v"));
            Assert.That(await b.Cache.ContainsAsync("k"), Is.True);
            Assert.That(await b.Cache.ContainsAsync("other"), Is.False);
        }
    }

    [Test]
    public async Task Insert_OverAnOlderValue_IsSeenByTheOtherOnceItsMemoryCopyRanOut()
    {
        await using Node<string> a = await JoinAsync();
        await using Node<string> b = await JoinAsync();
        await a.Cache.InsertAsync("k", "old");
        await b.Cache.GetAsync("k");

        await a.Cache.InsertAsync("k", "new");
        CacheEntry<string>? soon = await b.Cache.GetAsync("k");
        _time.Advance(TimeSpan.FromSeconds(31));
        CacheEntry<string>? later = await b.Cache.GetAsync("k");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(soon?.Value, Is.EqualTo("old"), "nodes do not tell each other: a memory copy lives on");
            Assert.That(later?.Value, Is.EqualTo("new"));
        }
    }

    [Test]
    public async Task Invalidate_OnOneNode_IsSeenByTheOtherOnceItsMemoryCopyRanOut()
    {
        await using Node<string> a = await JoinAsync();
        await using Node<string> b = await JoinAsync();
        await a.Cache.InsertAsync("k", "v");
        await a.Cache.InsertAsync("kept", "v");
        await b.Cache.GetAsync("k");

        await a.Cache.InvalidateAsync("k");
        _time.Advance(TimeSpan.FromSeconds(31));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await a.Cache.GetAsync("k"), Is.Null);
            Assert.That(await b.Cache.GetAsync("k"), Is.Null);
            Assert.That((await b.Cache.GetAsync("kept"))?.Value, Is.EqualTo("v"));
        }
    }

    [Test]
    public async Task Clear_OnOneNode_IsSeenByTheOtherAtItsNextLookAtTheGeneration()
    {
        await using Node<string> a = await JoinAsync();
        await using Node<string> b = await JoinAsync(static o => o with { MemoryLife = null });
        await a.Cache.InsertAsync("k", "v");
        await b.Cache.GetAsync("k");

        await a.Cache.ClearAsync();
        CacheEntry<string>? onA = await a.Cache.GetAsync("k");
        _time.Advance(TimeSpan.FromSeconds(9.999));
        CacheEntry<string>? soon = await b.Cache.GetAsync("k");
        _time.Advance(TimeSpan.FromSeconds(0.001));
        CacheEntry<string>? later = await b.Cache.GetAsync("k");
        await b.Cache.InsertAsync("k", "new");
        CacheEntry<string>? together = await a.Cache.GetAsync("k");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(onA, Is.Null);
            Assert.That(soon?.Value, Is.EqualTo("v"), "the other node has not looked yet");
            Assert.That(later, Is.Null);
            Assert.That(together?.Value, Is.EqualTo("new"), "both are of one generation again");
        }
    }

    [Test]
    public async Task Clear_GenerationCheckZero_IsSeenByTheOtherAtOnce()
    {
        await using Node<string> a = await JoinAsync();
        await using Node<string> b = await JoinAsync(static o => o with { MemoryLife = null, GenerationCheck = TimeSpan.Zero });
        await a.Cache.InsertAsync("k", "v");
        bool before = await b.Cache.ContainsAsync("k");

        await a.Cache.ClearAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(before, Is.True);
            Assert.That(await b.Cache.GetAsync("k"), Is.Null);
        }
    }

    [Test]
    public async Task Clear_OtherCacheInTheSameServer_IsLeftAlone()
    {
        await using Node<string> mine = await JoinAsync(static o => o with { KeyPrefix = $"{o.KeyPrefix}mine:" });
        await using Node<string> yours = await JoinAsync(static o => o with { KeyPrefix = $"{o.KeyPrefix}yours:", MemoryLife = null });
        await mine.Cache.InsertAsync("k", "mine");
        await yours.Cache.InsertAsync("k", "yours");

        await mine.Cache.ClearAsync();
        _time.Advance(TimeSpan.FromMinutes(1));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await mine.Cache.GetAsync("k"), Is.Null);
            Assert.That((await yours.Cache.GetAsync("k"))?.Value, Is.EqualTo("yours"));
        }
    }

    [Test]
    public async Task Get_AfterARestartOfTheProcess_FindsWhatTheOneBeforeItStored()
    {
        IReadOnlyList<string> before;
        await using (Node<string> first = await JoinAsync())
        {
            await first.Cache.InsertAsync("k", "v");
            before = first.KeysFrom(Prefix);
        }

        await using Node<string> second = await JoinAsync();
        CacheEntry<string>? entry = await second.Cache.GetAsync("k");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(entry?.Value, Is.EqualTo("v"));
            Assert.That(second.KeysFrom(Prefix), Is.EqualTo(before), "the generation is the one that was there");
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Get_GenerationLostOrDamaged_CountsAsAClear(bool lost)
    {
        await using Node<string> first = await JoinAsync();
        await first.Cache.InsertAsync("k", "v");
        string generation = $"{Prefix}~generation";
        if (lost) await first.Database.KeyDeleteAsync(generation);
        else await first.Database.HashSetAsync(generation, "data", "damaged");

        await using Node<string> second = await JoinAsync();
        CacheEntry<string>? entry = await second.Cache.GetAsync("k");
        await second.Cache.InsertAsync("k", "new");
        _time.Advance(TimeSpan.FromMinutes(1));
        CacheEntry<string>? onFirst = await first.Cache.GetAsync("k");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(entry, Is.Null);
            Assert.That(onFirst?.Value, Is.EqualTo("new"));
        }
    }

    [Test]
    public async Task GetOrInsert_BothNodesAtOnce_EachLoadsForItselfAndBothAgreeAfterwards()
    {
        await using Node<string> a = await JoinAsync();
        await using Node<string> b = await JoinAsync();
        await a.Cache.InsertAsync("warm", "up"); // One generation for both.

        string[] values = await Task.WhenAll(
            a.Cache.GetOrInsertAsync("k", static (_, _) => new("v")).AsTask(), b.Cache.GetOrInsertAsync("k", static (_, _) => new("v")).AsTask());
        _time.Advance(TimeSpan.FromSeconds(31));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(values, Is.All.EqualTo("v"));
            Assert.That((await a.Cache.GetAsync("k"))?.Value, Is.EqualTo("v"));
            Assert.That((await b.Cache.GetAsync("k"))?.Value, Is.EqualTo("v"));
        }
    }

    private static string Prefix => $"{TestContext.CurrentContext.Test.ID}:";

    private Task<Node<string>> JoinAsync(Func<NodeOptions, NodeOptions>? configure = null)
    {
        var options = new NodeOptions("fleet", _time) { KeyPrefix = Prefix };
        return Node<string>.JoinAsync(configure is null ? options : configure(options));
    }
}
