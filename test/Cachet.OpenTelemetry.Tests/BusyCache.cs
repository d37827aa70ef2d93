using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>A cache of a memory tier and two distributed ones, to which everything usual happens, and then the stores and the database go down.</summary>
internal sealed class BusyCache(string name, FakeTimeProvider clock) : IAsyncDisposable
{
    private readonly Store _near = new();
    private readonly Store _far = new();
    private ICache<string, string>? _cache;

    public async Task LiveAsync()
    {
        _cache = Cache.Builder<string, string>(name)
            .Memory(static o => (o.Capacity, o.TimeToLive) = (3, TimeSpan.FromMinutes(1)))
            .Distributed(_near, static o => o.TimeToLive = TimeSpan.FromMinutes(5))
            .Distributed(_far, static o => o.TimeToLive = TimeSpan.FromHours(1))
            .Clock(clock)
            .Build();
        await ReadAsync();
        await ShareAsync();
        await WriteAsync();
        await FailAsync();
    }

    public ValueTask DisposeAsync() => _cache?.DisposeAsync() ?? default;

    private static ValueTask<string> Load(string key, CancellationToken cancellationToken) => new("v");

    /// <summary>Loads, misses, and hits in every tier, for both kinds of reads.</summary>
    private async Task ReadAsync()
    {
        await _cache!.GetAsync("a");
        await _cache.GetOrInsertEntryAsync("a", static (_, _) => new((CacheEntry<string>?)null));
        await _cache.GetOrInsertAsync("a", Load);
        foreach (TimeSpan age in new[] { TimeSpan.Zero, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10) })
        {
            clock.Advance(age);
            await _cache.GetAsync("a");
            await _cache.InvalidateAsync("b");
            await _cache.InsertAsync("b", "v");
            clock.Advance(age);
            await _cache.GetOrInsertAsync("b", Load);
        }
    }

    private async Task ShareAsync()
    {
        var gate = new Gate();
        Task<string> leader = _cache!.GetOrInsertAsync("c", async (_, token) =>
        {
            await gate.PassAsync(token);
            return "v";
        }).AsTask();
        await gate.Reached;
        Task<string> follower = _cache.GetOrInsertAsync("c", Load).AsTask();
        gate.Open();
        await leader;
        await follower;
    }

    private async Task WriteAsync()
    {
        for (int i = 0; i < 5; i++) await _cache!.InsertAsync($"{i}", "v");
        await _cache!.ClearAsync();
    }

    private async Task FailAsync()
    {
        _near.IsDown = _far.IsDown = true;
        await _cache!.GetAsync("a");
        await _cache.GetOrInsertAsync("a", Load);
        await Assert.CatchAsync(async () => await _cache.GetOrInsertAsync("d", static (_, _) => throw new IOException()));
        await Assert.CatchAsync(async () => await _cache.InsertAsync("a", "v"));
        await Assert.CatchAsync(async () => await _cache.InvalidateAsync("a"));
        await Assert.CatchAsync(async () => await _cache.ClearAsync());
    }

    private sealed class Store : IDistributedCache
    {
        private readonly Dictionary<string, byte[]> _contents = [];

        public bool IsDown { get; set; }

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Answer(() => _contents.GetValueOrDefault(key));

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
            Answer(() => _contents[key] = value);

        public Task RemoveAsync(string key, CancellationToken token = default) => Answer(() => _contents.Remove(key));

        public byte[]? Get(string key) => throw new NotSupportedException();

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

        public void Refresh(string key) => throw new NotSupportedException();

        public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

        public void Remove(string key) => throw new NotSupportedException();

        private Task<T> Answer<T>(Func<T> answer) => IsDown ? Task.FromException<T>(new IOException()) : Task.FromResult(answer());
    }
}
