using Cachet;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Internal;

namespace CachetBenchmarks;

/// <summary>Asks a cache for a key as an application does, and inserts what was not there.</summary>
/// <param name="key">The key.</param>
/// <returns>Whether it was there.</returns>
internal delegate ValueTask<bool> Asker(int key);

/// <summary>Caches of a capacity, each as its users would make it.</summary>
internal static class Askers
{
    private static readonly object _value = new();

    public static Asker Cachet(EvictionPolicy policy, int capacity)
    {
        ICache<int, object> cache = Cache.Builder<int, object>("asked")
            .Memory(o => (o.Capacity, o.EvictionPolicy) = (capacity, policy))
            .Build();
        return async key =>
        {
            if (await cache.GetAsync(key) is not null) return true;
            await cache.InsertAsync(key, _value);
            return false;
        };
    }

    /// <param name="capacity">The size limit; each entry counts one.</param>
    /// <param name="clock">By which it tells what was used last; left out, the system's.</param>
    public static Asker MemoryCache(int capacity, ISystemClock? clock = null)
    {
        var cache = new MemoryCache(new MemoryCacheOptions { SizeLimit = capacity, Clock = clock });
        var entry = new MemoryCacheEntryOptions { Size = 1 };
        return key =>
        {
            if (cache.TryGetValue(key, out _)) return new(true);
            cache.Set(key, _value, entry);
            return new(false);
        };
    }

    /// <summary>A clock that goes on with every look at it, so that no two uses are at the same time, and no run differs from another.</summary>
    public sealed class CountingClock : ISystemClock
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

        public DateTimeOffset UtcNow => _now = _now.AddTicks(1);
    }
}
