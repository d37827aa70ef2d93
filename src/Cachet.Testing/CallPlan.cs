namespace Cachet.Testing;

/// <summary>The calls of a fake tier so far, and what is to become of those to come.</summary>
internal sealed class CallPlan<TKey, TValue>
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly List<CacheTierCall<TKey, TValue>> _calls = [];
    private readonly List<Hold<TKey, TValue>> _holds = [];
    private Func<CacheTierCall<TKey, TValue>, Exception?>[] _failures = []; // never changed, only replaced

    public IReadOnlyList<CacheTierCall<TKey, TValue>> Calls
    {
        get
        {
            lock (_lock) return [.. _calls];
        }
    }

    public void ClearCalls()
    {
        lock (_lock) _calls.Clear();
    }

    public void Fail(Func<CacheTierCall<TKey, TValue>, Exception?> failure)
    {
        lock (_lock) _failures = [.. _failures, failure];
    }

    public void ClearFailures()
    {
        lock (_lock) _failures = [];
    }

    public Gate Hold(Hold<TKey, TValue> hold)
    {
        lock (_lock) _holds.Add(hold);
        return hold.Gate;
    }

    public void Record(CacheTierCall<TKey, TValue> call)
    {
        lock (_lock) _calls.Add(call);
    }

    /// <summary>Records a call, and gives the gates that it will come to. One lock for both: the nth call held is the nth recorded.</summary>
    public Hold<TKey, TValue>[] Begin(CacheTierCall<TKey, TValue> call)
    {
        lock (_lock)
        {
            _calls.Add(call);
            return _holds.Count == 0 ? [] : [.. _holds.Where(h => h.Takes(call))];
        }
    }

    public void ThrowIfToFail(CacheTierCall<TKey, TValue> call)
    {
        foreach (Func<CacheTierCall<TKey, TValue>, Exception?> failure in Volatile.Read(ref _failures))
        {
            if (failure(call) is { } error) throw error;
        }
    }
}
