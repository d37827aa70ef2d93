using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Primitives;

namespace Cachet;

/// <summary>An entry of a decorated memory cache, up to the moment when it is committed: that is the insert.</summary>
/// <remarks>The callback by which evictions are counted is added at that moment only: until then the callbacks are the caller's own.</remarks>
internal sealed class InstrumentedCacheEntry(ICacheEntry inner, CallRecorder recorder, PostEvictionCallbackRegistration evictions) : ICacheEntry
{
    private bool _hasValue;
    private bool _disposed;

    public object Key => inner.Key;

    public object? Value
    {
        get => inner.Value;
        set
        {
            inner.Value = value;
            _hasValue = true;
        }
    }

    public DateTimeOffset? AbsoluteExpiration
    {
        get => inner.AbsoluteExpiration;
        set => inner.AbsoluteExpiration = value;
    }

    public TimeSpan? AbsoluteExpirationRelativeToNow
    {
        get => inner.AbsoluteExpirationRelativeToNow;
        set => inner.AbsoluteExpirationRelativeToNow = value;
    }

    public TimeSpan? SlidingExpiration
    {
        get => inner.SlidingExpiration;
        set => inner.SlidingExpiration = value;
    }

    public IList<IChangeToken> ExpirationTokens => inner.ExpirationTokens;

    public IList<PostEvictionCallbackRegistration> PostEvictionCallbacks => inner.PostEvictionCallbacks;

    public CacheItemPriority Priority
    {
        get => inner.Priority;
        set => inner.Priority = value;
    }

    public long? Size
    {
        get => inner.Size;
        set => inner.Size = value;
    }

    public void Dispose()
    {
        bool commits = _hasValue && !_disposed; // Without a value there is nothing to commit, and a second time there is not either.
        _disposed = true;
        if (!commits)
        {
            inner.Dispose();
            return;
        }

        DecoratedCall recorded = recorder.BeginUnseen(CacheOperation.Insert, inner.Key);
        try
        {
            if (CachetTelemetry.Evictions.Enabled) CountEviction();
            inner.Dispose();
            recorded.Complete(new(CacheOutcome.Inserted));
        }
        catch (Exception error)
        {
            recorded.Fail(error);
            throw;
        }
    }

    // An entry of a cache of the application's own may take no callbacks: then it is not counted, and that is all.
    private void CountEviction()
    {
        try
        {
            inner.PostEvictionCallbacks.Add(evictions);
        }
        catch (Exception fault)
        {
            CallbackFaults.Report(nameof(PostEvictionCallbacks), fault);
        }
    }
}
