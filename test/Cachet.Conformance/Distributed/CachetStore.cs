using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests;

/// <summary>Cachet, shown as a distributed cache: in memory alone, or over a store.</summary>
internal sealed class CachetStore : Store
{
    private readonly StoppedClock _clock = new();
    private readonly RedisStore? _store;
    private readonly TimeSpan? _localTimeToLive;
    private readonly List<IBufferDistributedCache> _caches = [];

    private CachetStore(RedisStore? store, TimeSpan? localTimeToLive)
    {
        _store = store;
        _localTimeToLive = localTimeToLive;
        Cache = Show(store?.Cache);
    }

    public override IDistributedCache Cache { get; }

    public override IDistributedCache Elsewhere => Show(_store!.Elsewhere);

    public override DateTimeOffset Now => _clock.UtcNow;

    public static CachetStore InMemory() => new(null, null);

    public static async Task<CachetStore> OverGarnetAsync(TimeSpan? localTimeToLive = null) => new(await RedisStore.OpenAsync(), localTimeToLive);

    public override async Task PassAsync(TimeSpan time)
    {
        _clock.Advance(time);
        if (_store is not null) await _store.PassAsync(time);
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (IBufferDistributedCache cache in _caches)
        {
            if (cache is IAsyncDisposable disposable) await disposable.DisposeAsync();
        }
    }

    private IBufferDistributedCache Show(IDistributedCache? store)
    {
        IBufferDistributedCache cache = Cachet.Cache.DistributedCache("conformance", options =>
        {
            options.Store = store;
            options.Clock = _clock;
            if (_localTimeToLive is { } life) options.LocalTimeToLive = life;
        });
        _caches.Add(cache);
        return cache;
    }
}
