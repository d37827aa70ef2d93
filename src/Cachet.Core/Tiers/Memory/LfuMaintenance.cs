using BitFaster.Caching;
using BitFaster.Caching.Scheduler;

namespace Cachet;

/// <summary>Runs the bookkeeping of one LFU cache on the thread pool, without the execution context of the call that made it due.</summary>
/// <remarks>It is itself the work item, so that making it due allocates nothing: a run is always of the same method. What a run evicts is told after
/// it, outside the library's lock.</remarks>
/// <param name="told">Tells what a run has evicted.</param>
/// <param name="queue">Where runs wait; left out, the thread pool.</param>
internal sealed class LfuMaintenance(Action told, Action<IThreadPoolWorkItem>? queue) : IScheduler, IThreadPoolWorkItem
{
    private volatile Action? _run;
    private volatile Exception? _lastFault;
    private long _runs;

    public bool IsBackground => true;

    public long RunCount => Interlocked.Read(ref _runs);

    public Optional<Exception> LastException => _lastFault is { } fault ? new(fault) : Optional<Exception>.None();

    public void Run(Action action)
    {
        _run = action;
        if (queue is not null) queue(this);
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Execute()
    {
        Interlocked.Increment(ref _runs);
        try
        {
            _run!();
        }
        catch (Exception fault)
        {
            _lastFault = fault; // A key's own comparison, say. Let through, it would end the process.
        }

        told();
    }
}
