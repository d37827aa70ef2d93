using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace CachetTests;

/// <summary>Distributed stores in the process.</summary>
internal static class Stores
{
    public static MemoryDistributedCache Memory() => new(Options.Create(new MemoryDistributedCacheOptions()));
}

/// <summary>A store whose bytes and options can be looked at and changed, whose calls can be held at a gate or made to fail.</summary>
internal sealed class FakeStore : IDistributedCache, IDisposable
{
    public ConcurrentDictionary<string, (byte[] Bytes, DistributedCacheEntryOptions Options)> Entries { get; } = new();

    /// <summary>Every call as <c>get key</c>, <c>set key</c>, <c>remove key</c>.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    public Func<string, Exception?> Fail { get; set; } = static _ => null;

    public Func<string, Task>? Before { get; set; }

    public Func<string, Task>? After { get; set; }

    public int Disposals { get; private set; }

    public string GenerationKey => Entries.Keys.Single(static k => k.EndsWith("~generation", StringComparison.Ordinal));

    /// <summary>The only key that is not a generation.</summary>
    public string EntryKey => Entries.Keys.Single(static k => !k.EndsWith("~generation", StringComparison.Ordinal));

    public int GenerationReads => Calls.Count(static c => c.StartsWith("get ", StringComparison.Ordinal) && c.EndsWith("~generation", StringComparison.Ordinal));

    public void Put(string key, byte[] bytes) => Entries[key] = (bytes, new());

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        await BeginAsync($"get {key}");
        byte[]? found = Entries.TryGetValue(key, out var entry) ? entry.Bytes : null;
        if (After is not null) await After($"get {key}");
        return found;
    }

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        await BeginAsync($"set {key}");
        Entries[key] = (value, options);
    }

    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        await BeginAsync($"remove {key}");
        Entries.TryRemove(key, out _);
    }

    public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

    public byte[]? Get(string key) => throw new NotSupportedException("Synchronous calls would block.");

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException("Synchronous calls would block.");

    public void Remove(string key) => throw new NotSupportedException("Synchronous calls would block.");

    public void Refresh(string key) => throw new NotSupportedException("Synchronous calls would block.");

    public void Dispose() => Disposals++;

    private async Task BeginAsync(string call)
    {
        Calls.Enqueue(call);
        if (Fail(call) is { } error) throw error;
        if (Before is not null) await Before(call);
    }
}
