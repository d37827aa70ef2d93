using Cachet.Testing;

namespace CachetTests;

/// <summary>The data behind a cache: <c>v1</c> the first time, <c>v2</c> the second, and so on.</summary>
internal sealed class Source
{
    private int _runs;

    /// <summary>How often it was asked.</summary>
    public int Runs => _runs;

    public ValueTask<string> NextAsync(CancellationToken token) => new($"v{Interlocked.Increment(ref _runs)}");
}

/// <summary>The same, where every answer waits at a gate until it is opened, or until the token is cancelled.</summary>
internal sealed class HeldSource
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);

    private readonly Gate _gate = new();
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _runs;

    /// <summary>How often it was asked.</summary>
    public int Runs => _runs;

    /// <summary>That it was asked for the first time.</summary>
    public Task Asked => _gate.Reached.WaitAsync(_limit);

    /// <summary>That the token that it was given was cancelled.</summary>
    public Task Cancelled => _cancelled.Task.WaitAsync(_limit);

    public async ValueTask<string> NextAsync(CancellationToken token)
    {
        int run = Interlocked.Increment(ref _runs);
        try
        {
            await _gate.PassAsync(token);
            return $"v{run}";
        }
        finally
        {
            if (token.IsCancellationRequested) _cancelled.TrySetResult();
        }
    }

    public void Answer() => _gate.Open();
}
