namespace Cachet.Accumulator;

/// <summary>A clock that the story can move on, so that nobody has to wait a few minutes for an entry to run out.</summary>
/// <remarks>Only the time of day is moved. Timestamps stay the system's: every duration that is shown was really measured.</remarks>
internal sealed class StoryClock : TimeProvider
{
    private long _ahead; // ticks

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));

    public void MoveOn(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);
}
