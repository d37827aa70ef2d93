using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Extensions.Caching.Hybrid;

namespace Cachet;

/// <summary>What the cache behind a distributed cache holds under a key: a copy of the caller's bytes, and for how long they may go unread.</summary>
internal sealed class FacePayload(byte[] bytes, TimeSpan? sliding) : ISlidingValue
{
    /// <summary>The bytes. Nobody but the cache has this array: neither whoever stored them nor whoever reads them.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    public TimeSpan? Sliding => sliding;
}

/// <summary>The stored form: the sliding expiration in ticks (8 bytes, little-endian; 0 for none), and the bytes.</summary>
/// <remarks>Envelopes carry the name of this type in their checksum: under another name, it could not read what there is.</remarks>
internal sealed class FacePayloadSerializer : IHybridCacheSerializer<FacePayload>
{
    public static FacePayloadSerializer Instance { get; } = new();

    public FacePayload Deserialize(ReadOnlySequence<byte> source)
    {
        Span<byte> sliding = stackalloc byte[sizeof(long)];
        source.Slice(0, sizeof(long)).CopyTo(sliding);
        long ticks = BinaryPrimitives.ReadInt64LittleEndian(sliding);
        return new(source.Slice(sizeof(long)).ToArray(), ticks == 0 ? null : new TimeSpan(ticks));
    }

    public void Serialize(FacePayload value, IBufferWriter<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target.GetSpan(sizeof(long)), value.Sliding?.Ticks ?? 0);
        target.Advance(sizeof(long));
        target.Write(value.Bytes.Span);
    }
}
