using System.Buffers;

namespace CachetTests;

/// <summary>A writer that gives as little space as it may: what is asked for, and one byte where nothing is.</summary>
internal sealed class ScantWriter : IBufferWriter<byte>
{
    private readonly List<byte> _written = [];
    private byte[] _space = [];

    public IReadOnlyList<byte> Written => _written;

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _space.Length);
        _written.AddRange(_space.AsSpan(0, count));
        _space = [];
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => _space = new byte[Math.Max(1, sizeHint)];

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
