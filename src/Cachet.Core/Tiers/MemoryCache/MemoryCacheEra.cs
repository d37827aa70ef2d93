using Microsoft.Extensions.Primitives;

namespace Cachet;

/// <summary>The entries that a tier keeps in a memory cache between two clears. When it ends, they all expire at once.</summary>
internal sealed class MemoryCacheEra : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private long _entries;
    private int _ended;

    public MemoryCacheEra() => End = new CancellationChangeToken(_end.Token);

    public IChangeToken End { get; }

    /// <summary>How many entries there are. Those that were replaced or dropped just now are still among them.</summary>
    public long Entries => Interlocked.Read(ref _entries);

    public void Enter() => Interlocked.Increment(ref _entries);

    public void Leave() => Interlocked.Decrement(ref _entries);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0) return;
        _end.Cancel();
        _end.Dispose();
    }
}
