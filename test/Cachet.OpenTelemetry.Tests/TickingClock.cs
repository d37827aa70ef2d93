namespace CachetTests;

/// <summary>A clock of which every reading takes a microsecond: what begins later is seen to begin later, in every run the same.</summary>
internal sealed class TickingClock : TimeProvider
{
    private static readonly DateTimeOffset _begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private long _ticks;
    private int _readings;

    /// <summary>How often a duration was measured from it.</summary>
    public int Readings => Volatile.Read(ref _readings);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        Interlocked.Increment(ref _readings);
        return Interlocked.Add(ref _ticks, TimeSpan.TicksPerMicrosecond);
    }

    public override DateTimeOffset GetUtcNow() => _begin.AddTicks(Volatile.Read(ref _ticks));

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);
}
