using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Internal;
using Microsoft.Extensions.Options;

namespace CachetTests.Faces;

/// <summary>The framework's store in memory, which knows lives of both kinds, under a clock of the test's. Its calls are written down, and can be made to fail;
/// the asynchronous ones can be held.</summary>
internal class ClockedStore(TimeProvider time) : IDistributedCache, IDisposable
{
    private readonly MemoryDistributedCache _inner = new(Options.Create(new MemoryDistributedCacheOptions { Clock = new Clock(time) }));

    /// <summary>Every call as <c>Get key</c>, <c>GetAsync key</c> …</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    public Func<string, Exception?> Fail { get; set; } = static _ => null;

    /// <summary>Awaited by the asynchronous calls before they do anything.</summary>
    public Func<string, Task>? Before { get; set; }

    /// <summary>Awaited by an asynchronous read once it has its answer.</summary>
    public Func<string, Task>? After { get; set; }

    /// <summary>Run by the synchronous calls before they do anything.</summary>
    public Action<string>? BeforeSynchronous { get; set; }

    /// <summary>What the last write said of the entry's life.</summary>
    public DistributedCacheEntryOptions? LastOptions { get; private set; }

    /// <summary>What the last write stored.</summary>
    public byte[]? LastBytes { get; private set; }

    public int Disposals { get; private set; }

    public int Count(string member) => Calls.Count(c => c.StartsWith(member + " ", StringComparison.Ordinal));

    public byte[]? Get(string key)
    {
        Begin(key, nameof(Get));
        return _inner.Get(key);
    }

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        await BeginAsync(key, nameof(GetAsync), token);
        byte[]? found = _inner.Get(key);
        if (After is not null) await After(key);
        return found;
    }

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        Begin(key, nameof(Set));
        Store(key, value, options);
    }

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        await BeginAsync(key, nameof(SetAsync), token);
        Store(key, value, options);
    }

    public void Refresh(string key)
    {
        Begin(key, nameof(Refresh));
        _inner.Refresh(key);
    }

    public async Task RefreshAsync(string key, CancellationToken token = default)
    {
        await BeginAsync(key, nameof(RefreshAsync), token);
        _inner.Refresh(key);
    }

    public void Remove(string key)
    {
        Begin(key, nameof(Remove));
        _inner.Remove(key);
    }

    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        await BeginAsync(key, nameof(RemoveAsync), token);
        _inner.Remove(key);
    }

    public void Dispose() => Disposals++;

    private protected void Begin(string key, string member)
    {
        string call = $"{member} {key}";
        Calls.Enqueue(call);
        if (Fail(call) is { } error) throw error;
        BeforeSynchronous?.Invoke(call);
    }

    private protected async Task BeginAsync(string key, string member, CancellationToken token)
    {
        string call = $"{member} {key}";
        Calls.Enqueue(call);
        token.ThrowIfCancellationRequested();
        if (Fail(call) is { } error) throw error;
        if (Before is not null) await Before(call).WaitAsync(token);
    }

    private protected byte[]? Find(string key) => _inner.Get(key);

    private protected void Store(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        (LastOptions, LastBytes) = (options, value);
        _inner.Set(key, value, options);
    }

    private sealed class Clock(TimeProvider time) : ISystemClock
    {
        public DateTimeOffset UtcNow => time.GetUtcNow();
    }
}

/// <summary>The same with buffers, by which alone it is to be read and written.</summary>
internal sealed class ClockedBufferStore(TimeProvider time) : ClockedStore(time), IBufferDistributedCache
{
    public bool TryGet(string key, IBufferWriter<byte> destination)
    {
        Begin(key, nameof(TryGet));
        return Write(Find(key), destination);
    }

    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        await BeginAsync(key, nameof(TryGetAsync), token);
        return Write(Find(key), destination);
    }

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options)
    {
        Begin(key, "SetSequence");
        Store(key, value.ToArray(), options);
    }

    public async ValueTask SetAsync(
        string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        await BeginAsync(key, "SetSequenceAsync", token);
        Store(key, value.ToArray(), options);
    }

    private static bool Write(byte[]? found, IBufferWriter<byte> destination)
    {
        if (found is not null) destination.Write(found);
        return found is not null;
    }
}
