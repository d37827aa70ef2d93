using Microsoft.Extensions.Caching.Distributed;

namespace Cachet;

/// <summary>Records the calls on a distributed cache, and changes nothing about them.</summary>
internal class InstrumentedDistributedCache(IDistributedCache inner, CallRecorder recorder) : IDistributedCache, IDecorated
{
    public Decoration Decoration => recorder.Decoration;

    private protected CallRecorder Recorder => recorder;

    /// <summary>Decorates a cache by what it can do.</summary>
    public static IDistributedCache Of(IDistributedCache cache, Decoration decoration, TimeProvider time)
    {
        if (cache is IDecorated decorated)
        {
            decorated.Decoration.ThrowUnlessSame(decoration);
            return cache;
        }

        var recorder = new CallRecorder(decoration, time);
        return cache is IBufferDistributedCache buffers
            ? new InstrumentedBufferDistributedCache(buffers, recorder)
            : new InstrumentedDistributedCache(cache, recorder);
    }

    public byte[]? Get(string key) => Decoration.IsRecorded
        ? recorder.Run(CacheOperation.Get, key, (inner, key), static c => c.inner.Get(c.key), static (_, found) => Found(found))
        : inner.Get(key);

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Decoration.IsRecorded
        ? recorder.RunAsync(
            CacheOperation.Get, key, (inner, key, token), static c => c.inner.GetAsync(c.key, c.token), static (_, found) => Found(found), token)
        : inner.GetAsync(key, token);

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        if (Decoration.IsRecorded)
        {
            recorder.Run(
                CacheOperation.Insert,
                key,
                (inner, key, value, options),
                static c => c.inner.Set(c.key, c.value, c.options),
                new Answer(CacheOutcome.Inserted, value?.Length));
        }
        else
        {
            inner.Set(key, value, options);
        }
    }

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => Decoration.IsRecorded
        ? recorder.RunAsync(
            CacheOperation.Insert,
            key,
            (inner, key, value, options, token),
            static c => c.inner.SetAsync(c.key, c.value, c.options, c.token),
            new Answer(CacheOutcome.Inserted, value?.Length),
            token)
        : inner.SetAsync(key, value, options, token);

    public void Refresh(string key)
    {
        if (Decoration.IsRecorded)
        {
            recorder.Run(CacheOperation.Refresh, key, (inner, key), static c => c.inner.Refresh(c.key), new Answer(CacheOutcome.Refreshed));
        }
        else
        {
            inner.Refresh(key);
        }
    }

    public Task RefreshAsync(string key, CancellationToken token = default) => Decoration.IsRecorded
        ? recorder.RunAsync(
            CacheOperation.Refresh,
            key,
            (inner, key, token),
            static c => c.inner.RefreshAsync(c.key, c.token),
            new Answer(CacheOutcome.Refreshed),
            token)
        : inner.RefreshAsync(key, token);

    public void Remove(string key)
    {
        if (Decoration.IsRecorded)
        {
            recorder.Run(CacheOperation.Invalidate, key, (inner, key), static c => c.inner.Remove(c.key), new Answer(CacheOutcome.Invalidated));
        }
        else
        {
            inner.Remove(key);
        }
    }

    public Task RemoveAsync(string key, CancellationToken token = default) => Decoration.IsRecorded
        ? recorder.RunAsync(
            CacheOperation.Invalidate,
            key,
            (inner, key, token),
            static c => c.inner.RemoveAsync(c.key, c.token),
            new Answer(CacheOutcome.Invalidated),
            token)
        : inner.RemoveAsync(key, token);

    private static Answer Found(byte[]? found) => found is null ? new(CacheOutcome.Miss) : new(CacheOutcome.Hit, found.Length);
}
