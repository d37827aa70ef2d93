using Cachet;

namespace CachetTests;

/// <summary>A tier whose every call throws before it returns a task.</summary>
internal sealed class ThrowingTier(Exception error) : ICacheTier<string, string?>
{
    public ValueTask<CacheEntry<string?>?> GetAsync(string key, CancellationToken cancellationToken) => throw error;

    public ValueTask<InsertOutcome> InsertAsync(string key, CacheEntry<string?> entry, CancellationToken cancellationToken) => throw error;

    public ValueTask InvalidateAsync(string key, CancellationToken cancellationToken) => throw error;

    public ValueTask ClearAsync(CancellationToken cancellationToken) => throw error;
}
