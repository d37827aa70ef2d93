using System.Diagnostics;
using Microsoft.Extensions.Caching.Memory;
using MemoryCacheReason = Microsoft.Extensions.Caching.Memory.EvictionReason;

namespace Cachet;

/// <summary>Records the calls on a memory cache, what it evicts and how much it holds, and changes nothing about them.</summary>
/// <remarks>No span of these is current while the memory cache runs. It makes none of its own, and what it begins then, such as callbacks of evicted
/// entries and the links between entries, depends on the caller's context.</remarks>
internal sealed class InstrumentedMemoryCache : IMemoryCache, IDecorated
{
    private readonly CallRecorder _recorder;
    private readonly IServiceProvider? _owner;
    private readonly PostEvictionCallbackRegistration _evictions;

    private InstrumentedMemoryCache(IMemoryCache inner, CallRecorder recorder, IServiceProvider? owner)
    {
        Inner = inner;
        _recorder = recorder;
        _owner = owner;
        _evictions = new() { EvictionCallback = Evicted, State = recorder.Decoration.Storage };
        Live.Add(this);
    }

    /// <summary>All that are alive, for what is counted when somebody looks.</summary>
    public static LiveSet<InstrumentedMemoryCache> Live { get; } = new();

    public Decoration Decoration => _recorder.Decoration;

    /// <summary>What is decorated.</summary>
    public IMemoryCache Inner { get; }

    /// <summary>Decorates a memory cache.</summary>
    /// <param name="cache">The memory cache.</param>
    /// <param name="decoration">What it is called.</param>
    /// <param name="time">The clock.</param>
    /// <param name="owner">The container that made it and will dispose of it; <see langword="null"/> if none did.</param>
    public static IMemoryCache Of(IMemoryCache cache, Decoration decoration, TimeProvider time, IServiceProvider? owner)
    {
        if (cache is not InstrumentedMemoryCache decorated) return new InstrumentedMemoryCache(cache, new(decoration, time), owner);
        decorated.Decoration.ThrowUnlessSame(decoration);
        return owner is null ? cache : new InstrumentedMemoryCache(decorated.Inner, decorated._recorder, owner);
    }

    public bool TryGetValue(object key, out object? value)
    {
        if (!Decoration.IsRecorded) return Inner.TryGetValue(key, out value);
        DecoratedCall recorded = _recorder.BeginUnseen(CacheOperation.Get, in key);
        try
        {
            bool found = Inner.TryGetValue(key, out value);
            recorded.Complete(new(found ? CacheOutcome.Hit : CacheOutcome.Miss));
            return found;
        }
        catch (Exception error)
        {
            recorded.Fail(error);
            throw;
        }
    }

    /// <summary>Hands out the entry, or, while somebody listens, one that records it when it is committed.</summary>
    public ICacheEntry CreateEntry(object key)
    {
        ICacheEntry entry = Inner.CreateEntry(key);
        return Decoration.IsRecorded ? new InstrumentedCacheEntry(entry, _recorder, _evictions) : entry;
    }

    public void Remove(object key)
    {
        if (!Decoration.IsRecorded)
        {
            Inner.Remove(key);
            return;
        }

        DecoratedCall recorded = _recorder.BeginUnseen(CacheOperation.Invalidate, in key);
        try
        {
            Inner.Remove(key);
            recorded.Complete(new(CacheOutcome.Invalidated));
        }
        catch (Exception error)
        {
            recorded.Fail(error);
            throw;
        }
    }

    public MemoryCacheStatistics? GetCurrentStatistics() => Inner.GetCurrentStatistics();

    /// <summary>Disposes of the memory cache, unless its container is at it: that disposes of this first, and then of the memory cache itself.</summary>
    public void Dispose()
    {
        Live.Remove(this);
        if (_owner is null || !IsDisposed(_owner)) Inner.Dispose();
    }

    // A container tells by what it gives out no more.
    private static bool IsDisposed(IServiceProvider container)
    {
        try
        {
            container.GetService(typeof(IServiceProvider));
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    private static void Evicted(object key, object? value, MemoryCacheReason reason, object? state)
    {
        if (!Decoration.IsRecorded) return;
        EvictionReason? why = reason switch
        {
            MemoryCacheReason.Capacity => EvictionReason.Capacity,
            MemoryCacheReason.Expired or MemoryCacheReason.TokenExpired => EvictionReason.Expired,
            _ => null, // Somebody removed or replaced it.
        };

        // It comes in the context of whoever came by, which has nothing to do with it.
        Activity? current = Activity.Current;
        Activity.Current = null;
        Measurements.Record((TierDescriptor)state!, why);
        Activity.Current = current;
    }
}
