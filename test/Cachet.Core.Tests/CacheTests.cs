using Cachet;

namespace CachetTests;

/// <summary>What an application sees of the operations, over a memory tier.</summary>
public class CacheTests
{
    private ICache<string, string?> _cache = null!;

    [SetUp]
    public void Build() => _cache = Cache.Builder<string, string?>("c").Memory().Build();

    [TearDown]
    public async Task Dispose() => await _cache.DisposeAsync();

    [Test]
    public async Task GetAsync_NothingInserted_IsNull() => Assert.That(await _cache.GetAsync("k"), Is.Null);

    [Test]
    public async Task GetAsync_Inserted_IsTheEntry()
    {
        Assert.That(await _cache.InsertAsync("k", "v"), Is.EqualTo(InsertOutcome.Accepted));

        Assert.That((await _cache.GetAsync("k"))!.Value, Is.EqualTo("v"));
    }

    [Test]
    public async Task GetAsync_TwiceTheSameKey_HandsOutTheStoredObject()
    {
        await _cache.InsertAsync("k", "v");

        CacheEntry<string?>? first = await _cache.GetAsync("k");
        CacheEntry<string?>? second = await _cache.GetAsync("k");

        Assert.That(first, Is.Not.Null);
        Assert.That(second, Is.SameAs(first));
    }

    [Test]
    public async Task InsertAsync_Null_IsCachedAndNotAMiss()
    {
        await _cache.InsertAsync("k", null);

        CacheEntry<string?>? found = await _cache.GetAsync("k");

        Assert.That(found, Is.Not.Null);
        Assert.That(found!.Value, Is.Null);
    }

    [Test]
    public async Task InsertAsync_Twice_KeepsTheLast()
    {
        await _cache.InsertAsync("k", "old");
        await _cache.InsertAsync("k", "new");

        Assert.That((await _cache.GetAsync("k"))!.Value, Is.EqualTo("new"));
    }

    [Test]
    public async Task GetOrInsertAsync_Miss_LoadsStoresAndReturns()
    {
        string? loaded = await _cache.GetOrInsertAsync("k", static (key, _) => new ValueTask<string?>("loaded " + key));

        Assert.That(loaded, Is.EqualTo("loaded k"));
        Assert.That((await _cache.GetAsync("k"))!.Value, Is.EqualTo("loaded k"));
    }

    [Test]
    public async Task GetOrInsertAsync_Hit_DoesNotLoad()
    {
        await _cache.InsertAsync("k", "v");

        Assert.That(await _cache.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException("loaded")), Is.EqualTo("v"));
    }

    [Test]
    public async Task GetOrInsertAsync_WithState_HandsKeyStateAndTokenToTheLoader()
    {
        string? loaded = await _cache.GetOrInsertAsync("k", 7, static (key, state, _) => new ValueTask<string?>($"{key}{state}"));

        Assert.That(loaded, Is.EqualTo("k7"));
    }

    [Test]
    public async Task GetOrInsertAsync_LoaderGivesNull_CachesNull()
    {
        string? first = await _cache.GetOrInsertAsync("k", static (_, _) => new ValueTask<string?>((string?)null));
        string? second = await _cache.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException("loaded"));

        Assert.That(first, Is.Null);
        Assert.That(second, Is.Null);
    }

    [Test]
    public async Task GetOrInsertEntryAsync_LoaderGivesNothing_CachesNothing()
    {
        CacheEntry<string?>? found = await _cache.GetOrInsertEntryAsync("k", static (_, _) => default);

        Assert.That(found, Is.Null);
        Assert.That(await _cache.ContainsAsync("k"), Is.False);
    }

    [Test]
    public async Task GetOrInsertEntryAsync_LoaderChoosesALife_IsKept()
    {
        CacheEntry<string?>? found = await _cache.GetOrInsertEntryAsync(
            "k", TimeSpan.FromMinutes(3), static (_, life, _) => new(CacheEntry.Create<string?>("v", timeToLive: life)));

        Assert.That(found!.TimeToLive, Is.EqualTo(TimeSpan.FromMinutes(3)));
        Assert.That((await _cache.GetAsync("k"))!.TimeToLive, Is.EqualTo(TimeSpan.FromMinutes(3)));
    }

    [Test]
    public async Task GetOrInsertEntryAsync_Hit_ReturnsTheEntryWithoutLoading()
    {
        await _cache.InsertAsync("k", "v");

        CacheEntry<string?>? found = await _cache.GetOrInsertEntryAsync("k", static (_, _) => throw new InvalidOperationException("loaded"));
        CacheEntry<string?>? withState = await _cache.GetOrInsertEntryAsync("k", 1, static (_, _, _) => throw new InvalidOperationException("loaded"));

        Assert.That(found!.Value, Is.EqualTo("v"));
        Assert.That(withState, Is.SameAs(found));
    }

    [Test]
    public async Task InvalidateAsync_Cached_DropsTheKeyAlone()
    {
        await _cache.InsertAsync("k", "v");
        await _cache.InsertAsync("other", "v");

        await _cache.InvalidateAsync("k");

        Assert.That(await _cache.GetAsync("k"), Is.Null);
        Assert.That(await _cache.GetAsync("other"), Is.Not.Null);
    }

    [Test]
    public async Task InvalidateAsync_Absent_IsNoError() =>
        Assert.That(await _cache.InvalidateAsync("absent").FaultAsync(), Is.Null);

    [Test]
    public async Task ContainsAsync_AgreesWithGet()
    {
        Assert.That(await _cache.ContainsAsync("k"), Is.False);
        await _cache.InsertAsync("k", null);
        Assert.That(await _cache.ContainsAsync("k"), Is.True);
        await _cache.InvalidateAsync("k");
        Assert.That(await _cache.ContainsAsync("k"), Is.False);
    }

    [Test]
    public async Task ClearAsync_Cached_DropsEveryKey()
    {
        for (int i = 0; i < 10; i++) await _cache.InsertAsync($"k{i}", "v");

        await _cache.ClearAsync();

        Assert.That(await _cache.CountAsync(), Is.Zero);
        Assert.That(await _cache.GetAsync("k3"), Is.Null);
    }

    [Test]
    public async Task CountAsync_Inserts_AreCounted()
    {
        Assert.That(await _cache.CountAsync(), Is.Zero);
        await _cache.InsertAsync("a", "v");
        await _cache.InsertAsync("b", "v");
        Assert.That(await _cache.CountAsync(), Is.EqualTo(2));
    }

    [Test]
    public async Task CountAsync_PrimaryCannotTell_IsNull()
    {
        await using ICache<string, string?> cache = Cache.Builder<string, string?>("c").Tier(new BareTier()).Build();

        Assert.That(await cache.CountAsync(), Is.Null);
    }

    [Test]
    public async Task CountAsync_SeveralTiers_IsThePrimarys()
    {
        var rig = new Rig();
        rig.L2.Entries["only in l2"] = new("v");

        Assert.That(await rig.Cache.CountAsync(), Is.Zero);
    }

    [Test]
    public void Operations_NullKey_ThrowAtTheCall()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => { _ = _cache.GetAsync(null!); }, Throws.ArgumentNullException);
            Assert.That(() => { _ = _cache.InsertAsync(null!, "v"); }, Throws.ArgumentNullException);
            Assert.That(() => { _ = _cache.InsertEntryAsync(null!, new("v")); }, Throws.ArgumentNullException);
            Assert.That(() => { _ = _cache.InvalidateAsync(null!); }, Throws.ArgumentNullException);
            Assert.That(() => { _ = _cache.ContainsAsync(null!); }, Throws.ArgumentNullException);
            Assert.That(() => { _ = _cache.GetOrInsertAsync(null!, static (_, _) => default); }, Throws.ArgumentNullException);
            Assert.That(() => { _ = _cache.GetOrInsertAsync(null!, 1, static (_, _, _) => default); }, Throws.ArgumentNullException);
            Assert.That(() => { _ = _cache.GetOrInsertEntryAsync(null!, static (_, _) => default); }, Throws.ArgumentNullException);
            Assert.That(() => { _ = _cache.GetOrInsertEntryAsync(null!, 1, static (_, _, _) => default); }, Throws.ArgumentNullException);
        }
    }

    [Test]
    public void Operations_NullEntryOrLoader_ThrowAtTheCall()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                () => { _ = _cache.InsertEntryAsync("k", null!); }, Throws.ArgumentNullException.With.Property("ParamName").EqualTo("entry"));
            Assert.That(
                () => { _ = _cache.GetOrInsertAsync("k", null!); }, Throws.ArgumentNullException.With.Property("ParamName").EqualTo("loader"));
            Assert.That(() => { _ = _cache.GetOrInsertEntryAsync("k", null!); }, Throws.ArgumentNullException);
        }
    }

    [Test]
    public async Task Operations_CancelledBeforehand_AreCancelledAndWriteNothing()
    {
        var cancelled = new CancellationToken(true);
        var rig = new Rig();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await rig.Cache.GetAsync("k", cancelled).FaultAsync(), Is.InstanceOf<OperationCanceledException>());
            Assert.That(await rig.Cache.ContainsAsync("k", cancelled).FaultAsync(), Is.InstanceOf<OperationCanceledException>());
            Assert.That(await rig.Cache.InsertAsync("k", "v", cancelled).FaultAsync(), Is.InstanceOf<OperationCanceledException>());
            Assert.That(await rig.Cache.InvalidateAsync("k", cancelled).FaultAsync(), Is.InstanceOf<OperationCanceledException>());
            Assert.That(await rig.Cache.ClearAsync(cancelled).FaultAsync(), Is.InstanceOf<OperationCanceledException>());
            Assert.That(
                await rig.Cache.GetOrInsertAsync("k", static (_, _) => new("v"), cancelled).FaultAsync(), Is.InstanceOf<OperationCanceledException>());
            Assert.That(rig.L1.Calls.Concat(rig.L2.Calls), Is.Empty);
        }
    }

    [Test]
    public async Task Operations_AfterDispose_ThrowObjectDisposed()
    {
        await _cache.DisposeAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => { _ = _cache.GetAsync("k"); }, Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => { _ = _cache.ContainsAsync("k"); }, Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => { _ = _cache.InsertAsync("k", "v"); }, Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => { _ = _cache.InvalidateAsync("k"); }, Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => { _ = _cache.ClearAsync(); }, Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => { _ = _cache.CountAsync(); }, Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => { _ = _cache.GetOrInsertAsync("k", static (_, _) => default); }, Throws.InstanceOf<ObjectDisposedException>());
        }
    }

    [Test]
    public async Task DisposeAsync_Twice_IsNoError()
    {
        await _cache.DisposeAsync();

        Assert.That(await _cache.DisposeAsync().FaultAsync(), Is.Null);
    }

    [Test]
    public async Task DisposeAsync_StoreHandedIn_IsNotDisposed()
    {
        using var store = new FakeStore();
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Memory().Distributed(store).Build();

        await cache.DisposeAsync();

        Assert.That(store.Disposals, Is.Zero);
    }

    [Test]
    public async Task Values_OfAnyKind_NeedNoReferenceType()
    {
        await using ICache<Guid, (int X, double Y)> cache = Cache.Builder<Guid, (int X, double Y)>("structs").Memory().Build();
        var key = Guid.NewGuid();

        (int X, double Y) loaded = await cache.GetOrInsertAsync(key, static (_, _) => new((3, 1.5)));

        Assert.That(loaded, Is.EqualTo((3, 1.5)));
        Assert.That((await cache.GetAsync(key))!.Value, Is.EqualTo((3, 1.5)));
    }

    [Test]
    public async Task GetOrInsertAsync_InterfaceAndObjectValues_Compile()
    {
        await using ICache<int, object> objects = Cache.Builder<int, object>("objects").Memory().Build();
        await using ICache<int, IEnumerable<int>> sequences = Cache.Builder<int, IEnumerable<int>>("sequences").Memory().Build();

        Assert.That(await objects.GetOrInsertAsync(1, static (_, _) => new ValueTask<object>("o")), Is.EqualTo("o"));
        Assert.That(await sequences.GetOrInsertAsync(1, static (_, _) => new ValueTask<IEnumerable<int>>(new[] { 1 })), Is.EqualTo(new[] { 1 }));
    }
}
