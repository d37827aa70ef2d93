namespace CachetTests;

/// <summary>A clock of which every reading takes 0.8 microseconds, so that what is drawn is the same each time.</summary>
internal sealed class PicturedClock : TimeProvider
{
    private const long ReadingTakes = 8;

    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Add(ref _ticks, ReadingTakes);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(Volatile.Read(ref _ticks));

    public void Take(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);
}
