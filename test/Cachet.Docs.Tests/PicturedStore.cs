using Cachet.Testing;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests;

/// <summary>A store over a network that takes 0.4 milliseconds by the pictures' clock.</summary>
internal sealed class PicturedStore(PicturedClock clock) : IDistributedCache
{
    private readonly Dictionary<string, byte[]> _contents = [];

    /// <summary>When set, what every get waits at.</summary>
    public Gate? Holds { get; set; }

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        if (Holds is { } gate) await gate.PassAsync(token);
        Pass();
        return _contents.GetValueOrDefault(key);
    }

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        Pass();
        _contents[key] = value;
        return Task.CompletedTask;
    }

    public byte[]? Get(string key) => throw new NotSupportedException();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

    public void Refresh(string key) => throw new NotSupportedException();

    public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

    public void Remove(string key) => throw new NotSupportedException();

    public Task RemoveAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

    private void Pass() => clock.Take(TimeSpan.FromMilliseconds(0.4));
}
