namespace Cachet;

/// <summary>Waits for a flight to end, however it ends.</summary>
internal sealed class Waiter(Flight flight) : Follower<bool>(flight)
{
    protected override void Conclude() => SetResult(true);
}
