using Cachet;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace CachetTests;

/// <summary>A server that dies while the cache is in use, and comes back with nothing in it.</summary>
public sealed class UnreliableServerTests
{
    private FakeTimeProvider _time = null!;
    private CacheEventRecorder _events = null!;
    private GarnetServer _server = null!;
    private Node<string> _node = null!;

    [SetUp]
    public async Task BeginAsync()
    {
        _time = new();
        _events = new();
        _server = await GarnetServer.StartNewAsync();
        _node = await Node<string>.JoinAsync(new("unreliable", _time) { EndPoint = _server.EndPoint, Events = _events });
    }

    [TearDown]
    public async Task EndAsync()
    {
        if (_node is not null) await _node.DisposeAsync();
        if (_server is not null) await _server.DisposeAsync();
    }

    [Test]
    public async Task GetOrInsert_ServerGoesAwayAndComesBack_AnswersThroughoutAndRecovers()
    {
        await _node.Cache.InsertAsync("k", "stored");
        await KillServerAsync();
        _events.Clear();

        string inMemory = await _node.Cache.GetOrInsertAsync("k", static (_, _) => new("loaded"));
        _time.Advance(TimeSpan.FromSeconds(31));
        string loaded = await _node.Cache.GetOrInsertAsync("k", static (_, _) => new("loaded"));
        string inMemoryAgain = await _node.Cache.GetOrInsertAsync("k", static (_, _) => new("never"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(inMemory, Is.EqualTo("stored"));
            Assert.That(loaded, Is.EqualTo("loaded"), "never worse than no cache");
            Assert.That(inMemoryAgain, Is.EqualTo("loaded"), "what the server could not take is in memory");
            Assert.That(_events.TierLines, Is.EqualTo(new[]
            {
                "l1 get hit", "l1 evict evicted expired", "l1 get expired", "l2 get error", "l1 insert inserted", "l2 insert error", "l1 get hit",
            }));
            Assert.That(_events.TierEvents.Where(static e => e.Outcome == CacheOutcome.Error).Select(static e => e.Exception), Is.All.InstanceOf<RedisException>());
            Assert.That(_events.OperationEvents.Select(static e => e.Exception), Is.All.Null);
        }

        await _server.StartAsync();
        await Poll.UntilAsync(() => Task.FromResult(_node.Redis.IsConnected), static () => "The client did not come back.");
        _time.Advance(TimeSpan.FromSeconds(31));
        _events.Clear();
        await _node.Cache.GetOrInsertAsync("k", static (_, _) => new("anew"));
        _time.Advance(TimeSpan.FromSeconds(31));
        string fromServer = await _node.Cache.GetOrInsertAsync("k", static (_, _) => new("never"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(fromServer, Is.EqualTo("anew"));
            Assert.That(_events.TierLines, Is.EqualTo(new[]
            {
                "l1 evict evicted expired", "l1 get expired", "l2 get miss", "l1 insert inserted", "l2 insert inserted",
                "l1 evict evicted expired", "l1 get expired", "l2 get hit", "l1 insert inserted",
            }));
        }
    }

    [Test]
    public async Task Get_ServerIsGone_IsAMissAndWritesThrow()
    {
        await _node.Cache.InsertAsync("k", "stored");
        await KillServerAsync();

        CacheEntry<string>? other = await _node.Cache.GetAsync("other");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(other, Is.Null, "memory answered that it has nothing: not every tier failed");
            Assert.That(async () => await _node.Cache.InsertAsync("k", "new"), Throws.InstanceOf<RedisException>());
            Assert.That((await _node.Cache.GetAsync("k"))?.Value, Is.EqualTo("new"), "all tiers are tried: memory took it");
            Assert.That(async () => await _node.Cache.InvalidateAsync("k"), Throws.InstanceOf<RedisException>());
            Assert.That(await _node.Cache.GetAsync("k"), Is.Null);
            Assert.That(async () => await _node.Cache.ClearAsync(), Throws.InstanceOf<RedisException>());
        }
    }

    [Test]
    public async Task Get_RedisAloneAndGone_Throws()
    {
        await using Node<string> node = await Node<string>.JoinAsync(
            new("unreliable-alone", _time) { EndPoint = _server.EndPoint, MemoryLife = null });
        await KillServerAsync();
        await Poll.UntilAsync(() => Task.FromResult(!node.Redis.IsConnected), static () => "The client did not notice.");

        Assert.That(async () => await node.Cache.GetAsync("k"), Throws.InstanceOf<RedisException>());
    }

    private async Task KillServerAsync()
    {
        await _server.StopAsync();
        await Poll.UntilAsync(() => Task.FromResult(!_node.Redis.IsConnected), static () => "The client did not notice.");
    }
}
