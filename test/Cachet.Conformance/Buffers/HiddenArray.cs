using System.Buffers;

namespace CachetTests;

/// <summary>Memory of which nobody can have the array, as with memory that is in none.</summary>
internal sealed class HiddenArray(params byte[] bytes) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => bytes;

    public override MemoryHandle Pin(int elementIndex = 0) => bytes.AsMemory(elementIndex).Pin();

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
