using StackExchange.Redis;

namespace CachetTests;

/// <summary>One connection to the server for all tests: opening one takes longer than most of them.</summary>
[SetUpFixture]
public sealed class RedisConnection
{
    private static readonly Lazy<Task<ConnectionMultiplexer>> _shared = new(static () => ConnectionMultiplexer.ConnectAsync(Server.Garnet.EndPoint));

    internal static Task<ConnectionMultiplexer> OpenAsync() => _shared.Value;

    [OneTimeTearDown]
    public async Task CloseAsync()
    {
        if (_shared.IsValueCreated) await (await _shared.Value).DisposeAsync();
    }
}
