namespace Cachet;

/// <summary>What a fill saw of the writes of its key before it read anything.</summary>
/// <param name="Key">Of the key's stripe.</param>
/// <param name="Clear">Of all keys.</param>
/// <param name="Stripe">Which stripe is the key's.</param>
internal readonly record struct WriteStamp(long Key, long Clear, int Stripe);

/// <summary>Tells a fill (a load's, a promotion's) whether a write of its key overlapped it. Striped by key: a stripe shared with another key
/// may cost a fill, never a wrong value.</summary>
/// <remarks>A stamp is a version, raised before and after each write, over a count of the writes under way: a fill that begins while a write is
/// under way overlaps it, although it may see no version change.</remarks>
internal sealed class WriteStamps<TKey>
    where TKey : notnull
{
    private const int Stripes = 1_024;
    private const long Version = 1L << 20;
    private const long UnderWay = Version - 1;

    private readonly long[] _stripes = new long[Stripes];
    private long _clears;

    public WriteStamp Capture(TKey key)
    {
        int stripe = StripeOf(key);
        return new(Volatile.Read(ref _stripes[stripe]), Volatile.Read(ref _clears), stripe);
    }

    /// <summary>Whether no write of the key has overlapped the time since the stamp was captured.</summary>
    public bool Holds(in WriteStamp stamp) =>
        ((stamp.Key | stamp.Clear) & UnderWay) == 0
        && Volatile.Read(ref _stripes[stamp.Stripe]) == stamp.Key
        && Volatile.Read(ref _clears) == stamp.Clear;

    public void BeginWrite(TKey key) => Interlocked.Add(ref Stripe(key), Version + 1);

    public void EndWrite(TKey key) => Interlocked.Add(ref Stripe(key), Version - 1);

    public void BeginClear() => Interlocked.Add(ref _clears, Version + 1);

    public void EndClear() => Interlocked.Add(ref _clears, Version - 1);

    private ref long Stripe(TKey key) => ref _stripes[StripeOf(key)];

    private static int StripeOf(TKey key) => (int)(((uint)key.GetHashCode() * 2_654_435_769u) >> 22);
}
