using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace CachetTests.Consumers;

/// <summary>Sessions that are read synchronously by many at once, on a machine with few threads.</summary>
/// <remarks>A read that waits on its thread for work of another thread of the pool needs two at once. Here there are more readers than threads: as soon as
/// every thread waits so, none is left to do the work, and the requests never end. The Redis client itself has threads of its own here: left as it is, it
/// reads its answers on the pool's.</remarks>
[TestFixture(Engine.DecoratedRedis)]
[TestFixture(Engine.Face)]
[CancelAfter(90_000)]
[NonParallelizable]
public sealed class SessionStarvationTests(Engine engine)
{
    private const int Clients = 50;
    private const int Rounds = 4;

    private const string OwnThreads = "DedicatedThreads";

    private readonly ConcurrentQueue<StoreCall> _calls = new();
    private readonly bool _hadOwnThreads = ConnectionMultiplexer.GetFeatureFlag(OwnThreads);
    private Browser[] _browsers = null!;
    private Telemetry _telemetry = null!;
    private WebNode _a = null!;
    private WebNode _b = null!;

    [SetUp]
    public async Task BeginAsync()
    {
        ConnectionMultiplexer.SetFeatureFlag(OwnThreads, true);
        _telemetry = new();
        _browsers = [.. Enumerable.Range(0, Clients).Select(static _ => new Browser())];
        _a = await StartAsync();
        _b = await StartAsync();
    }

    [TearDown]
    public async Task EndAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
        foreach (Browser browser in _browsers) browser.Dispose();
        _telemetry.Dispose();
        ConnectionMultiplexer.SetFeatureFlag(OwnThreads, _hadOwnThreads);
    }

    [Test]
    public async Task Reads_OfManyClientsSynchronously_AllEndOnTheThreadsThatThereAre()
    {
        await _browsers[0].GetAsync(_b, "/async"); // Clients connect at the first call, which takes threads.
        await Task.WhenAll(_browsers.Select((b, i) => b.GetAsync(_a, $"/async/{Name(i)}")));
        _calls.Clear();

        string[][] names;
        using (var pool = new SmallThreadPool())
        {
            names = await Task.WhenAll(_browsers.Select(ReadAsync));
            Assert.That(pool.WasStarved, Is.False);
        }

        Assert.That(names, Is.EqualTo(Enumerable.Range(0, Clients).Select(static i => Enumerable.Repeat(Name(i), Rounds))));
        using (Assert.EnterMultipleScope())
        {
            StoreCall[] reads = [.. _calls.Where(static c => c.Method is "Get" or "TryGet")];
            Assert.That(reads, Has.Length.EqualTo(Clients * Rounds).And.All.Property(nameof(StoreCall.InARead)).True, "by the thread of the reader");
            Assert.That(_calls.Select(static c => c.Method), Has.None.AnyOf("GetAsync", "TryGetAsync"));
        }
    }

    private static string Name(int client) => client.ToString("client 00", CultureInfo.InvariantCulture);

    private async Task<string[]> ReadAsync(Browser browser, int client)
    {
        var names = new string[Rounds];
        for (int i = 0; i < Rounds; i++) names[i] = await browser.GetAsync((client + i) % 2 == 0 ? _a : _b, "/sync");
        return names;
    }

    private Task<WebNode> StartAsync()
    {
        var options = new RedisCacheOptions { Configuration = Server.Garnet.EndPoint, InstanceName = $"{TestContext.CurrentContext.Test.ID}:" };
        return SessionSite.StartAsync(services => services
            .AddSingleton(_ => new RedisCache(options))
            .AddSingleton<IDistributedCache>(provider => WatchedStore.Around(provider.GetRequiredService<RedisCache>(), _calls))
            .Cover(engine, "sessions"));
    }
}
