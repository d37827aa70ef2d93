using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests.Decorators;

/// <summary>A distributed cache that answers as a test says, and notes what it was asked with.</summary>
internal class ScriptedDistributedCache : IDistributedCache
{
    /// <summary>Gives what the named member returns: a value or a task; or throws.</summary>
    public Func<string, object?> Answer { get; set; } = static _ => null;

    /// <summary>The members that were called, each with its arguments.</summary>
    public ConcurrentQueue<(string Member, object?[] Arguments)> Calls { get; } = new();

    public byte[]? Get(string key) => (byte[]?)Asked(nameof(Get), key);

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => (Task<byte[]?>)Asked(nameof(GetAsync), key, token)!;

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => Asked(nameof(Set), key, value, options);

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        (Task)Asked(nameof(SetAsync), key, value, options, token)!;

    public void Refresh(string key) => Asked(nameof(Refresh), key);

    public Task RefreshAsync(string key, CancellationToken token = default) => (Task)Asked(nameof(RefreshAsync), key, token)!;

    public void Remove(string key) => Asked(nameof(Remove), key);

    public Task RemoveAsync(string key, CancellationToken token = default) => (Task)Asked(nameof(RemoveAsync), key, token)!;

    protected object? Asked(string member, params object?[] arguments)
    {
        Calls.Enqueue((member, arguments));
        return Answer(member);
    }
}

/// <summary>One that reads and writes the caller's buffers too.</summary>
internal sealed class ScriptedBufferDistributedCache : ScriptedDistributedCache, IBufferDistributedCache
{
    public bool TryGet(string key, IBufferWriter<byte> destination) => Asked(nameof(TryGet), key, destination) is true;

    public ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default) =>
        new((Task<bool>)Asked(nameof(TryGetAsync), key, destination, token)!);

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => Asked("SetBuffer", key, value, options);

    public ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        new((Task)Asked("SetBufferAsync", key, value, options, token)!);
}
