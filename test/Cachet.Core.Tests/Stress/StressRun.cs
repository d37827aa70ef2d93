using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests.Stress;

/// <summary>A cache of three unruly tiers, and everything that is done to it at once.</summary>
internal sealed class StressRun : ICacheEventHandler, IAsyncDisposable
{
    private const int Keys = 6;

    private readonly FakeTimeProvider _clock = new(Rig.Start);
    private readonly Row[] _rows = [.. Enumerable.Range(0, Keys).Select(static _ => new Row())];
    private readonly UnrulyTier[] _tiers;
    private readonly TieredCache<int, Tagged> _cache;
    private long _begun;
    private long _completed;
    private long _refreshes;
    private long _stale;

    public StressRun(bool protect, bool observed)
    {
        _tiers = [.. Enumerable.Range(0, 3).Select(_ => new UnrulyTier(_rows))];
        CacheBuilder<int, Tagged> builder = Cache.Builder<int, Tagged>("test").Clock(_clock).StampedeProtection(protect);
        _cache = (observed ? builder.EventHandler(this) : builder)
            .Tier(_tiers[0], static o => (o.TimeToLive, o.TimeToRefresh) = (TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(100)))
            .Tier(_tiers[1], static o => (o.TimeToLive, o.TimeToRefresh) = (TimeSpan.FromSeconds(4), TimeSpan.FromMilliseconds(400)))
            .Tier(_tiers[2])
            .BuildCache();
    }

    /// <summary>What the run did, for who looks at it.</summary>
    public string Summary => $"{_begun} operations, {_refreshes} refreshes, {_stale} reads met a value on its way out";

    public (int Flights, int Refreshes, int Writes) UnderWay => (_cache.Flights, _cache.Refreshes, _cache.Writes);

    public (long Begun, long Completed) Operations => (Volatile.Read(ref _begun), Volatile.Read(ref _completed));

    public void OnTierEvent(in CacheTierEvent tierEvent)
    {
    }

    public void OnOperationComplete(in CacheOperationEvent operationEvent) =>
        Interlocked.Increment(ref operationEvent.Operation == CacheOperation.Refresh ? ref _refreshes : ref _completed);

    public async Task WorkAsync(int operations)
    {
        for (int i = 0; i < operations; i++)
        {
            var cancel = new CancellationTokenSource();
            bool cancels = Random.Shared.Next(10) == 0;
            Task cancelling = cancels ? CancelSoonAsync(cancel) : Task.CompletedTask;
            try
            {
                await OneAsync(Random.Shared.Next(Keys), cancels || Random.Shared.Next(2) == 0 ? cancel.Token : default);
            }
            catch (Exception expected) when (
                expected is IOException or TaskCanceledException { Message: UnrulyTier.GaveUp } || (expected is OperationCanceledException && cancels))
            {
                // A tier's, the loader's, or the caller's own doing.
            }

            await cancelling;
        }
    }

    /// <summary>Nothing goes on any more: no tier holds what a write has replaced, and the cache serves what is true.</summary>
    public async Task SettleAsync()
    {
        foreach (UnrulyTier tier in _tiers) tier.IsCalm = true;
        await Holds.UntilAsync(() => UnderWay == default);

        // What every caller has left may still be on its way out.
        await Holds.UntilAsync(() => _tiers.All(t => t.Entries.All(e => e.Value.Value.Version >= _rows[e.Key].Floor)));
        for (int key = 0; key < Keys; key++)
        {
            Row row = _rows[key];
            Tagged found = await _cache.GetOrInsertAsync(key, row, static (key, row, _) => new(new Tagged(key, row.Version)));
            Interlocked.Increment(ref _begun);
            if (found.Key != key || found.Version < row.Floor) throw new InvalidOperationException($"{found}, but {row.Floor} was written.");
        }

        await Holds.UntilAsync(() => UnderWay == default);
        foreach (Row row in _rows) row.Losers.Clear();
        foreach (UnrulyTier tier in _tiers) tier.IsCalm = false;
    }

    public async ValueTask DisposeAsync()
    {
        await _cache.DisposeAsync();
        foreach (Row row in _rows) row.Dispose();
    }

    private static async Task CancelSoonAsync(CancellationTokenSource cancel)
    {
        for (int i = Random.Shared.Next(12); i > 0; i--) await Task.Yield();
        await cancel.CancelAsync();
    }

    private async Task OneAsync(int key, CancellationToken cancellationToken)
    {
        Row row = _rows[key];
        long floor = row.Floor;
        switch (Random.Shared.Next(200))
        {
            case < 80:
                Check(key, floor, (await Begun(_cache.GetAsync(key, cancellationToken)))?.Value);
                break;
            case < 140:
                Check(key, floor, await Begun(_cache.GetOrInsertAsync(key, async (_, token) => (await LoadAsync(key, optional: false, token))!.Value, cancellationToken)));
                break;
            case < 156:
                Check(key, floor, (await Begun(_cache.GetOrInsertEntryAsync(key, (_, token) => LoadAsync(key, optional: true, token), cancellationToken)))?.Value);
                break;
            case < 162:
                await Begun(_cache.ContainsAsync(key, cancellationToken));
                break;
            case < 174:
                await WriteAsync([row], version => Begun(_cache.InsertAsync(key, new(key, version), cancellationToken)).AsTask());
                break;
            case < 180:
                await WriteAsync([row], _ => Begun(_cache.InvalidateAsync(key, cancellationToken)).AsTask());
                break;
            case 180:
                await WriteAsync(_rows, _ => Begun(_cache.ClearAsync(cancellationToken)).AsTask());
                break;
            case 181:
                await Begun(_cache.ClearAsync(cancellationToken)); // Beside writers, not in turn with them.
                break;
            default:
                _clock.Advance(TimeSpan.FromMilliseconds(Random.Shared.Next(200)));
                break;
        }
    }

    private T Begun<T>(T operation)
    {
        Interlocked.Increment(ref _begun);
        return operation;
    }

    private void Check(int key, long floor, Tagged? found)
    {
        if (found is null) return;
        if (found.Key != key) throw new InvalidOperationException($"{found} was served under {key}.");
        if (found.Version >= floor) return;
        if (!_rows[key].Losers.ContainsKey(found.Version)) throw new InvalidOperationException($"{found} was served after {floor} had been written.");
        Interlocked.Increment(ref _stale);
    }

    private async ValueTask<CacheEntry<Tagged>?> LoadAsync(int key, bool optional, CancellationToken cancellationToken)
    {
        var loaded = new Tagged(key, _rows[key].Version);
        for (int i = Random.Shared.Next(4); i > 0; i--) await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        int dice = Random.Shared.Next(20);
        if (dice == 0) throw new IOException("The loader failed.");
        return optional && dice < 4 ? null : new(loaded);
    }

    private static async Task WriteAsync(Row[] rows, Func<long, Task> write)
    {
        // In the order of the keys, so that nobody waits in a circle.
        foreach (Row row in rows) await row.Turn.WaitAsync();
        try
        {
            long[] versions = [.. rows.Select(static r => r.Change())];
            await write(versions[0]);
            foreach ((Row row, long version) in rows.Zip(versions)) row.Settle(version);
        }
        finally
        {
            foreach (Row row in rows) row.Turn.Release();
        }
    }
}
