using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>What some caches go through, the same in every round, by a clock that only moves when it is told to: a call on l1 of <c>products</c> takes
/// two microseconds, one on its l2 two milliseconds, a load twenty; all else takes no time.</summary>
internal sealed class ScrapedStory : IAsyncDisposable
{
    /// <summary>How many operations a round has: of products, prices, sessions and pages.</summary>
    public const int OperationsPerRound = 43 + 9 + 11 + 5;

    private static readonly TimeSpan _l1Takes = TimeSpan.FromMicroseconds(2);
    private static readonly TimeSpan _l2Takes = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan _loadTakes = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _refreshAfter = TimeSpan.FromHours(1);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30); // A wait that long is in vain.

    private readonly FakeTimeProvider _clock = new();
    private readonly FakeSynchronousCacheTier<string, string> _l1 = new();
    private readonly CacheEventRecorder _events = new();
    private readonly ICache<string, string> _products;
    private readonly ICache<string, string> _prices;
    private readonly ICache<string, string> _sessions;
    private readonly ICache<string, string> _pages;
    private readonly ICache<string, int> _pagesMisread;
    private int _round;
    private int _refreshes;
    private bool _l2IsDown;

    public ScrapedStory()
    {
        var l2 = new FakeCacheTier<string, string>();
        var store = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));

        // The one hook that synchronous calls have too: it fails nothing, and takes its time to decide that.
        _l1.FailWhen(_ => Take(_l1Takes));
        l2.FailWhen(call => Take(_l2Takes) || (_l2IsDown && call.Operation == CacheOperation.Get));
        _products = Cache.Builder<string, string>("products").Clock(_clock).Tier(_l1).Tier(l2, static o => o.Remote = true).Build();
        _prices = Cache.Builder<string, string>("prices").Clock(_clock).Memory(static o => o.TimeToRefresh = _refreshAfter).EventHandler(_events).Build();
        _sessions = Cache.Builder<string, string>("sessions").Clock(_clock).Memory(static o => o.Capacity = 3).Build();
        _pages = Cache.Builder<string, string>("pages").Clock(_clock).Distributed(store).Build();
        _pagesMisread = Cache.Builder<string, int>("pages").Clock(_clock).Distributed(store).Build();
    }

    /// <summary>How many entries each cache has in memory.</summary>
    public async Task<IReadOnlyDictionary<string, double>> EntriesAsync() => new Dictionary<string, double>
    {
        ["products l1"] = _l1.Entries.Count,
        ["prices l1"] = (double)(await _prices.CountAsync())!,
        ["sessions l1"] = (double)(await _sessions.CountAsync())!,
    };

    public async Task TellRoundAsync()
    {
        _round++;
        await ReadProductsAsync();
        await SharePricesAsync();
        await EvictSessionsAsync();
        await SerializePagesAsync();
    }

    /// <summary>Begins a load that ends when the gate is opened.</summary>
    public async Task<Task> LoadHeldAsync(Gate gate)
    {
        Task load = _prices.GetOrInsertAsync("held", async (_, token) =>
        {
            await gate.PassAsync(token);
            return "v";
        }).AsTask();
        await gate.Reached.WaitAsync(_limit);
        return load;
    }

    public async ValueTask DisposeAsync()
    {
        await _products.DisposeAsync();
        await _prices.DisposeAsync();
        await _sessions.DisposeAsync();
        await _pages.DisposeAsync();
        await _pagesMisread.DisposeAsync();
    }

    /// <summary>9 get_or_inserts: 8 load, 1 fails. 33 gets: 24 hit l1, 4 hit l2, 2 miss, 2 miss while l2 fails, 1 finds both expired. 1 insert.</summary>
    private async Task ReadProductsAsync()
    {
        string[] keys = [.. Enumerable.Range(1, 8).Select(i => $"{_round}/{i}")];
        foreach (string key in keys) await _products.GetOrInsertAsync(key, Load);
        foreach (string key in keys.Concat(keys).Concat(keys)) await _products.GetAsync(key);
        _l1.Entries.Clear();
        foreach (string key in keys[..4]) await _products.GetAsync(key);
        for (int i = 0; i < 2; i++) await _products.GetAsync("unknown");
        _l2IsDown = true;
        for (int i = 0; i < 2; i++) await _products.GetAsync("unknown");
        _l2IsDown = false;
        await Assert.ThrowsAsync<TimeoutException>(async () => await _products.GetOrInsertAsync("unknown", Fail<TimeoutException>));
        await _products.InsertEntryAsync("short-lived", new("v", timeToLive: TimeSpan.FromMinutes(1)));
        _clock.Advance(TimeSpan.FromMinutes(2));
        await _products.GetAsync("short-lived");
    }

    /// <summary>1 insert. 6 get_or_inserts: 1 loads, 3 wait for that, 2 hit what is to be renewed. 2 refreshes: 1 loads, 1 fails.</summary>
    private async Task SharePricesAsync()
    {
        string loaded = $"{_round}/loaded", inserted = $"{_round}/inserted";
        var gate = new Gate();
        Task<string> leader = _prices.GetOrInsertAsync(loaded, async (key, token) =>
        {
            await gate.PassAsync(token);
            return await Load(key, token);
        }).AsTask();
        await gate.Reached.WaitAsync(_limit);
        Task<string>[] followers = [.. Enumerable.Range(0, 3).Select(_ => _prices.GetOrInsertAsync(loaded, Load).AsTask())];
        gate.Open();
        await leader.WaitAsync(_limit);
        await Task.WhenAll(followers).WaitAsync(_limit);
        await _prices.InsertAsync(inserted, "v");
        _clock.Advance(_refreshAfter);
        await RefreshAsync(loaded, Load);
        await RefreshAsync(inserted, Fail<InvalidOperationException>);
    }

    private async Task RefreshAsync(string key, Func<string, CancellationToken, ValueTask<string>> loader)
    {
        _refreshes++;
        await _prices.GetOrInsertAsync(key, loader);
        await _events.WaitForOperationAsync(static e => e.Operation == CacheOperation.Refresh, _refreshes).WaitAsync(_limit);
    }

    /// <summary>1 clear, 10 inserts into room for three.</summary>
    private async Task EvictSessionsAsync()
    {
        await _sessions.ClearAsync();
        for (int i = 0; i < 10; i++) await _sessions.InsertAsync($"{i}", "v");
    }

    /// <summary>2 inserts and 3 gets of entries of 100 bytes, the last of which cannot be read.</summary>
    private async Task SerializePagesAsync()
    {
        string value = new('x', 62); // 36 bytes of envelope, and two quotes
        await _pages.InsertAsync("a", value);
        await _pages.InsertAsync("b", value);
        await _pages.GetAsync("a");
        await _pages.GetAsync("b");
        await _pagesMisread.GetAsync("a");
    }

    private ValueTask<string> Load(string key, CancellationToken cancellationToken)
    {
        Take(_loadTakes);
        return new("v");
    }

    private ValueTask<string> Fail<TException>(string key, CancellationToken cancellationToken)
        where TException : Exception, new()
    {
        Take(_loadTakes);
        throw new TException();
    }

    private bool Take(TimeSpan time)
    {
        _clock.Advance(time);
        return false;
    }
}
