using System.Collections.Concurrent;
using Cachet;

namespace CachetTests;

/// <summary>A tier in memory that records its calls, can be told to fail, and can hold a call open at a gate. Asynchronous only.</summary>
internal class FakeTier<TKey, TValue> : ICacheTier<TKey, TValue>
    where TKey : notnull
{
    public ConcurrentDictionary<TKey, CacheEntry<TValue>> Entries { get; } = new();

    /// <summary>Every call, in the order in which it began, as <c>get k</c>, <c>insert k</c>, <c>invalidate k</c>, <c>clear</c>.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>What a call throws, by its name (<c>get</c> …); null for nothing.</summary>
    public Func<string, Exception?> Fail { get; set; } = static _ => null;

    /// <summary>Awaited by each call before it touches the entries, by its name; null for no waiting.</summary>
    public Func<string, CancellationToken, Task>? Before { get; set; }

    /// <summary>Awaited by each call after it touched the entries, by its name; null for no waiting.</summary>
    public Func<string, CancellationToken, Task>? After { get; set; }

    /// <summary>What an insert answers.</summary>
    public InsertOutcome Answer { get; set; } = InsertOutcome.Accepted;

    public int Count(string call) => Calls.Count(c => c.Split(' ')[0] == call);

    public async ValueTask<CacheEntry<TValue>?> GetAsync(TKey key, CancellationToken cancellationToken)
    {
        await Begin("get", key, cancellationToken);
        CacheEntry<TValue>? entry = Entries.GetValueOrDefault(key);
        await End("get", cancellationToken);
        return entry;
    }

    public async ValueTask<InsertOutcome> InsertAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken)
    {
        await Begin("insert", key, cancellationToken);
        if (Answer == InsertOutcome.Accepted) Entries[key] = entry;
        await End("insert", cancellationToken);
        return Answer;
    }

    public async ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken)
    {
        await Begin("invalidate", key, cancellationToken);
        Entries.TryRemove(key, out _);
        await End("invalidate", cancellationToken);
    }

    public async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        await Begin("clear", null, cancellationToken);
        Entries.Clear();
        await End("clear", cancellationToken);
    }

    public virtual ValueTask<long?> CountAsync(CancellationToken cancellationToken) => new(Entries.Count);

    protected void Record(string call, object? key)
    {
        Calls.Enqueue(key is null ? call : $"{call} {key}");
        if (Fail(call) is { } error) throw error;
    }

    private async ValueTask Begin(string call, object? key, CancellationToken cancellationToken)
    {
        Record(call, key);
        if (Before is not null) await Before(call, cancellationToken);
    }

    private async ValueTask End(string call, CancellationToken cancellationToken)
    {
        if (After is not null) await After(call, cancellationToken);
    }
}

/// <summary>The same with a synchronous face. Only its asynchronous members can be held at a gate.</summary>
internal sealed class FakeSynchronousTier<TKey, TValue> : FakeTier<TKey, TValue>, ISynchronousTier<TKey, TValue>
    where TKey : notnull
{
    long? ISynchronousTier<TKey, TValue>.Count => Entries.Count;

    public CacheEntry<TValue>? Find(TKey key)
    {
        Record("find", key);
        return Entries.GetValueOrDefault(key);
    }
}
