using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Cachet;

/// <summary>Runs refreshes in the background: one per key, so many at once, none after the cache is disposed.</summary>
/// <remarks>A refresh runs on the thread pool without the execution context of the call that triggered it. One that succeeded, with news or without,
/// keeps the key quiet for a while; one that failed does not.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "A CancellationTokenSource without a timer, whose wait handle is never asked for, holds nothing to dispose of.")]
internal sealed class BackgroundRefresher<TKey>(int most, TimeProvider time)
    where TKey : notnull
{
    /// <summary>How many keys are kept quiet at most. To forget one costs a refresh too many, at worst.</summary>
    private const int MostQuiet = 10_000;

    private readonly ConcurrentDictionary<TKey, Work> _underWay = new();
    private readonly ConcurrentDictionary<TKey, Quiet> _quiet = new();
    private readonly CancellationTokenSource _stopping = new();
    private int _running;
    private volatile bool _stopped;

    /// <summary>How many refreshes are under way.</summary>
    public int Count => _underWay.Count;

    /// <summary>Whether a refresh of the key would be started now.</summary>
    public bool Wants(TKey key)
    {
        if (_stopped || _underWay.ContainsKey(key)) return false;
        return !_quiet.TryGetValue(key, out Quiet quiet) || time.GetElapsedTime(quiet.From) >= quiet.Length;
    }

    /// <summary>Starts a refresh, unless the key has one, or too many others are under way.</summary>
    /// <param name="key">The key.</param>
    /// <param name="pause">How long after the start of this refresh the next may come.</param>
    /// <param name="refresh">The refresh; its token fires when the cache is disposed. What it throws it has reported itself.</param>
    public void Start(TKey key, TimeSpan pause, Func<CancellationToken, Task> refresh)
    {
        if (Interlocked.Increment(ref _running) > most)
        {
            Interlocked.Decrement(ref _running);
            return;
        }

        var work = new Work(this, key, pause, refresh);
        if (!_underWay.TryAdd(key, work)) Interlocked.Decrement(ref _running);
        else if (_stopped) End(work); // Whoever stops looks at the table after that flag was set.
        else ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
    }

    /// <summary>Cancels what is under way, and starts nothing more.</summary>
    public void Stop()
    {
        if (Interlocked.Exchange(ref _stopped, true)) return;

        // Apart from who stops: what the token's callbacks do, or throw, is not its business.
        _ = _stopping.CancelAsync().ContinueWith(
            static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    /// <summary>As <see cref="Stop"/>, and waits for the end of what is under way.</summary>
    public async ValueTask StopAsync()
    {
        Stop();
        foreach (Work work in _underWay.Values) await work.Ended.ConfigureAwait(false);
    }

    private void End(Work work)
    {
        Interlocked.Decrement(ref _running);
        _underWay.TryRemove(new(work.Key, work));
        work.SetEnded();
    }

    private void KeepQuiet(TKey key, Quiet quiet)
    {
        if (_quiet.Count >= MostQuiet)
        {
            foreach ((TKey other, Quiet others) in _quiet)
            {
                if (time.GetElapsedTime(others.From) >= others.Length) _quiet.TryRemove(other, out _);
            }

            if (_quiet.Count >= MostQuiet) _quiet.Clear();
        }

        _quiet[key] = quiet;
    }

    private readonly record struct Quiet(long From, TimeSpan Length);

    private sealed class Work(BackgroundRefresher<TKey> owner, TKey key, TimeSpan pause, Func<CancellationToken, Task> refresh) : IThreadPoolWorkItem
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly long _startedAt = owner.Timestamp;

        public TKey Key => key;

        public Task Ended => _ended.Task;

        public void SetEnded() => _ended.SetResult();

        public void Execute() => _ = RunAsync();

        private async Task RunAsync()
        {
            try
            {
                await refresh(owner._stopping.Token).ConfigureAwait(false);
                owner.KeepQuiet(key, new(_startedAt, pause));
            }
            catch (Exception)
            {
                // Reported, and the next hit may try again.
            }
            finally
            {
                owner.End(this);
            }
        }
    }

    private long Timestamp => time.GetTimestamp();
}
