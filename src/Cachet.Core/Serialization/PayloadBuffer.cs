using System.Buffers;

namespace Cachet;

/// <summary>The bytes of one call to a store: an array of a pool, which goes back when the buffer is disposed of.</summary>
/// <param name="pool">Where arrays come from.</param>
/// <param name="limit">How many bytes are kept at most. More are counted, so that whoever asks can be told, and not kept.</param>
/// <remarks>A new one for every call, never pooled itself: whoever still writes when the call has ended gets an exception, not somebody else's
/// bytes to overwrite.</remarks>
internal sealed class PayloadBuffer(ArrayPool<byte> pool, long limit) : IBufferWriter<byte>, IDisposable
{
    private const int FirstSize = 4096;

    private byte[]? _bytes = [];
    private bool _isPooled;
    private int _kept;

    /// <summary>How many bytes were written.</summary>
    public long Length { get; private set; }

    public bool IsOverLimit => Length > limit;

    /// <summary>What was written, unless it is over the limit. Not to be used once the buffer is disposed of.</summary>
    public Memory<byte> Written => Bytes.AsMemory(0, _kept);

    private byte[] Bytes => _bytes ?? throw new ObjectDisposedException(nameof(PayloadBuffer), "The call that this buffer was lent to has ended.");

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Bytes.Length - _kept);
        _kept += count;
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return Bytes.AsMemory(_kept);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Leaves the array to the garbage collector: somebody may still be reading it.</summary>
    public void Abandon() => _isPooled = false;

    public void Dispose()
    {
        byte[]? bytes = _bytes;
        _bytes = null;
        if (_isPooled) pool.Return(bytes!);
        _isPooled = false;
    }

    private void MakeRoom(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        byte[] old = Bytes;
        if (IsOverLimit) _kept = 0;
        int needed = Math.Max(1, sizeHint);
        if (old.Length - _kept >= needed) return;
        long size = Math.Max((long)_kept + needed, Math.Min(Array.MaxLength, 2L * old.Length));
        if (size > Array.MaxLength) throw new InvalidOperationException("The serialized value is larger than an array can be.");
        byte[] larger = pool.Rent(Math.Max(FirstSize, (int)size));
        old.AsSpan(0, _kept).CopyTo(larger);
        if (_isPooled) pool.Return(old);
        _bytes = larger;
        _isPooled = true;
    }
}
