using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Caching.Hybrid;

namespace Cachet;

/// <summary>What a distributed store holds under a key: a header, and the serialized value.</summary>
/// <remarks>
/// Little-endian: magic (1 byte), version (1), flags (2), when it was cached (8, UTC ticks), the entry's own time to live (8, ticks), the tier's
/// deadline (8, UTC ticks), checksum (8), payload. The checksum (XXH3, 64 bits) covers the header before it, the store's key and the
/// payload, so that a payload that was damaged, cut, or stored under another key is told from a good one. A reader refuses a version it does not
/// know: a fleet that is being upgraded sees misses, never wrong values.
/// </remarks>
internal static class EntryEnvelope
{
    public const int HeaderSize = ChecksumAt + sizeof(ulong);

    private const byte Magic = 0xCA;
    private const byte Version = 1;
    private const ushort NullValue = 1;
    private const int FlagsAt = 2;
    private const int CachedAtAt = 4;
    private const int TimeToLiveAt = 12;
    private const int DeadlineAt = 20;
    private const int ChecksumAt = 28;
    private const long None = long.MinValue;

    /// <summary>Writes an entry that carries its tier's deadline in wall time.</summary>
    public static byte[] Write<TValue>(string storeKey, CacheEntry<TValue> entry, IHybridCacheSerializer<TValue> serializer)
    {
        var writer = new ArrayBufferWriter<byte>(256);
        writer.GetSpan(HeaderSize)[..HeaderSize].Clear();
        writer.Advance(HeaderSize);
        if (entry.Value is not null) serializer.Serialize(entry.Value, writer);

        byte[] envelope = writer.WrittenSpan.ToArray();
        envelope[0] = Magic;
        envelope[1] = Version;
        BinaryPrimitives.WriteUInt16LittleEndian(envelope.AsSpan(FlagsAt), entry.Value is null ? NullValue : (ushort)0);
        BinaryPrimitives.WriteInt64LittleEndian(envelope.AsSpan(CachedAtAt), entry.CachedAt?.UtcTicks ?? None);
        BinaryPrimitives.WriteInt64LittleEndian(envelope.AsSpan(TimeToLiveAt), entry.TimeToLive?.Ticks ?? None);
        BinaryPrimitives.WriteInt64LittleEndian(envelope.AsSpan(DeadlineAt), entry.Life.DeadlineUtcTicks);
        BinaryPrimitives.WriteUInt64LittleEndian(envelope.AsSpan(ChecksumAt), Checksum(storeKey, envelope));
        return envelope;
    }

    /// <summary>Reads an entry. Never throws: whatever is wrong with the bytes, or with what the serializer makes of them, is a refusal.</summary>
    public static TierReadResult<TValue> Read<TValue>(string storeKey, byte[] envelope, IHybridCacheSerializer<TValue> serializer)
    {
        long size = envelope.Length;
        if (size < HeaderSize || envelope[0] != Magic || envelope[1] != Version
            || BinaryPrimitives.ReadUInt64LittleEndian(envelope.AsSpan(ChecksumAt)) != Checksum(storeKey, envelope))
        {
            return new(null, size, Undecodable: true);
        }

        try
        {
            bool isNull = (BinaryPrimitives.ReadUInt16LittleEndian(envelope.AsSpan(FlagsAt)) & NullValue) != 0;
            TValue value = isNull ? default! : serializer.Deserialize(new ReadOnlySequence<byte>(envelope, HeaderSize, envelope.Length - HeaderSize));
            long cachedAt = BinaryPrimitives.ReadInt64LittleEndian(envelope.AsSpan(CachedAtAt));
            long timeToLive = BinaryPrimitives.ReadInt64LittleEndian(envelope.AsSpan(TimeToLiveAt));
            var entry = new CacheEntry<TValue>(
                value,
                cachedAt == None ? null : new DateTimeOffset(cachedAt, TimeSpan.Zero),
                timeToLive == None ? null : new TimeSpan(timeToLive));
            var life = Life.Until(cachedAt == None ? 1 : cachedAt, BinaryPrimitives.ReadInt64LittleEndian(envelope.AsSpan(DeadlineAt)));
            return new(entry.With(life), size);
        }
        catch (Exception error)
        {
            return new(null, size, Undecodable: true, error);
        }
    }

    private static ulong Checksum(string storeKey, ReadOnlySpan<byte> envelope)
    {
        ulong header = XxHash3.HashToUInt64(envelope[..ChecksumAt]);
        ulong key = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(storeKey.AsSpan()), (long)header);
        return XxHash3.HashToUInt64(envelope[HeaderSize..], (long)key);
    }
}
