using System.Runtime.CompilerServices;

namespace Cachet;

/// <summary>The expiry rules of one tier.</summary>
/// <remarks>An entry's own time to live counts from when it was cached and beats the tier's; the tier's counts from when the tier stored its copy; a
/// promoted copy never outlives the one it came from. A time to idle may end a life sooner, never later.</remarks>
internal sealed class Lifetimes<TValue>
{
    private static readonly bool _maySlide = typeof(TValue).IsAssignableTo(typeof(ISlidingValue));

    private readonly TimeProvider _time;
    private readonly LifetimeRules _rules;
    private readonly long _timeToLive; // ticks; MaxValue: for ever
    private readonly long _timeToRefresh; // ticks; MaxValue: never
    private readonly double _jitter;
    private readonly Func<double> _random;
    private readonly long _skew; // ticks
    private readonly bool _shared;
    private readonly bool _monotonic;
    private readonly long _timeToIdle; // ticks, or milliseconds of TickCount64; MaxValue: for ever
    private readonly bool _plain; // nothing but the life of a copy counts
    private readonly bool _idles; // a copy may go unread for too long

    public Lifetimes(TimeProvider time, LifetimeRules rules, Func<double> random)
    {
        _time = time;
        _rules = rules;
        _timeToLive = Ticks(rules.TimeToLive);
        _timeToRefresh = rules.TimeToRefresh is { } age ? Ticks(age) : long.MaxValue;
        _jitter = rules.Jitter;
        _random = random;
        _shared = rules.Shared;
        _skew = rules.Shared ? rules.ClockSkew.Ticks : 0;
        _monotonic = !rules.Shared && ReferenceEquals(time, TimeProvider.System);
        _timeToIdle = IdleTime(rules.TimeToIdle);
        _idles = rules.TimeToIdle is not null || (_maySlide && !_shared); // What slides in a shared store, that store knows.
        _plain = !_idles && !Refreshes;
    }

    /// <summary>Whether entries of the tier are renewed before they expire.</summary>
    public bool Refreshes => _timeToRefresh != long.MaxValue;

    /// <summary>How long after a refresh the next is due at the earliest.</summary>
    public TimeSpan TimeToRefresh => new(_timeToRefresh);

    /// <summary>Whether a copy that is asked for may be served. If so, it is now in use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryUse(CacheEntry<TValue> entry) => _idles ? TryUseInTime(entry) : IsAlive(entry);

    /// <summary>As <see cref="TryUse"/>, and whether it is not to be renewed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryUseSettled(CacheEntry<TValue> entry) => _plain ? IsAlive(entry) : TryUse(entry) && !IsRefreshDue(entry);

    public bool IsFresh(CacheEntry<TValue> entry) => IsAlive(entry) && (!_idles || entry.IsUsedSince(IdleClock() - TimeToIdle(entry)));

    /// <summary>Whether each read prolongs the entry's life: then the tier is asked each time, and no other has a copy.</summary>
    public static bool Slides(CacheEntry<TValue> entry) => _maySlide && entry.Value is ISlidingValue { Sliding: not null };

    /// <summary>A copy is being read, or is about to be stored: its time to idle begins anew.</summary>
    public void Use(CacheEntry<TValue> entry)
    {
        if (_idles) entry.Use(IdleClock());
    }

    /// <summary>The same rules for entries of another type.</summary>
    public Lifetimes<TOther> For<TOther>() => new(_time, _rules, _random);

    /// <summary>Whether a fresh entry of the tier is to be renewed in the background.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsRefreshDue(CacheEntry<TValue> entry) => Refreshes && HasAged(entry);

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
        if (_jitter > 0 && left != long.MaxValue) left -= (long)(left * _jitter * _random());
        if (_monotonic) return Life.Lasting(left).NotAfter(context.Left);
        return Life.Until(context.UtcNow, left > long.MaxValue - context.UtcNow ? long.MaxValue : context.UtcNow + left);
    }

    // A copy of which nobody knows how old it is may be as old as any.
    private bool HasAged(CacheEntry<TValue> entry)
    {
        if (entry.Life.IsSet) return entry.Life.HasAged(_timeToRefresh, _time, _skew);
        return entry.CachedAt is not { } cachedAt || Life.Until(cachedAt.UtcTicks, long.MaxValue).HasAged(_timeToRefresh, _time, _skew);
    }

    private bool TryUseInTime(CacheEntry<TValue> entry)
    {
        long now = IdleClock();
        if (!IsAlive(entry) || !entry.IsUsedSince(now - TimeToIdle(entry))) return false;
        entry.Use(now);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsAlive(CacheEntry<TValue> entry) => entry.Life.IsEndless || IsAliveYet(entry);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsAliveYet(CacheEntry<TValue> entry) => entry.Life.IsSet ? entry.Life.IsFresh(_time, _skew) : Derived(entry).IsFresh(_time, _skew);

    private long IdleClock() => _monotonic ? Environment.TickCount64 : _time.GetUtcNow().UtcTicks;

    private long IdleTime(TimeSpan? time) => time is not { } idle ? long.MaxValue : _monotonic ? Life.Milliseconds(idle.Ticks) : idle.Ticks;

    private long TimeToIdle(CacheEntry<TValue> entry) => _maySlide && entry.Value is ISlidingValue value ? IdleTime(value.Sliding) : _timeToIdle;

    private static long Ticks(TimeSpan timeToLive) => timeToLive == Timeout.InfiniteTimeSpan ? long.MaxValue : timeToLive.Ticks;

    /// <summary>For a tier that does not give back what it was handed: everything counts from <see cref="CacheEntry{TValue}.CachedAt"/>.</summary>
    private Life Derived(CacheEntry<TValue> entry)
    {
        long timeToLive = entry.TimeToLive is { } own ? Ticks(own) : _timeToLive;
        if (timeToLive == long.MaxValue) return Life.Until(0, long.MaxValue);
        if (entry.CachedAt is not { } cachedAt) return Life.Over;
        return Life.Until(cachedAt.UtcTicks, timeToLive > long.MaxValue - cachedAt.UtcTicks ? long.MaxValue : cachedAt.UtcTicks + timeToLive);
    }
}

/// <summary>The expiry options of one tier, checked.</summary>
/// <param name="TimeToLive">The tier's own time to live, or infinite.</param>
/// <param name="TimeToRefresh">At what age an entry is renewed; <see langword="null"/> for never.</param>
/// <param name="Jitter">By which part of it a life may be cut, at random.</param>
/// <param name="Shared">Whether other machines store into the tier: its copies live on wall time, and clocks may differ by the skew.</param>
/// <param name="ClockSkew">By how much another machine's clock may be ahead.</param>
/// <param name="TimeToIdle">How long a copy may go unread; <see langword="null"/> for ever.</param>
internal sealed record LifetimeRules(
    TimeSpan TimeToLive, TimeSpan? TimeToRefresh, double Jitter, bool Shared, TimeSpan ClockSkew, TimeSpan? TimeToIdle = null);
