namespace CachetTests.Consumers;

/// <summary>A thread pool that has as many threads as the machine has processors, two at least, and makes no more, whoever waits.</summary>
/// <remarks>Beside those that are busy already when it begins: whoever runs the tests waits on some for their end. When all wait for each other, nothing
/// in the process would go on, not even what ends a test that takes too long: then a thread of its own lifts the limit.</remarks>
internal sealed class SmallThreadPool : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly ManualResetEventSlim _isOver = new();
    private readonly Thread _guard;
    private readonly (int Workers, int Completions) _least;
    private readonly (int Workers, int Completions) _most;

    public SmallThreadPool()
    {
        ThreadPool.GetMinThreads(out _least.Workers, out _least.Completions);
        ThreadPool.GetMaxThreads(out _most.Workers, out _most.Completions);
        ThreadPool.GetAvailableThreads(out int idle, out _);
        int threads = _most.Workers - idle + Math.Max(2, Environment.ProcessorCount);
        bool isSmall = ThreadPool.SetMinThreads(2, _least.Completions) && ThreadPool.SetMaxThreads(threads, _most.Completions);
        Assert.That(isSmall, Is.True, "the pool takes its limits");
        _guard = new(Guard) { IsBackground = true };
        _guard.Start();
    }

    /// <summary>Whether the limit had to be lifted.</summary>
    public bool WasStarved { get; private set; }

    public void Dispose()
    {
        _isOver.Set();
        _guard.Join();
        _isOver.Dispose();
        Lift();
    }

    private void Guard()
    {
        if (_isOver.Wait(_patience)) return;
        WasStarved = true;
        Lift();
    }

    private void Lift()
    {
        ThreadPool.SetMaxThreads(_most.Workers, _most.Completions);
        ThreadPool.SetMinThreads(_least.Workers, _least.Completions);
    }
}
