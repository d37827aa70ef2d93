using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;

namespace CachetTests;

/// <summary>.NET's distributed cache over a server, decorated where it is registered.</summary>
[CancelAfter(60_000)]
public sealed class DecoratedRedisTests
{
    private Telemetry _telemetry = null!;

    [SetUp]
    public void Begin() => _telemetry = new();

    [TearDown]
    public void End() => _telemetry.Dispose();

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
}
