using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using StackExchange.Redis;

namespace CachetTests;

/// <summary>What one process of a fleet has: its own connection to Redis, and its own cache with a memory tier over it.</summary>
internal sealed class Node<TValue> : IAsyncDisposable
{
    private readonly RedisCache _store;

    private Node(ConnectionMultiplexer redis, RedisCache store, ICache<string, TValue> cache)
    {
        Redis = redis;
        _store = store;
        Cache = cache;
    }

    public ConnectionMultiplexer Redis { get; }

    public ICache<string, TValue> Cache { get; }

    public IDatabase Database => Redis.GetDatabase();

    public static async Task<Node<TValue>> JoinAsync(NodeOptions options)
    {
        ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(ClientOptions(options.EndPoint));
        var store = new RedisCache(new RedisCacheOptions { ConnectionMultiplexerFactory = () => Task.FromResult<IConnectionMultiplexer>(redis) });
        CacheBuilder<string, TValue> builder = Cachet.Cache.Builder<string, TValue>(options.Name).Clock(options.Time);
        if (options.MemoryLife is { } life) builder.Memory(o => o.TimeToLive = life);
        builder.Distributed(options.Wrap(store), o =>
        {
            o.Name = "l2";
            o.KeyPrefix = options.KeyPrefix;
            o.TimeToLive = options.RedisLife;
            o.GenerationCheck = options.GenerationCheck;
        });
        if (options.Events is { } events) builder.EventHandler(events);
        return new(redis, store, builder.Build());
    }

    /// <summary>The keys in Redis that begin with a text.</summary>
    public IReadOnlyList<string> KeysFrom(string prefix) =>
        [.. Redis.GetServers()[0].Keys(pattern: $"{prefix}*").Select(static k => k.ToString()).Order(StringComparer.Ordinal)];

    /// <summary>The key in Redis of a key of the cache.</summary>
    public string StoreKey(string prefix, string key) =>
        KeysFrom(prefix).Single(k => k.EndsWith($":{key}", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await Cache.DisposeAsync();
        _store.Dispose();
        await Redis.DisposeAsync();
    }

    private static ConfigurationOptions ClientOptions(string endPoint)
    {
        // A call on a server that is gone fails at once, and its coming back is noticed soon.
        ConfigurationOptions options = ConfigurationOptions.Parse(endPoint);
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ConnectRetry = 1;
        options.ConnectTimeout = 1_000;
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(100);
        options.ReconnectRetryPolicy = new LinearRetry(100);
        return options;
    }
}

/// <summary>How a node is set up.</summary>
internal sealed record NodeOptions(string Name, TimeProvider Time)
{
    public string EndPoint { get; init; } = Server.Garnet.EndPoint;

    /// <summary>Left out: the cache's name, as in production. Tests of one name use their own, so that they do not meet in the server.</summary>
    public string? KeyPrefix { get; init; }

    /// <summary><see langword="null"/> for no memory tier: the store alone.</summary>
    public TimeSpan? MemoryLife { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan RedisLife { get; init; } = TimeSpan.FromMinutes(10);

    public TimeSpan GenerationCheck { get; init; } = TimeSpan.FromSeconds(10);

    public Func<IDistributedCache, IDistributedCache> Wrap { get; init; } = static store => store;

    public CacheEventRecorder? Events { get; init; }
}
