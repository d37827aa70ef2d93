namespace Cachet;

/// <summary>The wait of one caller who can leave a flight, or of all who cannot: a single task, with its place in the flight's list.</summary>
/// <remarks>Whoever ends the flight, or cancels, is not held up: each awaiter goes on elsewhere, in its own context.</remarks>
internal abstract class Follower<TResult>(Flight flight)
    : TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously), IFollower
{
    private CancellationTokenRegistration _registration;

    IFollower? IFollower.Next { get; set; }

    IFollower? IFollower.Previous { get; set; }

    bool IFollower.HasLeft { get; set; }

    protected Flight Flight => flight;

    /// <summary>Begins to wait. A caller whose token fires first leaves at once.</summary>
    public Task<TResult> Follow(CancellationToken cancellationToken)
    {
        // Before it is in the list: what ends the wait finds the registration there, to undo it.
        _registration = cancellationToken.UnsafeRegister(static (follower, token) => ((Follower<TResult>)follower!).Cancel(token), this);
        flight.Add(this);
        return Task;
    }

    public void Arrive()
    {
        _registration.Unregister(); // Does not wait for a callback that runs already: that finds the flight ended.
        Conclude();
    }

    /// <summary>Sets the task's result from what the flight came to.</summary>
    protected abstract void Conclude();

    private void Cancel(CancellationToken cancellationToken)
    {
        if (flight.TryLeave(this)) SetCanceled(cancellationToken);
    }
}
