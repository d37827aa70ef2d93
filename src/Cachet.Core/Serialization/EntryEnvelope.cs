using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Caching.Hybrid;

namespace Cachet;

/// <summary>What a distributed store holds under a key: a header, and the serialized value.</summary>
/// <remarks>
/// Little-endian: magic (1 byte), version (1), flags (2), when it was cached (8, UTC ticks), the entry's own time to live (8, ticks), the tier's
/// deadline (8, UTC ticks), checksum (8), payload. The checksum (XXH3, 64 bits) covers the kind of serializer, the header before it, the store's
/// key and the payload, so that a payload that was damaged, cut, stored under another key, or written by another serializer is told from a good
/// one. A reader refuses versions and flags that it does not know: a fleet that is being upgraded sees misses, never wrong values.
/// </remarks>
internal sealed class EntryEnvelope<TValue>(IHybridCacheSerializer<TValue> serializer)
{
    /// <summary>How many bytes come before the payload.</summary>
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

    private readonly long _kind = KindOf(serializer);

    /// <summary>Writes an entry that carries its tier's deadline in wall time.</summary>
    /// <returns>Whether it is within the buffer's limit. Beyond it the buffer holds nothing but the length.</returns>
    public bool Write(string storeKey, CacheEntry<TValue> entry, PayloadBuffer target)
    {
        _ = target.GetSpan(HeaderSize);
        target.Advance(HeaderSize);
        if (entry.Value is not null) serializer.Serialize(entry.Value, target);
        if (target.IsOverLimit) return false;

        Span<byte> envelope = target.Written.Span;
        envelope[0] = Magic;
        envelope[1] = Version;
        BinaryPrimitives.WriteUInt16LittleEndian(envelope[FlagsAt..], entry.Value is null ? NullValue : (ushort)0);
        BinaryPrimitives.WriteInt64LittleEndian(envelope[CachedAtAt..], entry.CachedAt?.UtcTicks ?? None);
        BinaryPrimitives.WriteInt64LittleEndian(envelope[TimeToLiveAt..], entry.TimeToLive?.Ticks ?? None);
        BinaryPrimitives.WriteInt64LittleEndian(envelope[DeadlineAt..], entry.Life.DeadlineUtcTicks);
        BinaryPrimitives.WriteUInt64LittleEndian(envelope[ChecksumAt..], Checksum(storeKey, envelope));
        return true;
    }

    /// <summary>Reads an entry. Never throws: whatever is wrong with the bytes, or with what the serializer makes of them, is a refusal.</summary>
    /// <param name="storeKey">The key under which the bytes were found.</param>
    /// <param name="bytes">What was found. It may belong to a pool: nothing of what is returned refers to it.</param>
    public TierReadResult<TValue> Read(string storeKey, ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> envelope = bytes.Span;
        var refused = new TierReadResult<TValue> { SerializedSize = envelope.Length, Undecodable = true };
        if (envelope.Length < HeaderSize || envelope[0] != Magic || envelope[1] != Version) return refused;
        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(envelope[FlagsAt..]);
        if ((flags & ~NullValue) != 0 || BinaryPrimitives.ReadUInt64LittleEndian(envelope[ChecksumAt..]) != Checksum(storeKey, envelope))
        {
            return refused;
        }

        try
        {
            bool isNull = (flags & NullValue) != 0;
            TValue value = isNull ? default! : serializer.Deserialize(new ReadOnlySequence<byte>(bytes[HeaderSize..]));
            long cachedAt = BinaryPrimitives.ReadInt64LittleEndian(envelope[CachedAtAt..]);
            long timeToLive = BinaryPrimitives.ReadInt64LittleEndian(envelope[TimeToLiveAt..]);
            var life = Life.Until(cachedAt == None ? 0 : cachedAt, BinaryPrimitives.ReadInt64LittleEndian(envelope[DeadlineAt..]));
            var entry = CacheEntry<TValue>.Restored(
                value,
                cachedAt == None ? null : new DateTimeOffset(cachedAt, TimeSpan.Zero),
                timeToLive == None ? null : new TimeSpan(timeToLive),
                life);
            return new() { Entry = entry, SerializedSize = envelope.Length };
        }
        catch (Exception error)
        {
            return refused with { DecodeError = error };
        }
    }

    /// <summary>Bytes of one serializer can be good input for another, and mean something else: plain text for JSON, say.</summary>
    private static long KindOf(IHybridCacheSerializer<TValue> serializer) => serializer is JsonValueSerializer<TValue>
        ? 0
        : (long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(serializer.GetType().ToString().AsSpan()));

    private ulong Checksum(string storeKey, ReadOnlySpan<byte> envelope)
    {
        ulong header = XxHash3.HashToUInt64(envelope[..ChecksumAt], _kind);
        ulong key = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(storeKey.AsSpan()), (long)header);
        return XxHash3.HashToUInt64(envelope[HeaderSize..], (long)key);
    }
}
