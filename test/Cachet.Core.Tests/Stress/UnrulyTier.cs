using System.Collections.Concurrent;
using Cachet;

namespace CachetTests.Stress;

/// <summary>A tier whose calls fail at random, before or after they did what they were asked, end late, and notice that they were cancelled.</summary>
/// <remarks>Only the drop of a fill that lost against a write never fails: it is told by its token, which cannot fire. What the cache promises of a
/// store that refuses even that is a report, not a fresh value.</remarks>
internal sealed class UnrulyTier(Row[] rows) : ICacheTier<int, Tagged>
{
    /// <summary>What a store's client says when it gave up by itself: a cancellation that no caller asked for.</summary>
    public const string GaveUp = "The client gave up.";

    public ConcurrentDictionary<int, CacheEntry<Tagged>> Entries { get; } = new();

    /// <summary>Whether it does as it is told for now.</summary>
    public bool IsCalm { get; set; }

    public async ValueTask<CacheEntry<Tagged>?> GetAsync(int key, CancellationToken cancellationToken)
    {
        await TroubleAsync(cancellationToken);
        CacheEntry<Tagged>? found = Entries.GetValueOrDefault(key);
        await TroubleAsync(cancellationToken);
        return found;
    }

    public async ValueTask<InsertOutcome> InsertAsync(int key, CacheEntry<Tagged> entry, CancellationToken cancellationToken)
    {
        await TroubleAsync(cancellationToken);
        rows[key].Store(entry.Value.Version, () => Entries[key] = entry);
        await TroubleAsync(cancellationToken);
        return InsertOutcome.Accepted;
    }

    public async ValueTask InvalidateAsync(int key, CancellationToken cancellationToken)
    {
        await TroubleAsync(cancellationToken, mayFail: cancellationToken.CanBeCanceled);
        Entries.TryRemove(key, out _);
        await TroubleAsync(cancellationToken, mayFail: cancellationToken.CanBeCanceled);
    }

    public async ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        await TroubleAsync(cancellationToken);
        Entries.Clear();
        await TroubleAsync(cancellationToken);
    }

    private async Task TroubleAsync(CancellationToken cancellationToken, bool mayFail = true)
    {
        int dice = Random.Shared.Next(100);
        for (int i = 0; i < dice - 95; i++) await Task.Yield();
        if (dice is > 60 and < 90) await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        if (IsCalm || !mayFail) return;
        if (dice < 3) throw new IOException("A tier failed.");
        if (dice == 3) throw new TaskCanceledException(GaveUp);
    }
}
