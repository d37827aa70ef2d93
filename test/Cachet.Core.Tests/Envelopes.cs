using System.Buffers;
using Cachet;

namespace CachetTests;

/// <summary>Envelopes as arrays, for tests that look at their bytes.</summary>
internal static class Envelopes
{
    public static byte[] Write<TValue>(this EntryEnvelope<TValue> envelope, string storeKey, CacheEntry<TValue> entry)
    {
        using var buffer = new PayloadBuffer(ArrayPool<byte>.Shared, int.MaxValue);
        Assert.That(envelope.Write(storeKey, entry, buffer), Is.True);
        return buffer.Written.ToArray();
    }

    public static TierReadResult<TValue> Read<TValue>(this EntryEnvelope<TValue> envelope, string storeKey, byte[] bytes) =>
        envelope.Read(storeKey, bytes.AsMemory());
}
