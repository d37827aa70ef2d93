using Microsoft.Extensions.Caching.Hybrid;

namespace Cachet;

/// <summary>Records the calls on a HybridCache and the factories that it runs, and gives these their caller's context.</summary>
internal sealed class InstrumentedHybridCache : HybridCache, IDecorated
{
    private readonly HybridCache _inner;
    private readonly CallRecorder _recorder;
    private readonly CallRecorder _byTag;

    private InstrumentedHybridCache(HybridCache inner, Decoration decoration, TimeProvider time)
    {
        _inner = inner;
        _recorder = new(decoration, time);
        _byTag = new(Decoration.ByTag(decoration.Cache.Name), time);
        Live.Add(this);
    }

    /// <summary>All that are alive, for what is counted when somebody looks.</summary>
    public static LiveSet<InstrumentedHybridCache> Live { get; } = new();

    public Decoration Decoration => _recorder.Decoration;

    public static HybridCache Of(HybridCache cache, Decoration decoration, TimeProvider time)
    {
        if (cache is not InstrumentedHybridCache decorated) return new InstrumentedHybridCache(cache, decoration, time);
        decorated.Decoration.ThrowUnlessSame(decoration);
        return cache;
    }

    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        if (Decoration.IsRecorded) return RecordAsync(key, state, factory, options, tags, cancellationToken);
        return factory is null // There may be none, if it is not to run.
            ? _inner.GetOrCreateAsync(key, state, factory!, options, tags, cancellationToken)
            : _inner.GetOrCreateAsync(key, Unrecorded(state, factory, cancellationToken), HybridLoad<T>.Factory, options, tags, cancellationToken);
    }

    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        if (Decoration.IsRecorded) return RecordAsync(key.ToString(), state, factory, options, tags, cancellationToken);
        return factory is null // There may be none, if it is not to run.
            ? _inner.GetOrCreateAsync(key, state, factory!, options, tags, cancellationToken)
            : _inner.GetOrCreateAsync(key, Unrecorded(state, factory, cancellationToken), HybridLoad<T>.Factory, options, tags, cancellationToken);
    }

    public override ValueTask SetAsync<T>(
        string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
        Decoration.IsRecorded
            ? WriteAsync(
                HybridOperation.Begin(_recorder, CacheOperation.Insert, key, isLookup: false, cancellationToken),
                (inner: _inner, key, value, options, tags, cancellationToken),
                static c => c.inner.SetAsync(c.key, c.value, c.options, c.tags, c.cancellationToken).AsTask(),
                CacheOutcome.Inserted)
            : _inner.SetAsync(key, value, options, tags, cancellationToken);

    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) =>
        Decoration.IsRecorded
            ? WriteAsync(
                HybridOperation.Begin(_recorder, CacheOperation.Invalidate, key, isLookup: false, cancellationToken),
                (inner: _inner, key, cancellationToken),
                static c => c.inner.RemoveAsync(c.key, c.cancellationToken).AsTask(),
                CacheOutcome.Invalidated)
            : _inner.RemoveAsync(key, cancellationToken);

    public override ValueTask RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default) =>
        Decoration.IsRecorded
            ? WriteAsync(
                HybridOperation.Begin(_recorder, CacheOperation.Invalidate, key: null, isLookup: false, cancellationToken),
                (inner: _inner, keys, cancellationToken),
                static c => c.inner.RemoveAsync(c.keys, c.cancellationToken).AsTask(),
                CacheOutcome.Invalidated)
            : _inner.RemoveAsync(keys, cancellationToken);

    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) =>
        Decoration.IsRecorded
            ? WriteAsync(
                HybridOperation.Begin(_byTag, CacheOperation.Invalidate, key: null, isLookup: false, cancellationToken),
                (inner: _inner, tag, cancellationToken),
                static c => c.inner.RemoveByTagAsync(c.tag, c.cancellationToken).AsTask(),
                CacheOutcome.Invalidated)
            : _inner.RemoveByTagAsync(tag, cancellationToken);

    public override ValueTask RemoveByTagAsync(IEnumerable<string> tags, CancellationToken cancellationToken = default) =>
        Decoration.IsRecorded
            ? WriteAsync(
                HybridOperation.Begin(_byTag, CacheOperation.Invalidate, key: null, isLookup: false, cancellationToken),
                (inner: _inner, tags, cancellationToken),
                static c => c.inner.RemoveByTagAsync(c.tags, c.cancellationToken).AsTask(),
                CacheOutcome.Invalidated)
            : _inner.RemoveByTagAsync(tags, cancellationToken);

    // What a factory sees of its caller's context must not depend on whether anybody listens; where the call cannot be cancelled, it has it anyway. The
    // state is wrapped all the same: Microsoft's lets a caller join another's load only if both have states of one type, and throws if they have not.
    private static HybridLoad<T> Unrecorded<TState, T>(
        TState state, Func<TState, CancellationToken, ValueTask<T>> factory, CancellationToken cancellationToken) =>
        HybridLoad<T>.Of(operation: null, cancellationToken.CanBeCanceled ? ExecutionContext.Capture() : null, state, factory);

    private static ValueTask WriteAsync<TCall>(HybridOperation operation, in TCall call, Func<TCall, Task> run, CacheOutcome outcome) =>
        new(operation.RunAsync(in call, run, new Answer(outcome)));

    private ValueTask<T> RecordAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options,
        IEnumerable<string>? tags,
        CancellationToken cancellationToken)
    {
        var operation = HybridOperation.Begin(_recorder, CacheOperation.GetOrInsert, key, isLookup: true, cancellationToken);
        var load = HybridLoad<T>.Of(operation, ExecutionContext.Capture(), state, factory);
        return new(operation.RunAsync(
            (inner: _inner, operation, key, load, state, factory, options, tags, cancellationToken),
            static c => c.factory is null
                ? c.inner.GetOrCreateAsync(c.key, c.state, c.factory!, c.options, c.tags, c.cancellationToken).AsTask()
                : c.inner.GetOrCreateAsync(c.key, c.load, HybridLoad<T>.Factory, c.options, c.tags, c.cancellationToken).AsTask(),
            static (c, value) => new(c.operation.HasLoaded ? CacheOutcome.Loaded : IsMiss(c.options, value) ? CacheOutcome.Miss : CacheOutcome.Hit)));
    }

    // Where the factory is not to run, a HybridCache gives the default for what it does not have.
    private static bool IsMiss<T>(HybridCacheEntryOptions? options, T value) =>
        options?.Flags is { } flags && (flags & HybridCacheEntryFlags.DisableUnderlyingData) != 0 && EqualityComparer<T>.Default.Equals(value, default);
}
