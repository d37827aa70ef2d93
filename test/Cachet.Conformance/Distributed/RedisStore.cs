using System.Globalization;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using StackExchange.Redis;

namespace CachetTests;

/// <summary>.NET's own for Redis, over Garnet, with keys of its own.</summary>
/// <remarks>Nobody can tell the server's clock. Time passes by making older what is stored: the server's time to live of each key, and the absolute
/// deadline that the cache keeps beside the data, are put that much nearer.</remarks>
internal sealed class RedisStore : Store
{
    private const string Deadline = "absexp"; // in ticks; -1 for none

    private readonly string _prefix = $"{Guid.NewGuid():N}:";
    private readonly ConnectionMultiplexer _redis;

    private RedisStore(ConnectionMultiplexer redis)
    {
        _redis = redis;
        Cache = Client();
    }

    public override IDistributedCache Cache { get; }

    public override IDistributedCache Elsewhere => Client();

    public override DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public static async Task<RedisStore> OpenAsync() => new(await RedisConnection.OpenAsync());

    public override async Task PassAsync(TimeSpan time)
    {
        IDatabase database = _redis.GetDatabase();
        foreach (RedisKey key in _redis.GetServers()[0].Keys(pattern: $"{_prefix}*").ToArray())
        {
            RedisValue deadline = await database.HashGetAsync(key, Deadline);
            if (deadline.TryParse(out long ticks) && ticks > 0)
            {
                await database.HashSetAsync(key, Deadline, (ticks - time.Ticks).ToString(CultureInfo.InvariantCulture));
            }

            if (await database.KeyTimeToLiveAsync(key) is not { } left) continue;
            if (left > time) await database.KeyExpireAsync(key, left - time);
            else await database.KeyDeleteAsync(key);
        }
    }

    // Disposed of, a cache would close the connection, which is not its own.
    public override ValueTask DisposeAsync() => default;

    private RedisCache Client() => new(new RedisCacheOptions
    {
        InstanceName = _prefix,
        ConnectionMultiplexerFactory = () => Task.FromResult<IConnectionMultiplexer>(_redis),
    });
}
