using System.Collections.Concurrent;

namespace Cachet.Examples;

/// <summary>A tier of one's own, and one that wraps another.</summary>
internal static class CustomTierExample
{
    public static async Task RunAsync(Action<string> print)
    {
        var shelf = new ConcurrentDictionary<string, CacheEntry<string>>();
        await using ICache<string, string> products = Cache.Builder<string, string>("products")
            .Memory()
            .Tier(new LowerCaseTier<string>(new ShelfTier<string>(shelf)), static o => o.Name = "shelf")
            .Build();

        await products.InsertAsync("P1", "a product");
        print($"P1: {(await products.GetAsync("P1"))?.Value}");
        print($"on the shelf: {string.Join(", ", shelf.Keys)}");
    }

    /// <summary>A tier stores entries and gives them back, fresh or not. Lifetimes, promotion and events are the cache's business.</summary>
    private sealed class ShelfTier<TValue>(ConcurrentDictionary<string, CacheEntry<TValue>> shelf) : ICacheTier<string, TValue>
    {
        public ValueTask<CacheEntry<TValue>?> GetAsync(string key, CancellationToken cancellationToken) => new(shelf.GetValueOrDefault(key));

        public ValueTask<InsertOutcome> InsertAsync(string key, CacheEntry<TValue> entry, CancellationToken cancellationToken)
        {
            shelf[key] = entry;
            return new(InsertOutcome.Accepted);
        }

        public ValueTask InvalidateAsync(string key, CancellationToken cancellationToken)
        {
            shelf.TryRemove(key, out _);
            return default;
        }

        public ValueTask ClearAsync(CancellationToken cancellationToken)
        {
            shelf.Clear();
            return default;
        }
    }

    /// <summary>A tier around a tier changes what it likes, here the keys, and passes the rest on.</summary>
    private sealed class LowerCaseTier<TValue>(ICacheTier<string, TValue> inner) : ICacheTier<string, TValue>
    {
        public ValueTask<CacheEntry<TValue>?> GetAsync(string key, CancellationToken cancellationToken) => inner.GetAsync(Lower(key), cancellationToken);

        public ValueTask<InsertOutcome> InsertAsync(string key, CacheEntry<TValue> entry, CancellationToken cancellationToken) =>
            inner.InsertAsync(Lower(key), entry, cancellationToken);

        public ValueTask InvalidateAsync(string key, CancellationToken cancellationToken) => inner.InvalidateAsync(Lower(key), cancellationToken);

        public ValueTask ClearAsync(CancellationToken cancellationToken) => inner.ClearAsync(cancellationToken);

        private static string Lower(string key) => key.ToLowerInvariant();
    }
}
