namespace CachetBenchmarks;

/// <summary>A thread pool with a single thread left to work, on which everything is done in the order in which it was queued.</summary>
/// <remarks>Work that yields after each step finds done what the step has queued: the background work of caches becomes part of a sequence that is the
/// same in every run.</remarks>
internal static class OneWorker
{
    /// <summary>Runs work on that thread, and waits for it. Not to be called from the pool itself.</summary>
    public static T Run<T>(Func<Task<T>> work)
    {
        ThreadPool.GetMinThreads(out int least, out int leastPorts);
        ThreadPool.GetMaxThreads(out int most, out int mostPorts);
        int threads = Environment.ProcessorCount; // the pool takes no lower limit: all but one are parked
        if (!ThreadPool.SetMinThreads(threads, leastPorts) || !ThreadPool.SetMaxThreads(threads, mostPorts))
        {
            throw new InvalidOperationException($"The pool cannot be limited to {threads} threads.");
        }

        var parked = new CountdownEvent(threads - 1);
        var over = new ManualResetEventSlim();
        for (int i = 1; i < threads; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    parked.Signal();
                    over.Wait();
                },
                null);
        }

        try
        {
            parked.Wait();
            return Task.Run(work).GetAwaiter().GetResult();
        }
        finally
        {
            over.Set();
            ThreadPool.SetMaxThreads(most, mostPorts);
            ThreadPool.SetMinThreads(least, leastPorts);
        }
    }
}
