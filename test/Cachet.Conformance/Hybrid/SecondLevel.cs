using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace CachetTests;

/// <summary>How a second level fails.</summary>
internal enum Fault
{
    None,

    /// <summary>The call throws.</summary>
    Throws,

    /// <summary>The call returns a task that has failed.</summary>
    Fails,

    /// <summary>The call returns a task that fails later.</summary>
    FailsLater,
}

/// <summary>A second level that caches can share, in memory: it keeps account of what is written, and fails on demand.</summary>
internal sealed class SecondLevel(StoppedClock clock) : IDistributedCache
{
    private readonly MemoryDistributedCache _inner = new(Options.Create(new MemoryDistributedCacheOptions { Clock = clock }));
    private readonly ConcurrentQueue<(string Key, byte[] Value, DistributedCacheEntryOptions Options)> _writes = new();
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static IReadOnlyList<Fault> AllFaults { get; } = [Fault.Throws, Fault.Fails, Fault.FailsLater];

    public Fault Fault { get; set; }

    /// <summary>What was written, in order.</summary>
    public IReadOnlyCollection<(string Key, byte[] Value, DistributedCacheEntryOptions Options)> Writes => _writes;

    /// <summary>That something was written: some caches do it after they have answered.</summary>
    public Task Written => _written.Task.WaitAsync(TimeSpan.FromSeconds(10));

    /// <summary>Replaces whatever was written by something else.</summary>
    public void Overwrite(byte[] value)
    {
        foreach (var (key, _, options) in _writes) _inner.Set(key, value, options);
    }

    public byte[]? Get(string key) => Fault is Fault.None ? _inner.Get(key) : throw new IOException();

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => RunAsync(() => _inner.Get(key));

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        if (Fault is not Fault.None) throw new IOException();
        _inner.Set(key, value, options);
        _writes.Enqueue((key, value, options));
        _written.TrySetResult();
    }

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => RunAsync(() =>
    {
        Set(key, value, options);
        return true;
    });

    public void Refresh(string key) => _inner.Refresh(key);

    public Task RefreshAsync(string key, CancellationToken token = default) => _inner.RefreshAsync(key, token);

    public void Remove(string key)
    {
        if (Fault is not Fault.None) throw new IOException();
        _inner.Remove(key);
    }

    public Task RemoveAsync(string key, CancellationToken token = default) => RunAsync(() =>
    {
        Remove(key);
        return true;
    });

    private Task<T> RunAsync<T>(Func<T> call) => Fault switch
    {
        Fault.None => Task.FromResult(call()),
        Fault.Throws => throw new IOException(),
        Fault.Fails => Task.FromException<T>(new IOException()),
        _ => LaterAsync<T>(),
    };

    private static async Task<T> LaterAsync<T>()
    {
        await Task.Yield();
        throw new IOException();
    }
}
