using System.Buffers;
using System.Collections.Concurrent;

namespace CachetTests;

/// <summary>A pool that knows what is out, takes back nothing twice, and spoils what it takes back for whoever still looks at it.</summary>
internal sealed class CountingPool : ArrayPool<byte>
{
    private readonly ConcurrentDictionary<byte[], bool> _out = new();

    public int Rented { get; private set; }

    public int Out => _out.Count;

    public override byte[] Rent(int minimumLength)
    {
        Rented++;
        byte[] array = new byte[minimumLength + 3];
        _out[array] = true;
        return array;
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        if (!_out.TryRemove(array, out _)) throw new InvalidOperationException("Not rented from here, or returned before.");
        Array.Fill(array, (byte)0xEE);
    }
}
