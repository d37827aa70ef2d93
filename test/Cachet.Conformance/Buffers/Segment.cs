using System.Buffers;

namespace CachetTests;

/// <summary>A part of a sequence of bytes.</summary>
internal sealed class Segment : ReadOnlySequenceSegment<byte>
{
    /// <summary>A sequence of parts.</summary>
    public static ReadOnlySequence<byte> Sequence(params ReadOnlyMemory<byte>[] parts)
    {
        var first = new Segment { Memory = parts[0] };
        Segment last = first;
        foreach (ReadOnlyMemory<byte> part in parts.Skip(1))
        {
            var next = new Segment { Memory = part, RunningIndex = last.RunningIndex + last.Memory.Length };
            last.Next = next;
            last = next;
        }

        return new(first, 0, last, last.Memory.Length);
    }
}
