using Cachet;

namespace CachetTests;

public class LoadTests
{
    private readonly Exception _error = new InvalidOperationException("no such product");

    [TestCase(true)]
    [TestCase(false)]
    public async Task GetOrInsertAsync_LoaderFails_ThrowsTheSameInstanceAndCachesNothing(bool protect)
    {
        var rig = new Rig(more: b => b.StampedeProtection(protect));

        Exception? fault = await rig.Cache.GetOrInsertAsync("k", async (_, _) =>
        {
            await Task.Yield();
            throw _error;
        }).FaultAsync();

        Assert.That(fault, Is.SameAs(_error));
        Assert.That(rig.Contents("k"), Is.EqualTo("- -"));
        Assert.That(rig.Tiers.Sum(static t => t.Count(CacheOperation.Insert)), Is.Zero);
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "get_or_insert error" }));
        Assert.That(rig.Events.OperationEvents[0].Exception, Is.SameAs(_error));
    }

    [Test]
    public async Task GetOrInsertAsync_LoaderThrowsSynchronously_ThrowsTheSameInstance()
    {
        var rig = new Rig();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await rig.Cache.GetOrInsertAsync("a", (_, _) => throw _error).FaultAsync(), Is.SameAs(_error));
            Assert.That(await rig.Cache.GetOrInsertAsync("b", _error, static (_, e, _) => throw e).FaultAsync(), Is.SameAs(_error));
            Assert.That(await rig.Cache.GetOrInsertEntryAsync("c", (_, _) => throw _error).FaultAsync(), Is.SameAs(_error));
            Assert.That(await rig.Cache.GetOrInsertEntryAsync("d", _error, static (_, e, _) => throw e).FaultAsync(), Is.SameAs(_error));
            Assert.That(rig.Flights, Is.Zero);
        }
    }

    [Test]
    public async Task GetOrInsertAsync_LoneMemoryAndLoaderThrowsSynchronously_ThrowsFromTheTask()
    {
        await using ICache<string, string?> cache = Cache.Builder<string, string?>("c").Memory().Build();

        ValueTask<string?> loading = cache.GetOrInsertAsync("k", (_, _) => throw _error);

        Assert.That(await loading.FaultAsync(), Is.SameAs(_error));
    }

    [Test]
    public async Task GetOrInsertAsync_LoaderFails_EveryCallerGetsTheSameInstance()
    {
        var rig = new Rig();
        var gate = new Gate();
        Task<Exception?>[] callers = [.. Enumerable.Range(0, 10).Select(_ => rig.Cache.GetOrInsertAsync("k", async (_, _) =>
        {
            await gate.PassAsync(CancellationToken.None);
            throw _error;
        }).FaultAsync())];

        await gate.Reached;
        gate.Open();

        Assert.That(await Task.WhenAll(callers), Is.All.SameAs(_error));
        Assert.That(rig.Flights, Is.Zero);
        Assert.That(rig.Contents("k"), Is.EqualTo("- -"));
    }

    [Test]
    public async Task GetOrInsertAsync_AfterAFailure_LoadsAgain()
    {
        var rig = new Rig();
        await rig.Cache.GetOrInsertAsync("k", (_, _) => throw _error).FaultAsync();

        Assert.That(await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v")), Is.EqualTo("v"));
    }

    [Test]
    public async Task GetOrInsertAsync_LoadersOwnCancellation_IsAnError()
    {
        var rig = new Rig();
        var timeout = new OperationCanceledException("the database's time-out");
        using var cancel = new CancellationTokenSource();

        Assert.That(await rig.Cache.GetOrInsertAsync("k", (_, _) => throw timeout, cancel.Token).FaultAsync(), Is.SameAs(timeout));
        Assert.That(rig.Events.OperationLines, Is.EqualTo(new[] { "get_or_insert error" }));
    }

    [Test]
    public async Task GetOrInsertAsync_NotProtected_LoaderGetsTheCallersToken()
    {
        var rig = new Rig(more: b => b.StampedeProtection(false));
        using var cancel = new CancellationTokenSource();
        CancellationToken seen = default;

        await rig.Cache.GetOrInsertAsync("k", (_, token) =>
        {
            seen = token;
            return new("v");
        }, cancel.Token);

        Assert.That(seen, Is.EqualTo(cancel.Token));
    }

    [Test]
    public async Task GetOrInsertAsync_LoaderUsesTheCacheForAnotherKey_Works()
    {
        var rig = new Rig();

        string? value = await rig.Cache.GetOrInsertAsync(
            "outer", async (_, token) => "outer of " + await rig.Cache.GetOrInsertAsync("inner", static (_, _) => new("inner"), token));

        Assert.That(value, Is.EqualTo("outer of inner"));
        Assert.That(rig.Contents("inner"), Is.EqualTo("inner inner"));
    }
}
