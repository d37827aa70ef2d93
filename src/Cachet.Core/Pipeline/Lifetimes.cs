using System.Runtime.CompilerServices;

namespace Cachet;

/// <summary>The expiry rules of one tier.</summary>
/// <remarks>An entry's own time to live counts from when it was cached and beats the tier's; the tier's counts from when the tier stored its copy; a
/// promoted copy never outlives the one it came from.</remarks>
internal sealed class Lifetimes<TValue>
{
    private readonly TimeProvider _time;
    private readonly long _timeToLive; // ticks; MaxValue: for ever
    private readonly long _skew; // ticks
    private readonly bool _shared;
    private readonly bool _monotonic;

    /// <summary>Makes the rules of a tier.</summary>
    /// <param name="time">The cache's clock.</param>
    /// <param name="timeToLive">The tier's own time to live, or infinite.</param>
    /// <param name="shared">Whether other machines store into the tier: its copies live on wall time, and clocks may differ by the skew.</param>
    /// <param name="clockSkew">By how much another machine's clock may be ahead.</param>
    public Lifetimes(TimeProvider time, TimeSpan timeToLive, bool shared, TimeSpan clockSkew)
    {
        _time = time;
        _timeToLive = Ticks(timeToLive);
        _shared = shared;
        _skew = shared ? clockSkew.Ticks : 0;
        _monotonic = !shared && ReferenceEquals(time, TimeProvider.System);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsFresh(CacheEntry<TValue> entry) => entry.Life.IsSet ? entry.Life.IsFresh(_time, _skew) : Derived(entry).IsFresh(_time, _skew);

    /// <summary>The life of a copy that is in the tier.</summary>
    public Life Of(CacheEntry<TValue> entry) => entry.Life.IsSet ? entry.Life : Derived(entry);

    /// <summary>The life of a copy that is about to be stored; <see langword="null"/> if it is over already.</summary>
    public Life? Begin(CacheEntry<TValue> entry, in InsertContext context)
    {
        long left = entry.TimeToLive is { } own ? Ticks(own) : _timeToLive;
        if (left != long.MaxValue && entry.CachedAt is { } cachedAt)
        {
            // From the future: in a shared tier a little of that is another clock's, and more will be taken for expired by whoever reads it. In other
            // tiers only the entry's own life counts from then; and what another tier served was judged there.
            long age = context.UtcNow - cachedAt.UtcTicks;
            bool counts = _shared || (entry.TimeToLive is not null && context.Source != InsertSource.Promotion);
            if (counts && age < -_skew) return null;
            if (entry.TimeToLive is not null) left -= Math.Max(0, age);
        }

        if (context.Left.IsSet) left = Math.Min(left, context.Left.Left(context.UtcNow));
        if (left < 0) return null;
        if (_monotonic) return Life.Lasting(left).NotAfter(context.Left);
        return Life.Until(context.UtcNow, left > long.MaxValue - context.UtcNow ? long.MaxValue : context.UtcNow + left);
    }

    private static long Ticks(TimeSpan timeToLive) => timeToLive == Timeout.InfiniteTimeSpan ? long.MaxValue : timeToLive.Ticks;

    /// <summary>For a tier that does not give back what it was handed: everything counts from <see cref="CacheEntry{TValue}.CachedAt"/>.</summary>
    private Life Derived(CacheEntry<TValue> entry)
    {
        long timeToLive = entry.TimeToLive is { } own ? Ticks(own) : _timeToLive;
        if (timeToLive == long.MaxValue) return Life.Forever;
        if (entry.CachedAt is not { } cachedAt) return Life.Over;
        return Life.Until(cachedAt.UtcTicks, timeToLive > long.MaxValue - cachedAt.UtcTicks ? long.MaxValue : cachedAt.UtcTicks + timeToLive);
    }
}
