using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Metrics;

namespace CachetTests;

/// <summary>What is counted beside durations: running loads, entries, evictions, and the sizes of serialized entries.</summary>
public sealed class CountTests
{
    private readonly string _name = $"counted-{Guid.NewGuid():N}"; // Caches of other tests may still be alive.
    private readonly FakeTimeProvider _clock = new();
    private MetricRecorder _metrics = null!;
    private MemoryDistributedCache? _store;

    [SetUp]
    public void SetUp() => _metrics = new();

    [TearDown]
    public void TearDown() => _metrics.Dispose();

    [Test]
    public async Task LoadActive_LoadersRunning_CountsThemUntilTheyEnd()
    {
        await using ICache<string, string> cache = Memory();
        Gate a = new(), b = new();
        Task<string> first = cache.GetOrInsertAsync("a", Held(a)).AsTask(), second = cache.GetOrInsertAsync("b", Held(b)).AsTask();
        await Task.WhenAll(a.Reached, b.Reached);
        Assert.That(Exported("cache.load.active"), Is.EqualTo(["2 {load} cache.name=NAME"]));
        a.Open();
        await first;
        Assert.That(Exported("cache.load.active"), Is.EqualTo(["1 {load} cache.name=NAME"]));
        b.Open();
        await second;
        Assert.That(Exported("cache.load.active"), Is.EqualTo(["0 {load} cache.name=NAME"]));
    }

    [Test]
    public async Task LoadActive_LoaderThrowsOrIsCancelled_GoesBackToZero()
    {
        using var trace = new TraceRecorder();
        await using ICache<string, string> cache = Memory();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await cache.GetOrInsertAsync("a", static (_, _) => throw new InvalidOperationException()));
        using var cancellation = new CancellationTokenSource();
        var gate = new Gate();
        Task<string> left = cache.GetOrInsertAsync("b", Held(gate), cancellation.Token).AsTask();
        await gate.Reached;
        await cancellation.CancelAsync();
        await Assert.ThatAsync(async () => await left, Throws.InstanceOf<OperationCanceledException>());
        await trace.EndedAsync($"cache.load {_name}", 2); // The caller does not wait for its loader to notice.
        Assert.That(Exported("cache.load.active"), Is.EqualTo(["0 {load} cache.name=NAME"]));
    }

    [Test]
    public async Task LoadActive_LoadBegunBeforeTheProvider_IsCounted()
    {
        _metrics.Dispose();
        await using ICache<string, string> cache = Memory();
        var gate = new Gate();
        Task<string> load = cache.GetOrInsertAsync("a", Held(gate)).AsTask();
        await gate.Reached;
        _metrics = new();
        Assert.That(Exported("cache.load.active"), Is.EqualTo(["1 {load} cache.name=NAME"]));
        gate.Open();
        await load;
        Assert.That(Exported("cache.load.active"), Is.EqualTo(["0 {load} cache.name=NAME"]));
    }

    [Test]
    public async Task Entries_TiersThatCanCount_AreCountedAndTheOthersLeftOut()
    {
        await using ICache<string, string> cache = Cache.Builder<string, string>(_name)
            .Memory().Tier(new FakeSynchronousCacheTier<string, string>(), static o => o.Name = "near").Distributed(Store()).Build();
        await cache.InsertAsync("a", "1");
        await cache.InsertAsync("b", "2");
        Assert.That(Exported("cache.entries"), Is.EqualTo(["2 {entry} cache.name=NAME cache.tier.name=l1", "2 {entry} cache.name=NAME cache.tier.name=near"]));
        await cache.InvalidateAsync("a");
        Assert.That(Exported("cache.entries"), Is.EqualTo(["1 {entry} cache.name=NAME cache.tier.name=l1", "1 {entry} cache.name=NAME cache.tier.name=near"]));
    }

    [Test]
    public async Task Entries_TwoCachesOfOneName_AreSummed()
    {
        await using ICache<string, string> one = Memory(), other = Memory();
        await one.InsertAsync("a", "1");
        await other.InsertAsync("a", "1");
        await other.InsertAsync("b", "2");
        Assert.That(Exported("cache.entries"), Is.EqualTo(["3 {entry} cache.name=NAME cache.tier.name=l1"]));
    }

    [Test]
    public async Task Entries_CacheDisposed_IsCountedNoMore()
    {
        ICache<string, string> cache = Memory();
        await cache.InsertAsync("a", "1");
        Assert.That(Exported("cache.entries"), Has.Length.EqualTo(1));
        await cache.DisposeAsync();
        Assert.That(Exported("cache.entries"), Is.Empty);
        Assert.That(Exported("cache.load.active"), Is.Empty);
    }

    [Test]
    public async Task Entries_ATierThrows_TheOthersAreCountedAllTheSame()
    {
        await using ICache<string, string> bad = Cache.Builder<string, string>(_name).Tier(new Uncountable()).Build();
        await using ICache<string, string> good = Memory();
        await good.InsertAsync("a", "1");
        Assert.That(Exported("cache.entries"), Is.EqualTo(["1 {entry} cache.name=NAME cache.tier.name=l1"]));
    }

    [Test]
    public async Task Evictions_OfBothReasons_AreCountedByReason()
    {
        await using ICache<string, string> cache = Cache.Builder<string, string>(_name).Clock(_clock)
            .Memory(static o => (o.Capacity, o.TimeToLive) = (3, TimeSpan.FromMinutes(1))).Build();
        for (int i = 0; i < 10; i++) await cache.InsertAsync($"k{i}", "v");
        long held = (await cache.CountAsync())!.Value;
        _clock.Advance(TimeSpan.FromMinutes(2));
        for (int i = 0; i < 10; i++) await cache.GetAsync($"k{i}");
        Assert.That(
            Exported("cache.entry.evictions"),
            Is.EquivalentTo(
            [
                $"{10 - held} {{eviction}} cache.eviction.reason=capacity cache.name=NAME cache.tier.name=l1",
                $"{held} {{eviction}} cache.eviction.reason=expired cache.name=NAME cache.tier.name=l1",
            ]));
    }

    [Test]
    public async Task EntrySize_OfADistributedTier_IsRecordedForReadsAndWrites()
    {
        await using ICache<string, string> cache = Cache.Builder<string, string>(_name).Memory().Distributed(Store()).Build();
        await cache.InsertAsync("a", "123456"); // 36 bytes of envelope and 6 of text with its quotes
        await cache.InsertAsync("a", "123456");
        await cache.GetAsync("a");
        Assert.That(Exported("cache.entry.size"), Is.EqualTo(["2 for 88 By cache.name=NAME cache.tier.name=l2 cache.tier.operation=insert"]));
        await using ICache<string, string> elsewhere = Cache.Builder<string, string>(_name).Distributed(_store!).Build();
        await elsewhere.GetAsync("a");
        Assert.That(
            Exported("cache.entry.size"),
            Is.EqualTo(
            [
                "1 for 44 By cache.name=NAME cache.tier.name=l1 cache.tier.operation=get",
                "2 for 88 By cache.name=NAME cache.tier.name=l2 cache.tier.operation=insert",
            ]));
    }

    [Test]
    public async Task EntrySize_OnlyInstrumentWanted_IsRecorded()
    {
        _metrics.Dispose();
        _metrics = new(static b => b.AddView(static i => i.Name == "cache.entry.size" ? null : MetricStreamConfiguration.Drop));
        await using ICache<string, string> cache = Cache.Builder<string, string>(_name).Distributed(Store()).Build();
        await cache.InsertAsync("a", "123456");
        Assert.That(Exported("cache.entry.size"), Is.EqualTo(["1 for 44 By cache.name=NAME cache.tier.name=l1 cache.tier.operation=insert"]));
    }

    [Test]
    public void Counts_NoProviderAskedForThem_AreNotObserved()
    {
        _metrics.Dispose();
        List<Metric> exported = [];
        using MeterProvider provider = OpenTelemetry.Sdk.CreateMeterProviderBuilder().AddMeter("Cachet").AddInMemoryExporter(exported).Build();
        _ = Memory();
        provider.ForceFlush();
        Assert.That(exported, Is.Empty);
        _metrics = new();
    }

    private static Func<string, CancellationToken, ValueTask<string>> Held(Gate gate) => async (_, token) =>
    {
        await gate.PassAsync(token);
        return "v";
    };

    private ICache<string, string> Memory() => Cache.Builder<string, string>(_name).Memory().Build();

    private MemoryDistributedCache Store() => _store = new(Options.Create(new MemoryDistributedCacheOptions()));

    private string[] Exported(string instrument) => _metrics.Points(instrument, _name);

    private sealed class Uncountable : FakeCacheTier<string, string>, ISynchronousTier<string, string>
    {
        long? ISynchronousTier<string, string>.Count => throw new InvalidOperationException("cannot count");

        public CacheEntry<string>? Find(string key) => Entries.GetValueOrDefault(key);
    }
}
