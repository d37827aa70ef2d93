using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests;

/// <summary>What an <see cref="IBufferDistributedCache"/> has to do beyond <see cref="IDistributedCache"/>, and what Cachet does where the
/// documentation leaves it open.</summary>
public abstract class BufferDistributedCacheConformance(Form form, Calls calls) : DistributedCacheFixture(form, calls)
{
    private static readonly CancellationToken _cancelled = new(canceled: true);

    private IBufferDistributedCache Buffers => (IBufferDistributedCache)Cache;

    private CalledBufferCache CalledBuffers => new(Buffers, Way);

    [Documented("An unknown key is not found, and writes nothing.")]
    public async Task TryGet_UnknownKey_WritesNothing()
    {
        var buffer = new ArrayBufferWriter<byte>();

        Assert.That(await CalledBuffers.TryGetAsync("k", buffer), Is.False);
        Assert.That(buffer.WrittenCount, Is.Zero);
    }

    [Documented("What was set is what is written, every byte of it.")]
    public async Task TryGet_Set_WritesTheValue()
    {
        byte[] value = [.. Enumerable.Range(0, 100_000).Select(static i => (byte)i)];

        await CalledBuffers.SetAsync("k", value, Lives.ForEver);

        Assert.That(await CalledBuffers.ReadAsync("k"), Is.EqualTo(value));
    }

    [Documented("A value is written behind what the buffer has already.")]
    public async Task TryGet_BufferWithContents_KeepsThem()
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write<byte>([1, 2]);
        await CalledBuffers.SetAsync("k", [3], Lives.ForEver);

        await CalledBuffers.TryGetAsync("k", buffer);

        Assert.That(buffer.WrittenSpan.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Documented("A buffer that never has more space than it is asked for is good enough.")]
    public async Task TryGet_BufferWithLittleSpace_GetsTheValue()
    {
        var buffer = new ScantWriter();
        await CalledBuffers.SetAsync("k", [1, 2, 3, 4, 5], Lives.ForEver);

        await CalledBuffers.TryGetAsync("k", buffer);

        Assert.That(buffer.Written, Is.EqualTo(new byte[] { 1, 2, 3, 4, 5 }));
    }

    [Documented("Methods with buffers and methods with arrays are two ways to the same entries.")]
    public async Task ArraysAndBuffers_SameKey_AreTheSameEntry()
    {
        await CalledBuffers.SetAsync("a", [1], Lives.ForEver);
        await Called.SetAsync("b", [2], Lives.ForEver);

        Assert.That(await Called.GetAsync("a"), Is.EqualTo(new byte[] { 1 }));
        Assert.That(await CalledBuffers.ReadAsync("b"), Is.EqualTo(new byte[] { 2 }));
    }

    [Documented("Synchronous and asynchronous methods are two ways to the same entries.")]
    public async Task TryGet_SetTheOtherWay_WritesTheValue()
    {
        var otherwise = new CalledBufferCache(Buffers, OtherWay);

        await CalledBuffers.SetAsync("k", [1], Lives.ForEver);

        Assert.That(await otherwise.ReadAsync("k"), Is.EqualTo(new byte[] { 1 }));
    }

    [Documented("A value may come in several parts, some of them empty.")]
    public async Task Set_SeveralParts_IsTheWholeValue()
    {
        await CalledBuffers.SetAsync("k", Segment.Sequence(new byte[] { 1, 2 }, ReadOnlyMemory<byte>.Empty, new byte[] { 3 }), Lives.ForEver);

        Assert.That(await CalledBuffers.ReadAsync("k"), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Documented("A value may be a part of something longer.")]
    public async Task Set_SliceOfASequence_IsTheSlice()
    {
        ReadOnlySequence<byte> whole = Segment.Sequence(new byte[] { 1, 2, 3 }, new byte[] { 4, 5, 6 });

        await CalledBuffers.SetAsync("k", whole.Slice(1, 4), Lives.ForEver);
        await CalledBuffers.SetAsync("one", whole.Slice(1, 1), Lives.ForEver);

        Assert.That(await CalledBuffers.ReadAsync("k"), Is.EqualTo(new byte[] { 2, 3, 4, 5 }));
        Assert.That(await CalledBuffers.ReadAsync("one"), Is.EqualTo(new byte[] { 2 }));
    }

    [Documented("A value need not be in an array.")]
    public async Task Set_MemoryWithoutArray_IsTheValue()
    {
        using MemoryManager<byte> one = new HiddenArray(1, 2), other = new HiddenArray(3);

        await CalledBuffers.SetAsync("k", new ReadOnlySequence<byte>(one.Memory), Lives.ForEver);
        await CalledBuffers.SetAsync("parts", Segment.Sequence(one.Memory, other.Memory), Lives.ForEver);

        Assert.That(await CalledBuffers.ReadAsync("k"), Is.EqualTo(new byte[] { 1, 2 }));
        Assert.That(await CalledBuffers.ReadAsync("parts"), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Documented("Setting a key again replaces its value.")]
    public async Task Set_KnownKey_ReplacesTheValue()
    {
        await CalledBuffers.SetAsync("k", [1, 2], Lives.ForEver);
        await CalledBuffers.SetAsync("k", [3], Lives.ForEver);

        Assert.That(await CalledBuffers.ReadAsync("k"), Is.EqualTo(new byte[] { 3 }));
    }

    [Documented("An entry lives as long as its absolute expiration says.")]
    public async Task Set_AbsoluteExpiration_EndsTheLife()
    {
        await CalledBuffers.SetAsync("absolute", [1], Lives.Until(Now + Minute));
        await CalledBuffers.SetAsync("relative", [1], Lives.For(Minute));

        await PassAsync(Minute / 2);
        Assert.That(await CalledBuffers.ReadAsync("absolute"), Is.Not.Null);
        Assert.That(await CalledBuffers.ReadAsync("relative"), Is.Not.Null);
        await PassAsync(Minute);
        Assert.That(await CalledBuffers.ReadAsync("absolute"), Is.Null);
        Assert.That(await CalledBuffers.ReadAsync("relative"), Is.Null);
    }

    [Documented("A get begins the sliding expiration anew, and one that is not accessed for so long is gone.")]
    public async Task TryGet_SlidingExpiration_BeginsAnew()
    {
        await CalledBuffers.SetAsync("k", [1], Lives.Idle(Minute));

        for (int i = 0; i < 3; i++)
        {
            await PassAsync(Minute * 0.7);
            Assert.That(await CalledBuffers.ReadAsync("k"), Is.Not.Null);
        }

        await PassAsync(Minute * 1.1);
        Assert.That(await CalledBuffers.ReadAsync("k"), Is.Null);
    }

    [Choice("An empty value is found, and writes nothing.", "It is a value, as with arrays.")]
    public async Task TryGet_EmptyValue_IsFound()
    {
        var buffer = new ArrayBufferWriter<byte>();
        await CalledBuffers.SetAsync("k", ReadOnlySequence<byte>.Empty, Lives.ForEver);

        Assert.That(await CalledBuffers.TryGetAsync("k", buffer), Is.True);
        Assert.That(buffer.WrittenCount, Is.Zero);
    }

    [Choice("What a caller does to its buffer after a set changes nothing in the cache.", "The buffer is pooled, and soon somebody else's.")]
    public async Task Set_BufferChangedAfterwards_IsNotSeen()
    {
        byte[] value = [1, 2];
        await CalledBuffers.SetAsync("k", value, Lives.ForEver);

        value[0] = 9;

        Assert.That(await CalledBuffers.ReadAsync("k"), Is.EqualTo(new byte[] { 1, 2 }));
    }

    [Choice("No key, no buffer and no options are an `ArgumentNullException` that names it.", "The same for every method.")]
    public void EveryMethod_Null_Throws()
    {
        var buffer = new ArrayBufferWriter<byte>();

        Assert.That(async () => await CalledBuffers.TryGetAsync(null!, buffer), ThrowsFor("key"));
        Assert.That(async () => await CalledBuffers.TryGetAsync("k", null!), ThrowsFor("destination"));
        Assert.That(async () => await CalledBuffers.SetAsync(null!, [1], Lives.ForEver), ThrowsFor("key"));
        Assert.That(async () => await CalledBuffers.SetAsync("k", [1], null!), ThrowsFor("options"));
    }

    [Choice("A token that is cancelled already cancels every call, and nothing is stored.", "A caller that has given up wants no effects.")]
    public async Task AsyncMethods_CancelledToken_CancelWithoutEffect()
    {
        var buffer = new ArrayBufferWriter<byte>();
        await CalledBuffers.SetAsync("k", [1], Lives.ForEver);

        Assert.That(async () => await Buffers.TryGetAsync("k", buffer, _cancelled), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await Buffers.SetAsync("k", new([2]), Lives.ForEver, _cancelled), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(buffer.WrittenCount, Is.Zero);
        Assert.That(await CalledBuffers.ReadAsync("k"), Is.EqualTo(new byte[] { 1 }));
    }

    [Choice(
        "An absolute expiration in the past is an `ArgumentOutOfRangeException` that names it, and leaves what was stored.",
        "It is a mistake, as with arrays.")]
    public async Task Set_AbsoluteExpirationInThePast_Throws()
    {
        await CalledBuffers.SetAsync("k", [1], Lives.ForEver);

        Assert.That(
            async () => await CalledBuffers.SetAsync("k", [2], Lives.Until(Now - Minute)),
            ThrowsForThePast);
        Assert.That(await CalledBuffers.ReadAsync("k"), Is.EqualTo(new byte[] { 1 }));
    }
}
