using System.Threading.Channels;

namespace Cachet.Testing;

/// <summary>Events in the order in which they came, for who asks and for who waits.</summary>
internal sealed class EventLog<T>
{
    private readonly Lock _lock = new();
    private readonly List<T> _events = [];
    private readonly List<ChannelWriter<T>> _waiting = [];

    public IReadOnlyList<T> Snapshot()
    {
        lock (_lock) return [.. _events];
    }

    public void Add(T added)
    {
        lock (_lock)
        {
            _events.Add(added);
            foreach (ChannelWriter<T> waiting in _waiting) waiting.TryWrite(added);
        }
    }

    public void Clear()
    {
        lock (_lock) _events.Clear();
    }

    /// <summary>The nth event for which the predicate is true, of those that are there and those to come.</summary>
    public async Task<T> WaitAsync(Func<T, bool> predicate, int nth, CancellationToken cancellationToken)
    {
        // A queue of its own for each wait: predicates then run where the test awaits, and a Clear takes nothing from it.
        var heard = Channel.CreateUnbounded<T>();
        lock (_lock)
        {
            foreach (T there in _events) heard.Writer.TryWrite(there);
            _waiting.Add(heard.Writer);
        }

        try
        {
            while (true)
            {
                T next = await heard.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                if (predicate(next) && --nth == 0) return next;
            }
        }
        finally
        {
            lock (_lock) _waiting.Remove(heard.Writer);
        }
    }
}
