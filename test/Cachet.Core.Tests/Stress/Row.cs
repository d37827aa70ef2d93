using System.Collections.Concurrent;

namespace CachetTests.Stress;

/// <summary>A value that tells from which key and which version it is.</summary>
internal sealed record Tagged(int Key, long Version);

/// <summary>The truth about one key: what a database would hold.</summary>
internal sealed class Row : IDisposable
{
    private readonly Lock _lock = new();
    private long _version;
    private long _floor;

    /// <summary>Writers take turns, as transactions on a row would: which of two is the later is then known.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    /// <summary>What is true now; caches learn of it a little later.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>The version of the last write of the cache that completed without an error: nobody who reads from now on may be served an older one.</summary>
    public long Floor => Volatile.Read(ref _floor);

    /// <summary>The versions that a tier was given to store after a write of a later one had begun: until the fills that did so have dropped them again,
    /// readers may meet them.</summary>
    public ConcurrentDictionary<long, bool> Losers { get; } = new();

    /// <summary>To be called in turn, before the cache is written.</summary>
    public long Change()
    {
        lock (_lock) return ++_version;
    }

    /// <summary>Stores a version in a tier. No write may begin in the middle of it.</summary>
    public void Store(long version, Action store)
    {
        lock (_lock)
        {
            if (version < _version) Losers[version] = true;
            store();
        }
    }

    /// <summary>The cache has been written.</summary>
    public void Settle(long version) => Volatile.Write(ref _floor, version);

    public void Dispose() => Turn.Dispose();
}
