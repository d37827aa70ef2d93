using System.Collections.Concurrent;
using Cachet;

namespace CachetTests.Model;

/// <summary>A tier whose calls go wrong as the present step says: with an <see cref="IOException"/> whose message says where.</summary>
/// <param name="position">Which tier it is.</param>
/// <param name="setup">Whether it keeps what is public of an entry only, and whether it answers later.</param>
internal class ScriptedTier(int position, TierSetup setup) : ICacheTier<int, int>
{
    public ConcurrentDictionary<int, CacheEntry<int>> Entries { get; } = new();

    public Fault[] Faults { get; set; } = [];

    public async ValueTask<CacheEntry<int>?> GetAsync(int key, CancellationToken cancellationToken)
    {
        await BeginAsync(CacheOperation.Get);
        CacheEntry<int>? found = Entries.GetValueOrDefault(key);
        ThrowIf(CacheOperation.Get, Mishap.FailsAfter);
        return found is not null && setup.Bare ? new(found.Value, found.CachedAt, found.TimeToLive) : found;
    }

    public async ValueTask<InsertOutcome> InsertAsync(int key, CacheEntry<int> entry, CancellationToken cancellationToken)
    {
        await BeginAsync(CacheOperation.Insert);
        bool rejects = Has(CacheOperation.Insert, Mishap.Rejects);
        if (rejects) Entries.TryRemove(key, out _);
        else Entries[key] = entry;
        ThrowIf(CacheOperation.Insert, Mishap.FailsAfter);
        return rejects ? InsertOutcome.Rejected : InsertOutcome.Accepted;
    }

    public async ValueTask InvalidateAsync(int key, CancellationToken cancellationToken)
    {
        await BeginAsync(CacheOperation.Invalidate);
        Entries.TryRemove(key, out _);
        ThrowIf(CacheOperation.Invalidate, Mishap.FailsAfter);
    }

    public async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        await BeginAsync(CacheOperation.Clear);
        Entries.Clear();
        ThrowIf(CacheOperation.Clear, Mishap.FailsAfter);
    }

    public ValueTask<long?> CountAsync(CancellationToken cancellationToken) => new(Entries.Count);

    protected void ThrowIf(CacheOperation call, Mishap mishap)
    {
        if (Has(call, mishap)) throw new IOException(new Fault(position, call, mishap).Message);
    }

    private bool Has(CacheOperation call, Mishap mishap) => Faults.Contains(new(position, call, mishap));

    private async Task BeginAsync(CacheOperation call)
    {
        if (setup.Slow) await Task.Yield();
        ThrowIf(call, Mishap.FailsBefore);
    }
}

/// <summary>A scripted tier that answers at once.</summary>
internal sealed class ScriptedSynchronousTier(int position, TierSetup setup) : ScriptedTier(position, setup), ISynchronousTier<int, int>
{
    private readonly bool _bare = setup.Bare;

    public long? Count => Entries.Count;

    public CacheEntry<int>? Find(int key)
    {
        ThrowIf(CacheOperation.Get, Mishap.FailsBefore);
        ThrowIf(CacheOperation.Get, Mishap.FailsAfter);
        CacheEntry<int>? found = Entries.GetValueOrDefault(key);
        return found is not null && _bare ? new(found.Value, found.CachedAt, found.TimeToLive) : found;
    }
}
