using System.Net;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Cachet.QuickStart;

/// <summary>What holds the second tier's entries.</summary>
internal sealed class Store : IAsyncDisposable
{
    private const int ConnectMilliseconds = 3000;

    private readonly ConnectionMultiplexer? _connection;

    private Store(IDistributedCache cache, string description, ConnectionMultiplexer? connection = null)
    {
        Cache = cache;
        Description = description;
        _connection = connection;
    }

    public IDistributedCache Cache { get; }

    public string Description { get; }

    /// <summary>Opens the Redis at the address or, without one, a store in this process.</summary>
    /// <exception cref="IOException">Nothing that speaks Redis answers there.</exception>
    public static async Task<Store> OpenAsync(DnsEndPoint? redis)
    {
        if (redis is null)
        {
            return new(new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions())), "MemoryDistributedCache, in this process");
        }

        string address = redis.Host.Contains(':', StringComparison.Ordinal) ? $"[{redis.Host}]:{redis.Port}" : $"{redis.Host}:{redis.Port}";
        try
        {
            // Connected up front: a wrong address shows at once, and connecting is no part of the first step's durations.
            ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
            {
                EndPoints = { { redis.Host, redis.Port } },
                ConnectTimeout = ConnectMilliseconds,
                ConnectRetry = 1,
                AbortOnConnectFail = true,
            });
            var cache = new RedisCache(new RedisCacheOptions
            {
                // In a Redis that is in use, the story must not clear somebody's real cache named "products".
                InstanceName = "cachet-quickstart:",
                ConnectionMultiplexerFactory = () => Task.FromResult<IConnectionMultiplexer>(connection),
            });
            await cache.GetAsync("anybody-there");
            return new(cache, $"RedisCache, at {address}", connection);
        }
        catch (Exception trouble) when (trouble is RedisException or TimeoutException)
        {
            throw new IOException($"no Redis can be used at {address} ({trouble.GetType().Name}). Is it running, and is the address right?", trouble);
        }
    }

    public async ValueTask DisposeAsync()
    {
        (Cache as IDisposable)?.Dispose();
        if (_connection is not null) await _connection.DisposeAsync();
    }
}
