using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests.Faces;

/// <summary>Options of distributed caches: who watches, by which clock, and what makes no sense.</summary>
public class FaceOptionsTests
{
    [Test]
    public async Task Options_EventsLogsAndClock_AreTheCaches()
    {
        var events = new CacheEventRecorder();
        var logs = new FakeLogCollector();
        var clock = new FakeTimeProvider(Rig.Start);
        await using ServiceProvider provider = new ServiceCollection()
            .AddSingleton<TimeProvider>(clock)
            .AddSingleton(events)
            .AddLogging(b => b.SetMinimumLevel(LogLevel.Trace).AddProvider(new FakeLoggerProvider(logs)))
            .AddCachetDistributedCache("sessions", static (p, o) => o.EventHandler(p.GetRequiredService<CacheEventRecorder>()).EnableLogs())
            .BuildServiceProvider();
        IDistributedCache cache = provider.GetRequiredService<IDistributedCache>();

        cache.Set("k", [1], new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromSeconds(10) });
        clock.Advance(TimeSpan.FromSeconds(11));
        await cache.RefreshAsync("k");

        Assert.That(events.OperationLines, Is.EqualTo(new[] { "insert inserted", "refresh miss" }));
        Assert.That(
            logs.GetSnapshot().Select(static r => r.Id.Name),
            Is.EqualTo(new[] { "cache.inserted", "cache.insert", "cache.eviction", "cache.refresh_miss" }));
    }

    [Test]
    public async Task Options_LoggerFactoryOfOnesOwn_IsUsed()
    {
        var logs = new FakeLogCollector();
        using ILoggerFactory factory = LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Trace).AddProvider(new FakeLoggerProvider(logs)));
        IBufferDistributedCache cache = Cache.DistributedCache("sessions", o => o.EnableLogs(factory));

        await cache.GetAsync("k");

        Assert.That(logs.GetSnapshot().Select(static r => r.Id.Name), Is.EqualTo(new[] { "cache.miss", "cache.get" }));
    }

    [Test]
    public void Options_ThatMakeNoSense_NameOptionValueAndFix()
    {
        using (Assert.EnterMultipleScope())
        {
            AssertRefused(static o => o.LocalTimeToLive = TimeSpan.FromSeconds(-1), "LocalTimeToLive", "-00:00:01", "positive");
            AssertRefused(static o => o.LocalCapacity = 2, "LocalCapacity", "2", "3 entries");
            AssertRefused(static o => o.KeyPrefix = "", "KeyPrefix", "''", "null");
        }
    }

    [Test]
    public async Task Start_OptionsThatMakeNoSense_FailTheHostAndAskTheStoreForNothing()
    {
        using var store = new ClockedStore(TimeProvider.System);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IDistributedCache>(store)
            .AddCachetDistributedCache("sessions", static o => o.LocalCapacity = 2)
            .AddCachet<string, int>("products", static c => c.Memory(static o => o.Capacity = 1));
        using IHost host = builder.Build();

        Exception? error = await host.StartAsync().FaultAsync();

        Assert.That(error, Is.InstanceOf<OptionsValidationException>());
        Assert.That(((OptionsValidationException)error!).Failures, Is.EqualTo(new[]
        {
            "The option LocalCapacity of distributed cache 'sessions' cannot be 2: give 3 entries or more",
            "The option Capacity of tier 'l1' of cache 'products' cannot be 1: give 3 entries or more",
        }));
        Assert.That(store.Calls, Is.Empty);
    }

    private static void AssertRefused(Action<CachetDistributedCacheOptions> configure, params string[] words)
    {
        Exception? error = Assert.Catch<ArgumentOutOfRangeException>(() => Cache.DistributedCache("sessions", configure));
        foreach (string word in words.Append("'sessions'")) Assert.That(error!.Message, Does.Contain(word));
    }
}
