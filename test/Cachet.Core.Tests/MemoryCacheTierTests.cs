using Cachet;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class MemoryCacheTierTests : IDisposable
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    private readonly MemoryCache _memory = new(new MemoryCacheOptions());
    private readonly FakeTimeProvider _clock = new(Rig.Start);
    private readonly CacheEventRecorder _events = new();

    public void Dispose() => _memory.Dispose();

    [Test]
    public async Task Operations_AsOfAnyTier_Work()
    {
        await using ICache<string, string?> cache = Built();
        await cache.InsertAsync("k", "old");
        await cache.InsertAsync("k", "new");
        await cache.InsertAsync("null", null);

        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("new"));
        Assert.That(await cache.GetAsync("null"), Has.Property("Value").Null);
        Assert.That(await cache.GetAsync("absent"), Is.Null);
        Assert.That(await cache.GetOrInsertAsync("loaded", static (_, _) => new("l")), Is.EqualTo("l"));
        Assert.That(_memory.Count, Is.EqualTo(3));

        await cache.InvalidateAsync("k");
        await cache.InvalidateAsync("absent");
        Assert.That(await cache.GetAsync("k"), Is.Null);
        Assert.That(_memory.Count, Is.EqualTo(2));
    }

    [Test]
    public void GetAsync_Hit_IsAnsweredAtOnce()
    {
        ICache<string, string?> cache = Built();
        Assert.That(cache.InsertAsync("k", "v").IsCompletedSuccessfully, Is.True);

        Assert.That(cache.GetAsync("k").IsCompletedSuccessfully, Is.True);
    }

    [Test]
    public async Task CountAsync_FollowsWhatIsThere()
    {
        await using ICache<string, string?> cache = Built();
        for (int i = 0; i < 5; i++) await cache.InsertAsync($"{i}", "v");
        Assert.That(await cache.CountAsync(), Is.EqualTo(5));

        await cache.InsertAsync("0", "w");
        await cache.InvalidateAsync("1");

        // The memory cache tells what left in the background.
        await Holds.UntilAsync(() => cache.CountAsync().Result == 4);
    }

    [Test]
    public async Task ClearAsync_DropsItsOwnEntriesAtOnceAndNoOthers()
    {
        await using ICache<string, string?> cache = Built(), other = Built();
        _memory.Set("k", "the application's");
        await cache.InsertAsync("k", "v");
        await other.InsertAsync("k", "w");

        await cache.ClearAsync();

        Assert.That(await cache.GetAsync("k"), Is.Null);
        Assert.That(await cache.CountAsync(), Is.Zero);
        Assert.That((await other.GetAsync("k"))?.Value, Is.EqualTo("w"));
        Assert.That(_memory.Get("k"), Is.EqualTo("the application's"));
        await Holds.UntilAsync(() => _memory.Count == 2);

        await cache.InsertAsync("k", "after");
        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("after"));
    }

    [Test]
    public async Task Keys_OfCachesOfOneName_DoNotCollide()
    {
        await using ICache<string, string?> one = Built(), two = Built();
        await using ICache<string, int> numbers = Cache.Builder<string, int>("c").MemoryCache(_memory).Build();
        await one.InsertAsync("k", "1");

        Assert.That(await two.GetAsync("k"), Is.Null);
        Assert.That(await numbers.GetAsync("k"), Is.Null);
        Assert.That(_memory.TryGetValue("k", out _), Is.False);

        await two.InsertAsync("k", "2");
        await numbers.InsertAsync("k", 3);
        await two.InvalidateAsync("k");
        Assert.That((await one.GetAsync("k"))?.Value, Is.EqualTo("1"));
        Assert.That((await numbers.GetAsync("k"))?.Value, Is.EqualTo(3));
    }

    [Test]
    public void Key_IsEqualWithinItsTierOnlyAndSaysNothing()
    {
        object tier = new();
        var key = new MemoryCacheKey<string>(tier, "secret");

        Assert.That(key, Is.EqualTo(new MemoryCacheKey<string>(tier, "secret")));
        Assert.That(key.GetHashCode(), Is.EqualTo(new MemoryCacheKey<string>(tier, "secret").GetHashCode()));
        Assert.That(key, Is.Not.EqualTo(new MemoryCacheKey<string>(new(), "secret")));
        Assert.That(key, Is.Not.EqualTo(new MemoryCacheKey<string>(tier, "other")));
        Assert.That(key.Equals("secret"), Is.False);
        Assert.That(key.ToString(), Does.Not.Contain("secret"));
    }

    [Test]
    public async Task DisposeAsync_DropsItsEntriesAndLeavesTheMemoryCache()
    {
        ICache<string, string?> cache = Built();
        _memory.Set("k", "the application's");
        await cache.InsertAsync("k", "v");

        await cache.DisposeAsync();
        await cache.DisposeAsync();

        await Holds.UntilAsync(() => _memory.Count == 1);
        Assert.That(_memory.Get("k"), Is.EqualTo("the application's"));
    }

    [Test]
    public async Task Dispose_AlsoDropsItsEntries()
    {
        ICache<string, string?> cache = Built();
        await cache.InsertAsync("k", "v");

        ((IDisposable)cache).Dispose();

        await Holds.UntilAsync(() => _memory.Count == 0);
    }

    [Test]
    public async Task Insert_AfterTheTierWasDisposed_LeavesNothingBehind()
    {
        var tier = new MemoryCacheTier<string, string>(_memory, new(), _clock);
        tier.Dispose();

        await tier.InsertAsync("k", new("v"), default);

        Assert.That(tier.Find("k"), Is.Null);
        Assert.That(_memory.Count, Is.Zero);
        await Holds.UntilAsync(() => tier.Count == 0);
    }

    [Test]
    public async Task Insert_HandsOverWhenToCleanUp([Values] bool systemClock)
    {
        using var recording = new RecordingMemoryCache();
        CacheBuilder<string, string> builder = Cache.Builder<string, string>("c").MemoryCache(recording, static o => o.TimeToLive = 2 * _minute);
        if (!systemClock) builder.Clock(_clock);
        await using ICache<string, string> cache = builder.Build();

        await cache.InsertAsync("tier's", "v");
        await cache.InsertEntryAsync("own", new("v", timeToLive: _minute));
        await cache.InsertEntryAsync("for ever", new("v", timeToLive: Timeout.InfiniteTimeSpan));
        await cache.InsertEntryAsync("nearly", new("v", timeToLive: TimeSpan.MaxValue));

        TimeSpan?[] handed = [.. recording.Created.Select(static e => e.AbsoluteExpirationRelativeToNow)];
        var late = TimeSpan.FromSeconds(1);
        Assert.That(handed[0], Is.GreaterThan(2 * _minute).And.LessThan((2 * _minute) + late));
        Assert.That(handed[1], Is.GreaterThan(_minute).And.LessThan(_minute + late));
        Assert.That(handed.Skip(2), Is.All.Null);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task TimeToLive_LeftOut_IsAMinuteInFrontOfARemoteTierElseForEver(bool remote)
    {
        CacheBuilder<string, string> builder = Cache.Builder<string, string>("c").Clock(_clock).EventHandler(_events).MemoryCache(_memory);
        if (remote) builder.Distributed(Stores.Memory());
        await using ICache<string, string> cache = builder.Build();
        await cache.InsertAsync("k", "v");
        _events.Clear();
        _clock.Advance(_minute + TimeSpan.FromTicks(1));

        await cache.GetAsync("k");

        Assert.That(_events.TierLines.First(static l => l.StartsWith("l1 get", StringComparison.Ordinal)), Is.EqualTo(remote ? "l1 get expired" : "l1 get hit"));
    }

    [Test]
    public async Task SizeLimit_DefaultSize_IsOneEach()
    {
        using var limited = new MemoryCache(new MemoryCacheOptions { SizeLimit = 10, TrackStatistics = true });
        await using ICache<string, string?> cache = Built(cache: limited);

        for (int i = 0; i < 3; i++) await cache.InsertAsync($"{i}", "v");

        Assert.That(limited.GetCurrentStatistics()!.CurrentEstimatedSize, Is.EqualTo(3));
    }

    [Test]
    public async Task Size_IsWhatTheOptionsSay([Values] bool byFunction)
    {
        using var limited = new MemoryCache(new MemoryCacheOptions { SizeLimit = 100, TrackStatistics = true });
        await using ICache<string, string?> cache = Built(
            o =>
            {
                o.Size = 7;
                if (byFunction) o.SizeOf = static (key, value) => key.Length + value!.Length;
            },
            limited);

        await cache.InsertAsync("key", "value");

        Assert.That(limited.GetCurrentStatistics()!.CurrentEstimatedSize, Is.EqualTo(byFunction ? 8 : 7));
    }

    [Test]
    public async Task SizeOf_Throws_IsAFailureOfTheInsert()
    {
        var error = new InvalidOperationException();
        await using ICache<string, string?> cache = Built(o => o.SizeOf = (_, _) => throw error);

        Assert.That(await cache.InsertAsync("k", "v").FaultAsync(), Is.SameAs(error));
    }

    [Test]
    public async Task SizeOf_Negative_IsAFailureOfTheInsert()
    {
        await using ICache<string, string?> cache = Built(static o => o.SizeOf = static (_, _) => -1);

        Assert.That(await cache.InsertAsync("k", "v").FaultAsync(), Is.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(await cache.CountAsync(), Is.Zero);
    }

    [Test]
    public void Build_NegativeSize_NamesOptionValueAndFix() =>
        Assert.That(
            () => Built(static o => o.Size = -1),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Size of tier 'l1' of cache 'c' cannot be -1").And.Message.Contains("zero or positive"));

    [Test]
    public async Task MemoryCache_Disposed_IsAFailureOfEachCallAndWalkedPast()
    {
        var memory = new MemoryCache(new MemoryCacheOptions());
        ICache<string, string?> alone = Built(cache: memory);
        ICache<string, string?> pair = Cache.Builder<string, string?>("c").EventHandler(_events).MemoryCache(memory).Memory().Build();
        await pair.InsertAsync("k", "v");
        memory.Dispose();

        Assert.That((await pair.GetAsync("k"))?.Value, Is.EqualTo("v"));
        Assert.That(_events.TierLines, Does.Contain("l1 get error").And.Contain("l1 insert error"));
        Assert.That(await alone.GetAsync("k").FaultAsync(), Is.InstanceOf<ObjectDisposedException>());
        Assert.That(await alone.GetOrInsertAsync("k", static (_, _) => new("loaded")), Is.EqualTo("loaded"));
        Assert.That(await alone.InsertAsync("k", "v").FaultAsync(), Is.InstanceOf<ObjectDisposedException>());
        Assert.That(await alone.InvalidateAsync("k").FaultAsync(), Is.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task MemoryCache_FromTheContainer_IsUsed()
    {
        await using ServiceProvider provider = new ServiceCollection()
            .AddMemoryCache()
            .AddCachet<string, int>("c", static c => c.MemoryCache())
            .BuildServiceProvider();
        ICache<string, int> cache = provider.GetRequiredService<ICache<string, int>>();

        await cache.InsertAsync("k", 1);

        Assert.That(((MemoryCache)provider.GetRequiredService<IMemoryCache>()).Count, Is.EqualTo(1));
    }

    [Test]
    public void Build_NoMemoryCache_NamesBothRemedies() =>
        Assert.That(
            static () => Cache.Builder<string, int>("c").MemoryCache().Build(),
            Throws.InvalidOperationException.With.Message.Contains("Tier 'l1' of cache 'c'").And.Message.Contains("AddMemoryCache").And.Message.Contains("MemoryCache(cache)"));

    [Test]
    public void MemoryCache_ArgumentsMissing_Throw()
    {
        CacheBuilder<string, int> builder = Cache.Builder<string, int>("c");

        Assert.That(() => builder.MemoryCache((IMemoryCache)null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("cache"));
        Assert.That(
            () => MemoryCacheTierBuilderExtensions.MemoryCache<string, int>(null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("builder"));
        Assert.That(
            () => MemoryCacheTierBuilderExtensions.MemoryCache<string, int>(null!, _memory),
            Throws.ArgumentNullException.With.Property("ParamName").EqualTo("builder"));
    }

    [Test]
    public async Task Configuration_CanDescribeOne()
    {
        await using ServiceProvider provider = new ServiceCollection()
            .AddSingleton<IMemoryCache>(new MemoryCache(new MemoryCacheOptions { SizeLimit = 10, TrackStatistics = true }))
            .AddCachet<string, int>("products", Sections.Products(("L1:Type", "MemoryCache"), ("L1:Size", "4")))
            .BuildServiceProvider();

        await provider.GetRequiredService<ICache<string, int>>().InsertAsync("k", 1);

        Assert.That(((MemoryCache)provider.GetRequiredService<IMemoryCache>()).GetCurrentStatistics()!.CurrentEstimatedSize, Is.EqualTo(4));
    }

    private ICache<string, string?> Built(Action<MemoryCacheTierOptions<string, string?>>? configure = null, IMemoryCache? cache = null) =>
        Cache.Builder<string, string?>("c").Clock(_clock).EventHandler(_events).MemoryCache(cache ?? _memory, configure).Build();

    private sealed class RecordingMemoryCache : IMemoryCache
    {
        private readonly MemoryCache _inner = new(new MemoryCacheOptions());

        public List<ICacheEntry> Created { get; } = [];

        public bool TryGetValue(object key, out object? value) => _inner.TryGetValue(key, out value);

        public ICacheEntry CreateEntry(object key)
        {
            ICacheEntry entry = _inner.CreateEntry(key);
            Created.Add(entry);
            return entry;
        }

        public void Remove(object key) => _inner.Remove(key);

        public void Dispose() => _inner.Dispose();
    }
}
