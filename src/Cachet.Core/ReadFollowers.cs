namespace Cachet;

/// <summary>Waits for what a flight came to: its result, or what it threw.</summary>
internal abstract class ReadFollower<TValue, TResult>(ReadFlight<TValue> flight) : Follower<TResult>(flight)
{
    protected abstract TResult Result(CacheEntry<TValue>? entry);

    protected sealed override void Conclude()
    {
        Found<TValue> found = ((ReadFlight<TValue>)Flight).Result;
        if ((Flight.Fault ?? found.Failure) is not { } fault)
        {
            SetResult(Result(found.Entry));
            return;
        }

        SetException(fault);
        _ = Task.Exception; // Observed: a caller who does not wait for it is no fault.
    }
}

/// <summary>Waits for the entry.</summary>
internal sealed class EntryFollower<TValue>(ReadFlight<TValue> flight) : ReadFollower<TValue, CacheEntry<TValue>?>(flight)
{
    protected override CacheEntry<TValue>? Result(CacheEntry<TValue>? entry) => entry;
}

/// <summary>Waits for the value, of a flight that gives one.</summary>
internal sealed class ValueFollower<TValue>(ReadFlight<TValue> flight) : ReadFollower<TValue, TValue>(flight)
{
    protected override TValue Result(CacheEntry<TValue>? entry) => entry!.Value;
}
