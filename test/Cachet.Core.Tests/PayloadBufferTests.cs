using System.Buffers;
using Cachet;
using CsCheck;

namespace CachetTests;

public class PayloadBufferTests
{
    private CountingPool _pool = null!;

    [SetUp]
    public void SetUp() => _pool = new();

    [Test]
    public void Written_PiecesOfAnySize_IsTheirConcatenation() => Gen.Byte.Array[0, 6_000].Array[0, 12].Sample(static pieces =>
    {
        var pool = new CountingPool();
        using (var buffer = new PayloadBuffer(pool, long.MaxValue))
        {
            foreach (byte[] piece in pieces) buffer.Write(piece);
            byte[] whole = [.. pieces.SelectMany(static p => p)];
            if (!buffer.Written.Span.SequenceEqual(whole) || buffer.Length != whole.Length || buffer.IsOverLimit) return false;
        }

        return pool.Out == 0;
    });

    [Test]
    public void GetSpan_ManyTimesOver_KeepsOneArrayOut()
    {
        using var buffer = new PayloadBuffer(_pool, long.MaxValue);

        for (int i = 0; i < 100; i++) buffer.Write(new byte[1_000]);

        Assert.That(_pool.Out, Is.EqualTo(1));
        Assert.That(_pool.Rented, Is.LessThan(10), "It grows by doubling.");
    }

    [Test]
    public void GetMemory_LargeHint_IsThatLarge()
    {
        using var buffer = new PayloadBuffer(_pool, long.MaxValue);
        buffer.Write("begun"u8);

        Memory<byte> memory = buffer.GetMemory(1_000_000);

        Assert.That(memory.Length, Is.GreaterThanOrEqualTo(1_000_000));
        Assert.That(buffer.Written.ToArray(), Is.EqualTo("begun"u8.ToArray()));
    }

    [Test]
    public void GetMemory_AllThatIsLeft_NeedsNoOtherArray()
    {
        using var buffer = new PayloadBuffer(_pool, long.MaxValue);
        buffer.Write("begun"u8);
        int left = buffer.GetMemory().Length;

        Assert.That(buffer.GetMemory(left).Length, Is.EqualTo(left));
        Assert.That(_pool.Rented, Is.EqualTo(1));
        Assert.That(buffer.GetMemory(left + 1).Length, Is.GreaterThan(left));
        Assert.That(_pool.Rented, Is.EqualTo(2));
    }

    [Test]
    public void GetSpan_NoHint_IsNotEmpty()
    {
        using var buffer = new PayloadBuffer(_pool, long.MaxValue);
        int all = buffer.GetSpan().Length;
        buffer.Advance(all);

        Assert.That(buffer.GetSpan().Length, Is.Positive);
        Assert.That(buffer.Length, Is.EqualTo(all));
    }

    [Test]
    public void Write_OverTheLimit_CountsAllAndKeepsOneArrayOfAboutTheLimit()
    {
        using var buffer = new PayloadBuffer(_pool, 10_000);

        for (int i = 0; i < 1_000; i++) buffer.Write(new byte[1_000]);

        Assert.That(buffer.IsOverLimit, Is.True);
        Assert.That(buffer.Length, Is.EqualTo(1_000_000));
        Assert.That(buffer.Written.Length, Is.LessThan(20_000));
        Assert.That(_pool.Rented, Is.LessThan(5));
    }

    [TestCase(9, false)]
    [TestCase(10, false)]
    [TestCase(11, true)]
    public void IsOverLimit_AtTheLimit_IsWithin(int length, bool over)
    {
        using var buffer = new PayloadBuffer(_pool, 10);

        buffer.Write(new byte[length]);

        Assert.That(buffer.IsOverLimit, Is.EqualTo(over));
    }

    [Test]
    public void Members_Disposed_Throw()
    {
        var buffer = new PayloadBuffer(_pool, 10);
        buffer.Write("x"u8);

        buffer.Dispose();
        buffer.Dispose();

        Assert.That(_pool.Out, Is.Zero);
        Assert.That(() => buffer.Written, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => buffer.Advance(0), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => buffer.GetMemory(), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Members_NonsensicalCounts_Throw()
    {
        using var buffer = new PayloadBuffer(_pool, 10);
        int room = buffer.GetMemory(5).Length;

        Assert.That(() => buffer.Advance(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => buffer.Advance(room + 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        buffer.Advance(room - 1);
        Assert.That(() => buffer.Advance(2), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => buffer.GetMemory(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void GetMemory_MoreThanAnArrayCanHold_Throws()
    {
        using var buffer = new PayloadBuffer(_pool, 10);
        buffer.Write("x"u8);

        Assert.That(() => buffer.GetMemory(int.MaxValue), Throws.InvalidOperationException);
        Assert.That(_pool.Out, Is.EqualTo(1));
    }
}
