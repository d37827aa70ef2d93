using System.Buffers;
using System.Text;
using Cachet;

namespace CachetTests.Faces;

/// <summary>What a distributed cache stores, and for how long it may go unread, by themselves.</summary>
public class FacePayloadTests
{
    private static readonly TimeSpan _ten = TimeSpan.FromSeconds(10);

    [Test]
    public void Deserialize_WhatWasSerialized_IsTheSameWhateverItsSegments([Values] bool slides, [Values(0, 1, 100)] int size)
    {
        byte[] bytes = [.. Enumerable.Range(0, size).Select(static i => (byte)i)];
        var written = new ArrayBufferWriter<byte>();

        FacePayloadSerializer.Instance.Serialize(new(bytes, slides ? _ten : null), written);
        FacePayload read = FacePayloadSerializer.Instance.Deserialize(new(written.WrittenMemory));

        Assert.That(read.Bytes.ToArray(), Is.EqualTo(bytes));
        Assert.That(read.Sliding, Is.EqualTo(slides ? _ten : (TimeSpan?)null));
        Assert.That(written.WrittenCount, Is.EqualTo(8 + size));
    }

    [Test]
    public void Deserialize_TooShort_Throws() =>
        Assert.That(() => FacePayloadSerializer.Instance.Deserialize(new(new byte[7])), Throws.Exception);

    [Test]
    public async Task StoredForm_OfAnEntry_IsAnEnvelopeOfItsOwnKind()
    {
        using var store = new ClockedStore(TimeProvider.System);
        await Cache.DistributedCache("c", o => o.Store = store).SetAsync("k", Encoding.UTF8.GetBytes("v"), new() { SlidingExpiration = _ten });

        TierReadResult<FacePayload> read = new EntryEnvelope<FacePayload>(FacePayloadSerializer.Instance).Read("c:k", store.LastBytes!);

        Assert.That(Encoding.UTF8.GetString(read.Entry!.Value.Bytes.Span), Is.EqualTo("v"));
        Assert.That(read.Entry.Value.Sliding, Is.EqualTo(_ten));
        Assert.That(read.Entry.Life.DeadlineUtcTicks, Is.EqualTo(long.MaxValue), "The store knows it, each read anew.");
    }

    [Test]
    public void Lifetimes_SystemClock_JudgeASlidingValueInMemoryByWhenItWasUsed()
    {
        // The process's own clock cannot be put forward: what is judged is a copy that claims to have been used long ago.
        var rules = new Lifetimes<FacePayload>(TimeProvider.System, new(Timeout.InfiniteTimeSpan, null, 0, false, default), static () => 0);

        Assert.That(rules.TryUse(Used(11, _ten)), Is.False);
        Assert.That(rules.IsFresh(Used(11, _ten)), Is.False);
        Assert.That(rules.TryUse(Used(9, _ten)), Is.True);
        Assert.That(rules.IsFresh(Used(9, _ten)), Is.True);
        Assert.That(rules.TryUse(Used(1_000_000, null)), Is.True, "It may go unread for ever.");
    }

    [Test]
    public void Lifetimes_OfAStore_LeaveSlidingToIt()
    {
        var rules = new Lifetimes<FacePayload>(TimeProvider.System, new(Timeout.InfiniteTimeSpan, null, 0, true, TimeSpan.MaxValue), static () => 0);

        Assert.That(rules.TryUse(Used(11, _ten)), Is.True);
        Assert.That(rules.IsFresh(Used(11, _ten)), Is.True);
    }

    [Test]
    public void ClearAsync_OfATierWithoutAGeneration_IsRefused()
    {
        using var store = new ClockedStore(TimeProvider.System);
        var tier = new DistributedTier<string, FacePayload>(
            PayloadStore.Over(store, ArrayPool<byte>.Shared),
            new("c:", string.Concat),
            new(FacePayloadSerializer.Instance),
            new(TimeProvider.System),
            1_000);

        Assert.That(() => tier.ClearAsync(default), Throws.InstanceOf<NotSupportedException>());
    }

    private static CacheEntry<FacePayload> Used(long secondsAgo, TimeSpan? sliding)
    {
        CacheEntry<FacePayload> copy = new CacheEntry<FacePayload>(new([], sliding)).With(Life.Lasting(long.MaxValue));
        copy.Use(Environment.TickCount64 - (secondsAgo * 1_000));
        return copy;
    }
}
