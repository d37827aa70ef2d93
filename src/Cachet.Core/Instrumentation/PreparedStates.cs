namespace Cachet;

/// <summary>What each instrumentation keeps with one descriptor. There is hardly ever more than one.</summary>
internal sealed class PreparedStates
{
    private readonly Lock _gate = new();
    private volatile Entry[] _entries = [];

    public object? Of(CacheInstrumentation owner)
    {
        foreach (Entry entry in _entries)
        {
            if (ReferenceEquals(entry.Owner, owner)) return entry.State;
        }

        return null;
    }

    public void Keep(CacheInstrumentation owner, object state)
    {
        lock (_gate)
        {
            _entries = [.. _entries.Where(e => !ReferenceEquals(e.Owner, owner)), new(owner, state)];
        }
    }

    private sealed record Entry(CacheInstrumentation Owner, object State);
}
