using System.Collections.Concurrent;

namespace Cachet.Resilience;

/// <summary>The story's storage service. In an application it would answer over HTTP, gRPC or a queue.</summary>
internal sealed class Warehouse
{
    private readonly ConcurrentDictionary<string, CacheEntry<string>> _entries = new();
    private int _requests;

    /// <summary>How many requests reached it.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>What stands between a request and its answer; <see langword="null"/> for nothing.</summary>
    public Func<CancellationToken, Task>? Trouble { get; set; }

    public async ValueTask<StorageReply<string>> AnswerAsync(StorageRequest<string, string> request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        if (Trouble is { } trouble) await trouble(cancellationToken);
        switch (request)
        {
            case { Operation: CacheOperation.Get, Key: { } key }:
                return new(_entries.GetValueOrDefault(key));
            case { Operation: CacheOperation.Insert, Key: { } key, Entry: { } entry }:
                _entries[key] = entry;
                return new();
            case { Operation: CacheOperation.Invalidate, Key: { } key }:
                _entries.TryRemove(key, out _);
                return new();
            case { Operation: CacheOperation.Clear }:
                _entries.Clear();
                return new();
            default:
                return new(Outcome: InsertOutcome.Rejected);
        }
    }
}
