using System.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace CachetTests.Faces;

/// <summary>A store each of whose calls is a span, as a Redis client's are; the asynchronous ones end on another thread.</summary>
internal sealed class TracedStore(ActivitySource source) : IDistributedCache
{
    private readonly MemoryDistributedCache _inner = new(Options.Create(new MemoryDistributedCacheOptions()));

    public Exception? Fails { get; set; }

    public byte[]? Get(string key) => Traced("GET", () => _inner.Get(key));

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => TracedAsync("GET", () => _inner.Get(key), token);

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => Traced("SET", () => Done(() => _inner.Set(key, value, options)));

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        TracedAsync("SET", () => Done(() => _inner.Set(key, value, options)), token);

    public void Refresh(string key) => Traced("EXPIRE", () => Done(() => _inner.Refresh(key)));

    public Task RefreshAsync(string key, CancellationToken token = default) => TracedAsync("EXPIRE", () => Done(() => _inner.Refresh(key)), token);

    public void Remove(string key) => Traced("DEL", () => Done(() => _inner.Remove(key)));

    public Task RemoveAsync(string key, CancellationToken token = default) => TracedAsync("DEL", () => Done(() => _inner.Remove(key)), token);

    private static bool Done(Action call)
    {
        call();
        return true;
    }

    private T Traced<T>(string command, Func<T> call)
    {
        using Activity? span = source.StartActivity(command, ActivityKind.Client);
        return Fails is null ? call() : throw Fails;
    }

    private async Task<T> TracedAsync<T>(string command, Func<T> call, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        using Activity? span = source.StartActivity(command, ActivityKind.Client);
        await Task.Yield();
        return Fails is null ? call() : throw Fails;
    }
}
