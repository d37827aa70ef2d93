namespace Cachet;

/// <summary>What each instrumentation keeps with one descriptor. There is hardly ever more than one.</summary>
internal sealed class PreparedStates
{
    private readonly Lock _gate = new();
    private volatile Entry[] _entries = [];

    public object? Of(CacheInstrumentation owner)
    {
        Entry[] entries = _entries;
        return entries.Length > 0 && ReferenceEquals(entries[0].Owner, owner) ? entries[0].State : OfLater(entries, owner);
    }

    public void Keep(CacheInstrumentation owner, object state)
    {
        lock (_gate)
        {
            _entries = [.. _entries.Where(e => !ReferenceEquals(e.Owner, owner)), new(owner, state)];
        }
    }

    private static object? OfLater(Entry[] entries, CacheInstrumentation owner)
    {
        for (int i = 1; i < entries.Length; i++)
        {
            if (ReferenceEquals(entries[i].Owner, owner)) return entries[i].State;
        }

        return null;
    }

    private sealed record Entry(CacheInstrumentation Owner, object State);
}
