using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests.Faces;

/// <summary>Bytes in and out of a distributed cache: arrays, sequences and writers, none of which it keeps or shares.</summary>
public class FaceBufferTests : FaceFixture
{
    [Test]
    public async Task Arrays_ChangedOnEitherSide_ChangeNothing([Values] Behind behind, [Values] bool synchronously, [Values] bool sliding)
    {
        IBufferDistributedCache cache = Node(behind);
        byte[] given = Bytes("value");
        await cache.SetAsync("k", given, sliding ? Sliding(60) : new(), synchronously);

        given[0] = (byte)'X';
        byte[] first = (await cache.GetAsync("k", synchronously))!;
        Assert.That(Text(first), Is.EqualTo("value"));
        first[1] = (byte)'Y';
        byte[] second = (await cache.GetAsync("k", synchronously))!;

        Assert.That(Text(second), Is.EqualTo("value"));
        Assert.That(second, Is.Not.SameAs(first));
    }

    [Test]
    public async Task Arrays_OfCallersThatShareALookup_AreTheirOwn()
    {
        await Node().SetAsync("k", Bytes("value"), Sliding(60));
        IBufferDistributedCache cache = Node();
        var gate = new Gate();
        Store.Before = _ => gate.PassAsync();
        Task<byte[]?> first = cache.GetAsync("k"), second = cache.GetAsync("k");
        gate.Open();

        (await first.WaitAsync(Token))![0] = (byte)'X';

        Assert.That(Text(await second.WaitAsync(Token)), Is.EqualTo("value"));
        Assert.That(Store.Count("GetAsync"), Is.EqualTo(1));
    }

    [Test]
    public async Task TryGet_AHit_WritesTheBytesAndTrue([Values] Behind behind, [Values] bool synchronously, [Values(0, 1, 5, 100_000)] int size)
    {
        IBufferDistributedCache cache = Node(behind);
        byte[] value = [.. Enumerable.Range(0, size).Select(static i => (byte)i)];
        await cache.SetAsync("k", value, Sliding(60), synchronously);
        var written = new ArrayBufferWriter<byte>();

        Assert.That(await TryGetAsync(cache, "k", written, synchronously), Is.True);

        Assert.That(written.WrittenSpan.SequenceEqual(value), Is.True);
    }

    [Test]
    public async Task TryGet_AMiss_WritesNothing([Values] Behind behind, [Values] bool synchronously)
    {
        var writer = new RefusingWriter();

        Assert.That(await TryGetAsync(Node(behind), "nobody", writer, synchronously), Is.False);
        Assert.That(writer.Calls, Is.Zero);
    }

    [Test]
    public async Task TryGet_SizeZero_IsAHitThatNeedsNoRoom([Values] Behind behind, [Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node(behind);
        cache.Set("k", ReadOnlySequence<byte>.Empty, new());
        var writer = new RefusingWriter();

        Assert.That(await TryGetAsync(cache, "k", writer, synchronously), Is.True);
        Assert.That(writer.Calls, Is.Zero);
    }

    [Test]
    public async Task TryGet_WriterThrows_ReachesItsCallerAndHarmsNobody([Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node();
        await cache.SetAsync("k", Bytes("v"), new());

        Assert.That(async () => await TryGetAsync(cache, "k", new RefusingWriter(), synchronously), Throws.InstanceOf<NotSupportedException>());
        Assert.That(Text(await cache.GetAsync("k")), Is.EqualTo("v"));
    }

    [Test]
    public async Task Set_SequenceOfSegments_IsStoredWhole([Values] Behind behind, [Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node(behind);

        await SetAsync(cache, "k", Segment.Of("one ", "", "two ", "three"), synchronously);

        Assert.That(Text(await cache.GetAsync("k")), Is.EqualTo("one two three"));
    }

    [Test]
    public async Task Set_SequenceOverMemoryThatIsNoArray_IsStored([Values] Behind behind, [Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node(behind);
        using var text = new TextMemory("text");

        await SetAsync(cache, "k", new(text.Memory), synchronously);

        Assert.That(await cache.GetAsync("k"), Is.EqualTo(Encoding.Unicode.GetBytes("text")));
    }

    [Test]
    public async Task Set_SequenceWhoseBufferIsUsedAgain_KeepsWhatItWas([Values] Behind behind, [Values] bool synchronously)
    {
        IBufferDistributedCache cache = Node(behind);
        byte[] pooled = Bytes("value");
        var gate = new Gate();
        Store.Before = _ => gate.PassAsync();

        Task set = SetAsync(cache, "k", new(pooled), synchronously);
        pooled.AsSpan().Fill((byte)'X');
        gate.Open();
        await set.WaitAsync(Token);

        Assert.That(Text(await cache.GetAsync("k")), Is.EqualTo("value"));
    }

    [Test]
    public async Task Store_WithBuffers_IsReadAndWrittenByThem([Values] bool synchronously)
    {
        using var store = new ClockedBufferStore(Clock);
        IBufferDistributedCache cache = Node(store: store);

        await SetAsync(cache, "k", new(Bytes("v")), synchronously);
        await cache.SetAsync("q", Bytes("w"), Sliding(60), synchronously);
        string? found = Text(await Node(store: store).GetAsync("k", synchronously));
        await cache.RefreshAsync("q", synchronously);
        await cache.RemoveAsync("q", synchronously);

        Assert.That(found, Is.EqualTo("v"));
        string a = synchronously ? "" : "Async";
        Assert.That(store.Calls, Is.EqualTo(new[]
        {
            $"SetSequence{a} sessions:k", $"SetSequence{a} sessions:q", $"TryGet{a} sessions:k", $"Refresh{a} sessions:q", $"Remove{a} sessions:q",
        }));
    }

    private static async Task<bool> TryGetAsync(IBufferDistributedCache cache, string key, IBufferWriter<byte> destination, bool synchronously) =>
        synchronously ? cache.TryGet(key, destination) : await cache.TryGetAsync(key, destination);

    private static async Task SetAsync(IBufferDistributedCache cache, string key, ReadOnlySequence<byte> value, bool synchronously)
    {
        if (synchronously) cache.Set(key, value, new());
        else await cache.SetAsync(key, value, new());
    }

    private sealed class RefusingWriter : IBufferWriter<byte>
    {
        public int Calls { get; private set; }

        public void Advance(int count) => Refuse();

        public Memory<byte> GetMemory(int sizeHint = 0) => Refuse();

        public Span<byte> GetSpan(int sizeHint = 0) => Refuse();

        private byte[] Refuse()
        {
            Calls++;
            throw new NotSupportedException();
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public static ReadOnlySequence<byte> Of(params string[] texts)
        {
            Segment? first = null, last = null;
            foreach (string text in texts)
            {
                var next = new Segment { Memory = Bytes(text), RunningIndex = last is null ? 0 : last.RunningIndex + last.Memory.Length };
                if (last is not null) last.Next = next;
                first ??= next;
                last = next;
            }

            return new(first!, 0, last!, last!.Memory.Length);
        }
    }

    /// <summary>Memory that no array of bytes can be had of.</summary>
    private sealed class TextMemory(string text) : MemoryManager<byte>
    {
        private readonly char[] _text = text.ToCharArray();

        public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(_text.AsSpan());

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
