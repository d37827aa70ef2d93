using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Primitives;

namespace CachetTests.Decorators;

/// <summary>A memory cache that hands out one entry.</summary>
internal sealed class OneEntryCache(PlainEntry entry) : IMemoryCache
{
    public Exception? Error { get; init; }

    public ICacheEntry CreateEntry(object key) => Error is null ? entry : throw Error;

    public bool TryGetValue(object key, out object? value) => Error is null ? (value = null) is not null : throw Error;

    public void Remove(object key)
    {
        if (Error is not null) throw Error;
    }

    public void Dispose()
    {
    }
}

/// <summary>An entry that does nothing by itself.</summary>
internal sealed class PlainEntry : ICacheEntry
{
    public Exception? Error { get; init; }

    public int Disposals { get; private set; }

    public object Key { get; } = new();

    public object? Value { get; set; }

    public DateTimeOffset? AbsoluteExpiration { get; set; }

    public TimeSpan? AbsoluteExpirationRelativeToNow { get; set; }

    public TimeSpan? SlidingExpiration { get; set; }

    public IList<IChangeToken> ExpirationTokens { get; } = [];

    public IList<PostEvictionCallbackRegistration> PostEvictionCallbacks { get; init; } = [];

    public CacheItemPriority Priority { get; set; }

    public long? Size { get; set; }

    public void Dispose()
    {
        Disposals++;
        if (Error is not null) throw Error;
    }
}
