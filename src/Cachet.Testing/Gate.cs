namespace Cachet.Testing;

/// <summary>Holds work open until a test lets it go on, and tells the test that the work has come to it.</summary>
/// <remarks>A tier's <c>Hold</c> methods give one out; made by hand it holds what the test wants held, a loader for example:
/// <see cref="PassAsync"/> is what the held work awaits. Safe for use from several threads. Once open, a gate stays open.</remarks>
public sealed class Gate
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when work has come to the gate, for the first time if several calls do.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Lets go what waits, and whatever comes later.</summary>
    public void Open() => _open.TrySetResult();

    /// <summary>Comes to the gate, and waits until it is open.</summary>
    /// <param name="cancellationToken">Ends the wait. Leave it out for work that does not listen.</param>
    /// <returns>A task that ends when the gate is open.</returns>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public Task PassAsync(CancellationToken cancellationToken = default)
    {
        _reached.TrySetResult();
        return _open.Task.WaitAsync(cancellationToken);
    }
}
