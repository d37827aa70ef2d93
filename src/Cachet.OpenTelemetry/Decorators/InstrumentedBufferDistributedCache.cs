using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace Cachet;

/// <summary>Records the calls on a distributed cache that reads and writes the caller's buffers, and changes nothing about them.</summary>
internal sealed class InstrumentedBufferDistributedCache : InstrumentedDistributedCache, IBufferDistributedCache
{
    private readonly IBufferDistributedCache _inner;

    public InstrumentedBufferDistributedCache(IBufferDistributedCache inner, CallRecorder recorder)
        : base(inner, recorder)
    {
        _inner = inner;
    }

    public bool TryGet(string key, IBufferWriter<byte> destination) => Decoration.IsRecorded
        ? Recorder.Run(
            CacheOperation.Get,
            key,
            (inner: _inner, key, destination: Counted(destination)),
            static c => c.inner.TryGet(c.key, c.destination),
            static (c, found) => Found(found, c.destination))
        : _inner.TryGet(key, destination);

    public ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default) => Decoration.IsRecorded
        ? new(Recorder.RunAsync(
            CacheOperation.Get,
            key,
            (inner: _inner, key, destination: Counted(destination), token),
            static c => c.inner.TryGetAsync(c.key, c.destination, c.token).AsTask(),
            static (c, found) => Found(found, c.destination),
            token))
        : _inner.TryGetAsync(key, destination, token);

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options)
    {
        if (Decoration.IsRecorded)
        {
            Recorder.Run(
                CacheOperation.Insert,
                key,
                (inner: _inner, key, value, options),
                static c => c.inner.Set(c.key, c.value, c.options),
                new Answer(CacheOutcome.Inserted, value.Length));
        }
        else
        {
            _inner.Set(key, value, options);
        }
    }

    public ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        Decoration.IsRecorded
            ? new(Recorder.RunAsync(
                CacheOperation.Insert,
                key,
                (inner: _inner, key, value, options, token),
                static c => c.inner.SetAsync(c.key, c.value, c.options, c.token).AsTask(),
                new Answer(CacheOutcome.Inserted, value.Length),
                token))
            : _inner.SetAsync(key, value, options, token);

    private static Answer Found(bool found, IBufferWriter<byte> destination) =>
        found ? new(CacheOutcome.Hit, (destination as CountingWriter)?.Count) : new(CacheOutcome.Miss);

    // Sizes are told of tiers alone. What is no writer at all is for the decorated cache to refuse.
    private IBufferWriter<byte> Counted(IBufferWriter<byte> destination) =>
        Decoration.Tier is null || destination is null ? destination! : new CountingWriter(destination);
}
