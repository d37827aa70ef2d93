using System.Buffers;
using System.Text;
using Cachet;
using CsCheck;
using Microsoft.Extensions.Caching.Hybrid;

namespace CachetTests;

public class EnvelopeTests
{
    private const string Key = "c:0123456789abcdef:k";

    private static readonly JsonValueSerializer<string?> _json = JsonValueSerializer<string?>.Create(null, "The tier");

    private static readonly EntryEnvelope<string?> _envelope = new(new Blunt());

    private static readonly Gen<CacheEntry<string?>> _entries = Gen.Select(
        Gen.String.Null(),
        Gen.DateTime.Select(static d => new DateTimeOffset(d.Ticks, TimeSpan.Zero)),
        Gen.Bool,
        Gen.Long[-1, long.MaxValue],
        Gen.Long[0, long.MaxValue],
        static (value, cachedAt, stamped, life, deadline) => new CacheEntry<string?>(
                value, stamped ? cachedAt : null, life < 0 ? null : life % 7 == 0 ? Timeout.InfiniteTimeSpan : new TimeSpan(life))
            .With(Life.Until(1, deadline)));

    [Test]
    public void Read_WhatWasWritten_KeepsValueCachedAtTimeToLiveAndDeadline() => _entries.Sample(
        static entry =>
        {
            byte[] envelope = _envelope.Write(Key, entry);
            TierReadResult<string?> read = _envelope.Read(Key, envelope);
            return !read.Undecodable && read.DecodeError is null && read.SerializedSize == envelope.Length
                && read.Entry!.Value == entry.Value && read.Entry.CachedAt == entry.CachedAt && read.Entry.TimeToLive == entry.TimeToLive
                && read.Entry.Life.IsSet && read.Entry.Life.DeadlineUtcTicks == entry.Life.DeadlineUtcTicks;
        },
        iter: 5_000);

    [Test]
    public void Read_RandomBytes_IsRefused() => Gen.Byte.Array[0, 200].Sample(
        static bytes => _envelope.Read(Key, bytes) is { Undecodable: true, Entry: null } read && read.SerializedSize == bytes.Length,
        iter: 20_000);

    [Test]
    public void Read_RandomBytesWithAGoodBeginning_IsRefused() => Gen.Byte.Array[36, 200].Sample(
        static bytes =>
        {
            bytes[0] = 0xCA;
            bytes[1] = 1;
            return _envelope.Read(Key, bytes) is { Undecodable: true, Entry: null };
        },
        iter: 20_000);

    [Test]
    public void Read_AnyBitFlipped_IsRefused() => Gen.Select(_entries, Gen.UInt).Sample(
        static (entry, at) =>
        {
            byte[] envelope = _envelope.Write(Key, entry);
            long bit = at % (envelope.Length * 8L);
            envelope[bit / 8] ^= (byte)(1 << (int)(bit % 8));
            return _envelope.Read(Key, envelope) is { Undecodable: true, Entry: null };
        },
        iter: 10_000);

    [Test]
    public void Read_EveryBitOfOneFlipped_IsRefused()
    {
        byte[] good = _envelope.Write(Key, Stamped("value"));

        for (int bit = 0; bit < good.Length * 8; bit++)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.That(_envelope.Read(Key, bad).Undecodable, Is.True, $"bit {bit}");
        }
    }

    [Test]
    public void Read_EveryTruncation_IsRefused()
    {
        byte[] good = _envelope.Write(Key, Stamped("value"));

        for (int length = 0; length < good.Length; length++)
        {
            Assert.That(_envelope.Read(Key, good.AsMemory(0, length)).Undecodable, Is.True, $"{length} bytes");
        }
    }

    [Test]
    public void Read_Appended_IsRefused() => Gen.Select(_entries, Gen.Byte.Array[1, 20]).Sample(
        static (entry, more) => _envelope.Read(Key, [.. _envelope.Write(Key, entry), .. more]).Undecodable,
        iter: 5_000);

    [Test]
    public void Read_UnderAnotherKey_IsRefused() => Gen.Select(_entries, Gen.String, Gen.String).Sample(
        static (entry, one, other) => one == other
            || _envelope.Read(other, _envelope.Write(one, entry)) is { Undecodable: true, Entry: null },
        iter: 10_000);

    [Test]
    public void Read_TwoSpliced_IsNeverAWrongValue() => Gen.Select(_entries, _entries, Gen.UInt).Sample(
        static (one, other, at) =>
        {
            byte[] a = _envelope.Write(Key, one), b = _envelope.Write(Key, other);
            int cut = (int)(at % (Math.Min(a.Length, b.Length) + 1));
            byte[] spliced = [.. a[..cut], .. b[cut..]];
            TierReadResult<string?> read = _envelope.Read(Key, spliced);
            return read.Undecodable || spliced.AsSpan().SequenceEqual(a) || spliced.AsSpan().SequenceEqual(b);
        },
        iter: 10_000);

    [TestCase(0)]
    [TestCase(2)]
    [TestCase(255)]
    public void Read_AnotherVersion_IsRefusedWithoutAskingTheSerializer(int version)
    {
        byte[] envelope = _envelope.Write(Key, Stamped("v"));
        envelope[1] = (byte)version;

        TierReadResult<string?> read = new EntryEnvelope<string?>(new Blunt { Error = new InvalidOperationException("asked") }).Read(Key, envelope);

        Assert.That(read, Is.EqualTo(new TierReadResult<string?> { SerializedSize = envelope.Length, Undecodable = true }));
    }

    [Test]
    public void Read_SerializerThrows_IsRefusedWithItsException()
    {
        var error = new FormatException("not mine");
        byte[] envelope = _envelope.Write(Key, Stamped("v"));

        TierReadResult<string?> read = new EntryEnvelope<string?>(new Blunt { Error = error }).Read(Key, envelope);

        Assert.That(read, Is.EqualTo(new TierReadResult<string?> { SerializedSize = envelope.Length, Undecodable = true, DecodeError = error }));
    }

    [Test]
    public void Read_WrittenByAnotherSerializer_IsRefusedWithoutAskingIt()
    {
        byte[] envelope = _envelope.Write(Key, Stamped("v"));

        TierReadResult<string?> other = new EntryEnvelope<string?>(new Other()).Read(Key, envelope);
        TierReadResult<string?> json = new EntryEnvelope<string?>(_json).Read(Key, envelope);

        Assert.That(other, Is.EqualTo(new TierReadResult<string?> { SerializedSize = envelope.Length, Undecodable = true }));
        Assert.That(json, Is.EqualTo(other));
    }

    [Test]
    public void Read_UnknownFlag_IsRefused()
    {
        byte[] envelope = _envelope.Write(Key, Stamped("v"));
        envelope[3] |= 0x80;

        Assert.That(_envelope.Read(Key, envelope).Undecodable, Is.True);
    }

    [Test]
    public void Write_NullValue_HasNoPayload()
    {
        byte[] envelope = _envelope.Write(Key, Stamped(null));

        Assert.That(envelope, Has.Length.EqualTo(EntryEnvelope<string?>.HeaderSize));
        TierReadResult<string?> read = new EntryEnvelope<string?>(new Blunt { Error = new InvalidOperationException("asked") }).Read(Key, envelope);
        Assert.That(read.Entry, Is.Not.Null);
        Assert.That(read.Entry!.Value, Is.Null);
    }

    [Test]
    public void Write_EmptyPayload_IsNotNull()
    {
        byte[] envelope = _envelope.Write(Key, Stamped(""));

        Assert.That(_envelope.Read(Key, envelope).Entry!.Value, Is.Empty);
    }

    [Test]
    public void Json_AnyStringWithoutLoneSurrogates_ComesBack() => Gen.String.Sample(
        static text =>
        {
            var json = new EntryEnvelope<string?>(_json);
            string sound = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            return json.Read(Key, json.Write(Key, Stamped(sound))).Entry?.Value == sound;
        },
        iter: 5_000);

    [Test]
    public void Json_PayloadInSegments_IsRead()
    {
        var buffer = new ArrayBufferWriter<byte>();
        _json.Serialize("a longer value", buffer);
        byte[] payload = buffer.WrittenMemory.ToArray();
        var first = new Segment(payload.AsMemory(0, 4));
        Segment last = first.Append(payload.AsMemory(4, 5)).Append(payload.AsMemory(9));

        Assert.That(_json.Deserialize(new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length)), Is.EqualTo("a longer value"));
    }

    [Test]
    public void Json_TwoValues_AreRefused() =>
        Assert.That(() => _json.Deserialize(new("\"a\"\"b\""u8.ToArray())), Throws.InstanceOf<System.Text.Json.JsonException>());

    private static CacheEntry<string?> Stamped(string? value) => new CacheEntry<string?>(value, Rig.Start).With(Life.Until(1, long.MaxValue));

    /// <summary>Takes any bytes for text, so that only the envelope can refuse.</summary>
    private sealed class Blunt : IHybridCacheSerializer<string?>
    {
        /// <summary>What reading throws.</summary>
        public Exception? Error { get; init; }

        public string Deserialize(ReadOnlySequence<byte> source) => Error is null ? Encoding.Unicode.GetString(source) : throw Error;

        public void Serialize(string? value, IBufferWriter<byte> target)
        {
            // Lone surrogates too: an encoding would mend them.
            foreach (char c in value!) target.Write([(byte)c, (byte)(c >> 8)]);
        }
    }

    /// <summary>Another serializer that would take the same bytes.</summary>
    private sealed class Other : IHybridCacheSerializer<string?>
    {
        public string Deserialize(ReadOnlySequence<byte> source) => throw new InvalidOperationException("asked");

        public void Serialize(string? value, IBufferWriter<byte> target) => throw new NotSupportedException();
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
