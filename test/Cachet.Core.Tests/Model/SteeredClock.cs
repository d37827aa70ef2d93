namespace CachetTests.Model;

/// <summary>A clock whose wall time can be set back, as a real one's can, while elapsed time goes on.</summary>
internal sealed class SteeredClock : TimeProvider
{
    private long _wall;
    private long _elapsed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Rig.Start.AddTicks(Volatile.Read(ref _wall));

    public override long GetTimestamp() => Volatile.Read(ref _elapsed);

    public void Advance(long ticks)
    {
        Interlocked.Add(ref _wall, ticks);
        Interlocked.Add(ref _elapsed, ticks);
    }

    public void SetBack(long ticks) => Interlocked.Add(ref _wall, -ticks);
}
