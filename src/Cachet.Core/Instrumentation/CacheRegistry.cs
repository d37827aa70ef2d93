namespace Cachet;

/// <summary>The caches of the process that are alive, held weakly.</summary>
internal static class CacheRegistry
{
    private static readonly Lock _gate = new();
    private static readonly List<WeakReference<CacheDescriptor>> _caches = [];

    public static void Add(CacheDescriptor cache)
    {
        lock (_gate)
        {
            // Pruned only when the list would grow, so that building a thousand caches is not a thousand sweeps.
            if (_caches.Count == _caches.Capacity) _caches.RemoveAll(static c => !c.TryGetTarget(out _));
            _caches.Add(new(cache));
        }
    }

    public static void Remove(CacheDescriptor cache)
    {
        lock (_gate) _caches.RemoveAll(c => !c.TryGetTarget(out CacheDescriptor? live) || ReferenceEquals(live, cache));
    }

    public static IReadOnlyList<CacheDescriptor> Snapshot()
    {
        var live = new List<CacheDescriptor>();
        lock (_gate)
        {
            foreach (WeakReference<CacheDescriptor> cache in _caches)
            {
                if (cache.TryGetTarget(out CacheDescriptor? descriptor)) live.Add(descriptor);
            }
        }

        return live;
    }
}
