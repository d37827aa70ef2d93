using System.Collections.Concurrent;
using Cachet;

namespace CachetTests;

/// <summary>A tier that keeps of an entry only what is public, as a tier of an application's own that serializes would.</summary>
internal sealed class BareTier : ICacheTier<string, string?>
{
    private readonly ConcurrentDictionary<string, (string? Value, DateTimeOffset? CachedAt, TimeSpan? TimeToLive)> _entries = new();

    public ValueTask<CacheEntry<string?>?> GetAsync(string key, CancellationToken cancellationToken) =>
        new(_entries.TryGetValue(key, out var e) ? new CacheEntry<string?>(e.Value, e.CachedAt, e.TimeToLive) : null);

    public ValueTask<InsertOutcome> InsertAsync(string key, CacheEntry<string?> entry, CancellationToken cancellationToken)
    {
        _entries[key] = (entry.Value, entry.CachedAt, entry.TimeToLive);
        return new(InsertOutcome.Accepted);
    }

    public ValueTask InvalidateAsync(string key, CancellationToken cancellationToken)
    {
        _entries.TryRemove(key, out _);
        return default;
    }

    public ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        _entries.Clear();
        return default;
    }
}
