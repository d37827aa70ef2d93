namespace Cachet.Accumulator;

/// <summary>The operations under way of some request ids, behind a lock of their own.</summary>
/// <param name="most">How many are kept at most, and of how many that are gone it is known that they are.</param>
internal sealed class Stripe(int most)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, LinkedListNode<List<CacheTierEvent>>> _underWay = [];
    private readonly LinkedList<List<CacheTierEvent>> _byAge = new(); // none of the lists is empty
    private readonly Dictionary<long, Gone> _gone = [];
    private readonly Queue<long> _goneByAge = new();
    private long _forgotten;
    private long _late;

    private enum Gone
    {
        Forgotten,
        Completed,
    }

    public int UnderWay => Locked(() => _underWay.Count);

    public long Forgotten => Locked(() => _forgotten);

    public long Late => Locked(() => _late);

    public void Add(in CacheTierEvent call)
    {
        lock (_lock)
        {
            if (_underWay.TryGetValue(call.RequestId, out LinkedListNode<List<CacheTierEvent>>? operation))
            {
                operation.Value.Add(call);
            }
            else if (_gone.TryGetValue(call.RequestId, out Gone gone))
            {
                if (gone == Gone.Completed) _late++;
            }
            else
            {
                if (_underWay.Count == most) ForgetOldest();
                _underWay.Add(call.RequestId, _byAge.AddLast([call]));
            }
        }
    }

    public OperationSummary Complete(in CacheOperationEvent operation)
    {
        lock (_lock)
        {
            List<CacheTierEvent> calls = [];
            if (_underWay.Remove(operation.RequestId, out LinkedListNode<List<CacheTierEvent>>? gathered))
            {
                calls = gathered.Value;
                _byAge.Remove(gathered);
            }

            bool incomplete = _gone.ContainsKey(operation.RequestId);

            // Only work that its caller has left goes on after the completion; to remember every other operation as well would be for nothing.
            if (incomplete || operation.Outcome == CacheOutcome.Cancelled) Remember(operation.RequestId, Gone.Completed);
            return new(operation.CacheName, operation, calls, incomplete);
        }
    }

    private void ForgetOldest()
    {
        long oldest = _byAge.First!.Value[0].RequestId;
        _byAge.RemoveFirst();
        _underWay.Remove(oldest);
        Remember(oldest, Gone.Forgotten);
        _forgotten++;
    }

    private void Remember(long requestId, Gone how)
    {
        if (!_gone.ContainsKey(requestId))
        {
            if (_goneByAge.Count == most) _gone.Remove(_goneByAge.Dequeue());
            _goneByAge.Enqueue(requestId);
        }

        _gone[requestId] = how;
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_lock) return read();
    }
}
