namespace Cachet;

/// <summary>Objects that are alive, held weakly.</summary>
internal sealed class LiveSet<T>
    where T : class
{
    private readonly Lock _gate = new();
    private readonly List<WeakReference<T>> _references = [];

    public void Add(T one)
    {
        lock (_gate)
        {
            // Pruned only when the list would grow, so that making a thousand is not a thousand sweeps.
            if (_references.Count == _references.Capacity) _references.RemoveAll(static r => !r.TryGetTarget(out _));
            _references.Add(new(one));
        }
    }

    public void Remove(T one)
    {
        lock (_gate) _references.RemoveAll(r => !r.TryGetTarget(out T? live) || ReferenceEquals(live, one));
    }

    /// <summary>Those that are alive now; to be held no longer than it takes to look at them.</summary>
    public IReadOnlyList<T> Snapshot()
    {
        var live = new List<T>();
        lock (_gate)
        {
            foreach (WeakReference<T> reference in _references)
            {
                if (reference.TryGetTarget(out T? one)) live.Add(one);
            }
        }

        return live;
    }
}
