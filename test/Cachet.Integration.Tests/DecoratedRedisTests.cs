using System.Diagnostics;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace CachetTests;

/// <summary>.NET's own caches over a server, decorated where they are registered: two applications share it.</summary>
[CancelAfter(60_000)]
public sealed class DecoratedRedisTests
{
    private readonly List<Activity> _ended = [];
    private Telemetry _telemetry = null!;

    [SetUp]
    public void Begin()
    {
        _ended.Clear();
        _telemetry = new();
    }

    [TearDown]
    public void End() => _telemetry.Dispose();

    [Test]
    public async Task HybridCache_OverRedis_IsOneTracePerCallAlsoIfItCanBeCancelled([Values] bool cancellable)
    {
        using var caller = new CancellationTokenSource();
        CancellationToken token = cancellable ? caller.Token : default;
        await using ServiceProvider one = Application(), other = Application();
        HybridCache first = one.GetRequiredService<HybridCache>(), second = other.GetRequiredService<HybridCache>();
        await SpansAsync("cache.tier", 2); // Each asks the server when it is made.
        _ended.Clear();
        string key = TestContext.CurrentContext.Test.ID;
        await CallAsync("first", () => first.GetOrCreateAsync<string>(key, LoadAsync, cancellationToken: token));
        await SpansAsync("cache.tier", 2);
        await CallAsync("second", () => second.GetOrCreateAsync<string>(key, LoadAsync, cancellationToken: token));
        await CallAsync("again", () => second.GetOrCreateAsync<string>(key, LoadAsync, cancellationToken: token));
        await SpansAsync("again", 1);
        long written = Size("cache.tier insert l2");
        Assert.That(Size("cache.tier get l2"), Is.EqualTo(written).And.Positive, "what the one wrote the other read");
        Assert.That(TraceText.Of([.. _ended]), Is.EqualTo($"""
            first
              cache.get_or_insert products: loaded
                cache.tier get l2: miss; fallback=True
                cache.load products
                  SELECT
                cache.tier insert l2: inserted; fallback=True, entry.size={written}
            second
              cache.get_or_insert products: hit
                cache.tier get l2: hit; fallback=True, entry.size={written}
            again
              cache.get_or_insert products: hit
            """));
    }

    [Test]
    public async Task DistributedCache_OfRedis_KeepsWhatItCanDo()
    {
        string key = TestContext.CurrentContext.Test.ID;
        var services = new ServiceCollection();
        services.AddStackExchangeRedisCache(static o => o.Configuration = Server.Garnet.EndPoint);
        services.InstrumentDistributedCache("sessions");
        await using ServiceProvider provider = services.BuildServiceProvider();
        IDistributedCache sessions = provider.GetRequiredService<IDistributedCache>();
        Assert.That(sessions, Is.InstanceOf<IBufferDistributedCache>());
        sessions.Set(key, [1, 2], new() { SlidingExpiration = TimeSpan.FromMinutes(1) });
        await sessions.RefreshAsync(key);
        Assert.That(await sessions.GetAsync(key), Is.EqualTo(new byte[] { 1, 2 }));
        sessions.Remove(key);
        Assert.That(sessions.Get(key), Is.Null);
        Assert.That(_telemetry.TakeText(), Is.EqualTo("""
            cache.insert sessions: inserted
            cache.refresh sessions: refreshed
            cache.get sessions: hit
            cache.invalidate sessions: invalidated
            cache.get sessions: miss
            """));
    }

    private static ServiceProvider Application()
    {
        var services = new ServiceCollection();
        services.AddStackExchangeRedisCache(static o => o.Configuration = Server.Garnet.EndPoint);
        services.InstrumentDistributedCache("products", tier: "l2");
        services.AddHybridCache();
        services.InstrumentHybridCache("products");
        return services.BuildServiceProvider();
    }

    private static async ValueTask<string> LoadAsync(CancellationToken token)
    {
        using Activity? query = Telemetry.Tests.StartActivity("SELECT");
        await Task.Yield();
        return "v";
    }

    private static async Task CallAsync(string name, Func<ValueTask<string>> call)
    {
        using Activity? caller = Telemetry.Tests.StartActivity(name);
        Assert.That(await call(), Is.EqualTo("v"));
    }

    private long Size(string span) => (long)_ended.Last(s => s.DisplayName == span).GetTagItem(TelemetryNames.EntrySize)!;

    /// <summary>Waits until so many spans of a name have ended: a HybridCache writes to the server when its caller is long gone.</summary>
    private Task SpansAsync(string operation, int count) => Poll.UntilAsync(
        () =>
        {
            _ended.AddRange(_telemetry.Take());
            return Task.FromResult(_ended.Count(s => s.OperationName == operation) >= count);
        },
        () => $"There are not {count} of {operation} in {TraceText.Of([.. _ended])}.");
}
