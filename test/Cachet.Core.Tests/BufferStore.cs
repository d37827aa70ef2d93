using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests;

/// <summary>A store's other face: bytes in the caller's buffers only, written a few at a time. What it holds is another store's.</summary>
internal sealed class BufferStore(FakeStore inner, int chunkSize = 7) : IBufferDistributedCache
{
    /// <summary>What the last read was given to write to.</summary>
    public IBufferWriter<byte>? Destination { get; private set; }

    /// <summary>Thrown by a read when it has written half.</summary>
    public Exception? FailHalfway { get; set; }

    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        Destination = destination;
        if (await inner.GetAsync(key, token).WaitAsync(token) is not { } found) return false;
        foreach (byte[] chunk in found.Chunk(chunkSize))
        {
            destination.Write(chunk);
            if (FailHalfway is not null) throw FailHalfway;
        }

        return true;
    }

    public ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        new(inner.SetAsync(key, value.ToArray(), options, token).WaitAsync(token));

    public Task RemoveAsync(string key, CancellationToken token = default) => inner.RemoveAsync(key, token);

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => throw new NotSupportedException("Arrays are for stores without buffers.");

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        throw new NotSupportedException("Arrays are for stores without buffers.");

    public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

    public bool TryGet(string key, IBufferWriter<byte> destination) => throw new NotSupportedException("Synchronous calls would block.");

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => throw new NotSupportedException("Synchronous calls would block.");

    public byte[]? Get(string key) => throw new NotSupportedException("Synchronous calls would block.");

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException("Synchronous calls would block.");

    public void Remove(string key) => throw new NotSupportedException("Synchronous calls would block.");

    public void Refresh(string key) => throw new NotSupportedException("Synchronous calls would block.");
}
