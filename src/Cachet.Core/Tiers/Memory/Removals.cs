namespace Cachet;

/// <summary>Tells the listeners of a tier, and its cache, of the entries that leave it: of each one once.</summary>
/// <remarks>What a library drops in the midst of its work, under its locks, is noted, and told by the same thread when the library has returned: a
/// listener may call the cache.</remarks>
internal sealed class Removals<TKey, TValue>(params Action<TKey, TValue, EvictionReason>[] listeners)
    where TKey : notnull
{
    [ThreadStatic]
    private static List<(TKey Key, CacheEntry<TValue> Entry, EvictionReason Reason)>? _noted;

    private Action<EvictionReason>? _cache;
    private Lifetimes<TValue>? _lifetimes;

    /// <summary>Whether there are listeners, who want to know of every entry that leaves. The cache wants only what was evicted.</summary>
    public bool IsHeard => listeners.Length > 0;

    public void ReportTo(Action<EvictionReason> cache) => _cache += cache;

    public void JudgeBy(Lifetimes<TValue> lifetimes) => _lifetimes = lifetimes;

    public void Note(TKey key, CacheEntry<TValue> entry, EvictionReason reason)
    {
        if (IsHeard || reason == EvictionReason.Capacity) (_noted ??= []).Add((key, entry, reason));
        else entry.TryLeave(); // A library may yet come upon it, and say that it made room.
    }

    public void TellNoted()
    {
        if (_noted is not { Count: > 0 } noted) return;
        _noted = null; // A listener that calls the cache makes notes of its own.
        foreach ((TKey key, CacheEntry<TValue> entry, EvictionReason reason) in noted) Tell(key, entry, reason);
        noted.Clear();
        _noted = noted;
    }

    public void Tell(TKey key, CacheEntry<TValue> entry, EvictionReason reason)
    {
        if (reason == EvictionReason.Capacity && _lifetimes?.IsFresh(entry) == false) reason = EvictionReason.Expired;
        if (!entry.TryLeave()) return;
        foreach (Action<TKey, TValue, EvictionReason> listener in listeners)
        {
            try
            {
                listener(key, entry.Value, reason);
            }
            catch (Exception fault)
            {
                ListenerFaults.Report(listener, fault);
            }
        }

        if (reason is EvictionReason.Capacity or EvictionReason.Expired) _cache?.Invoke(reason);
    }
}
