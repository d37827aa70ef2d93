using Cachet;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>Tiers in memory behind a boundary: time to idle, evictions and ownership are as in front of it.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class TransformedMemoryTests
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);
    private static readonly IValueCodec<int, string> _digits = ValueCodec.Create<int, string>(static value => $"{value}", static stored => int.Parse(stored));

    private readonly FakeTimeProvider _clock = new(Rig.Start);
    private readonly CacheEventRecorder _events = new();
    private readonly List<string> _told = [];

    [Test]
    public async Task TimeToIdle_HitsBeginItAnew_ElseItExpires([Values] bool twice, [Values] bool fallback)
    {
        await using ICache<int, int> cache = Built(twice, fallback, static o => o.TimeToIdle = _minute);
        await cache.InsertAsync(7, 49);
        for (int i = 0; i < 4; i++)
        {
            _clock.Advance(_minute);
            Assert.That((await cache.GetAsync(7))?.Value, Is.EqualTo(49), $"after {i + 1} minutes");
        }

        _events.Clear();
        _clock.Advance(_minute + TimeSpan.FromTicks(1));

        Assert.That(await cache.GetAsync(7), Is.Null);
        Assert.That(await cache.GetAsync(7), Is.Null);
        string tier = fallback ? "l2" : "l1";
        Assert.That(
            _events.TierLines.Where(l => l.StartsWith(tier, StringComparison.Ordinal)),
            Is.EqualTo(new[] { $"{tier} evict evicted expired", $"{tier} get expired", $"{tier} get miss" }));
        Assert.That(_told, Is.EqualTo(new[] { "k7=49 Expired" }));
    }

    [Test]
    public async Task Insert_BeyondCapacity_IsToldWithWhatIsStored([Values] bool twice)
    {
        await using ICache<int, int> cache = Built(twice, fallback: false, static o => o.Capacity = 3);
        for (int i = 0; i < 3; i++) await cache.InsertAsync(i, i);
        _events.Clear();

        await cache.InsertAsync(3, 3);

        Assert.That(_events.TierLines, Is.EqualTo(new[] { "l1 evict evicted capacity", "l1 insert inserted" }));
        Assert.That(_events.TierEvents[0].RequestId, Is.EqualTo(_events.OperationEvents.Single().RequestId));
        Assert.That(_told, Has.Count.EqualTo(1).And.All.EndsWith("Capacity"));
    }

    [Test]
    public async Task DisposeAsync_MemoryCacheBehind_DropsItsEntries()
    {
        using var memory = new MemoryCache(new MemoryCacheOptions());
        ICache<int, int> cache = Cache.Builder<int, int>("c").Transform(_digits, b => b.MemoryCache(memory)).Build();
        await cache.InsertAsync(7, 49);
        Assert.That((await cache.GetAsync(7))?.Value, Is.EqualTo(49));

        await cache.DisposeAsync();

        await Holds.UntilAsync(() => memory.Count == 0);
    }

    [Test]
    public async Task DisposeAsync_TierOfTheApplicationsOwnBehind_IsLeft()
    {
        var tier = new Disposable();
        ICache<int, int> cache = Cache.Builder<int, int>("c").Transform(_digits, b => b.Tier(tier)).Build();

        await cache.DisposeAsync();

        Assert.That(tier.Disposed, Is.False);
    }

    private ICache<int, int> Built(bool twice, bool fallback, Action<MemoryTierOptions<string, string>> configure)
    {
        CacheBuilder<int, int> builder = Cache.Builder<int, int>("c").Clock(_clock).EventHandler(_events);
        if (fallback) builder.Tier(new FakeCacheTier<int, int> { InsertAnswer = static _ => InsertOutcome.Rejected });
        if (twice) builder.Transform(static key => (long)key, (CacheBuilder<long, int> b) => b.Transform(static key => $"k{key}", _digits, Memory));
        else builder.Transform(static key => $"k{key}", _digits, Memory);
        return builder.Build();

        void Memory(CacheBuilder<string, string> b) => b.Memory(o =>
        {
            o.EvictionListener((key, value, reason) => _told.Add($"{key}={value} {reason}"));
            configure(o);
        });
    }

    private sealed class Disposable : FakeCacheTier<int, string>, IDisposable
    {
        public bool Disposed { get; private set; }

        public void Dispose() => Disposed = true;
    }
}
