namespace Cachet;

/// <summary>What a store has under a key, for as long as it takes to decode it: an array of the store's own, or a buffer that it wrote into, which goes back
/// when this is disposed of. The default is nothing.</summary>
internal readonly struct StoredPayload : IDisposable
{
    private readonly byte[]? _array;
    private readonly PayloadBuffer? _buffer;

    public StoredPayload(byte[]? array) => _array = array;

    public StoredPayload(PayloadBuffer buffer) => _buffer = buffer;

    public bool IsThere => _array is not null || _buffer is not null;

    public long Length => _array?.Length ?? _buffer?.Length ?? 0;

    /// <summary>The bytes; of a buffer, unless there are more than it keeps.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer is null ? _array : _buffer.Written;

    public void Dispose() => _buffer?.Dispose();
}
