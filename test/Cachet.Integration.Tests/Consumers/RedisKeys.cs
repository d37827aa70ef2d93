using StackExchange.Redis;

namespace CachetTests.Consumers;

/// <summary>What the running test has in the shared server, and for how long still.</summary>
internal sealed class RedisKeys : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _redis;

    private RedisKeys(ConnectionMultiplexer redis) => _redis = redis;

    private IDatabase Database => _redis.GetDatabase();

    public static async Task<RedisKeys> OpenAsync() => new(await ConnectionMultiplexer.ConnectAsync($"{Server.Garnet.EndPoint},allowAdmin=true"));

    /// <summary>The one key of this test.</summary>
    public string Single() => All().Single();

    public IReadOnlyList<string> All() =>
        [.. _redis.GetServers()[0].Keys(pattern: $"{TestContext.CurrentContext.Test.ID}:*").Select(static k => k.ToString())];

    /// <summary>What is left of a key's life.</summary>
    public async Task<TimeSpan> LeftAsync(string key) =>
        await Database.KeyTimeToLiveAsync(key) ?? throw new InvalidOperationException($"'{key}' is not there, or has no end.");

    /// <summary>Has nearly all of a key's life be over.</summary>
    public async Task AgeAsync(string key) => Assert.That(await Database.KeyExpireAsync(key, TimeSpan.FromMinutes(1)), Is.True);

    /// <summary>Drops a key, as the server does when its life is over.</summary>
    public async Task DropAsync(string key) => Assert.That(await Database.KeyDeleteAsync(key), Is.True);

    public ValueTask DisposeAsync() => _redis.DisposeAsync();
}
