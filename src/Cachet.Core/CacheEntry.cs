namespace Cachet;

/// <summary>A cached value with when it was cached and how long it may live. Immutable: a hit hands out the stored object itself.</summary>
/// <typeparam name="TValue">The type of the value.</typeparam>
/// <remarks>Entries are equal if their values are, by the type's own comparison, and they were cached at the same time with the same time to live of their
/// own.</remarks>
public sealed class CacheEntry<TValue> : IEquatable<CacheEntry<TValue>>
{
    private const long None = long.MinValue;

    private readonly long _cachedAt; // UTC ticks
    private readonly long _timeToLive; // ticks
    private long _lastUsed; // on the clock of the tier's time to idle; 0: not kept; None: the tier has dropped this copy

    /// <summary>Makes an entry.</summary>
    /// <param name="value">The value; <see langword="null"/> is a value like any other.</param>
    /// <param name="cachedAt">When the value was cached; left out, the cache stamps it when it stores the entry.</param>
    /// <param name="timeToLive">How long the entry lives, counted from <paramref name="cachedAt"/> in every tier, whatever the tier's own
    /// time to live. <see cref="Timeout.InfiniteTimeSpan"/> means for ever; <see langword="null"/> leaves it to each tier.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeToLive"/> is negative and not infinite.</exception>
    public CacheEntry(TValue value, DateTimeOffset? cachedAt = null, TimeSpan? timeToLive = null)
        : this(value, cachedAt?.UtcTicks ?? None, Checked(timeToLive), default)
    {
    }

    private CacheEntry(TValue value, long cachedAt, long timeToLive, Life life)
    {
        Value = value;
        _cachedAt = cachedAt;
        _timeToLive = timeToLive;
        Life = life;
    }

    /// <summary>The value.</summary>
    public TValue Value { get; }

    /// <summary>When the value was cached, in UTC; <see langword="null"/> for an entry that no tier has stored and nobody stamped.</summary>
    public DateTimeOffset? CachedAt => _cachedAt == None ? null : new DateTimeOffset(_cachedAt, TimeSpan.Zero);

    /// <summary>The entry's own time to live, counted from <see cref="CachedAt"/>; <see langword="null"/> if it has none of its own.</summary>
    public TimeSpan? TimeToLive => _timeToLive == None ? null : new TimeSpan(_timeToLive);

    /// <summary>Makes an entry of another value that was cached at the same time and lives as long.</summary>
    /// <typeparam name="TResult">The type of the other value.</typeparam>
    /// <param name="map">Makes the other value of this one.</param>
    /// <returns>The other entry.</returns>
    /// <exception cref="ArgumentNullException">There is no function.</exception>
    public CacheEntry<TResult> Map<TResult>(Func<TValue, TResult> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return new(map(Value), CachedAt, TimeToLive);
    }

    /// <inheritdoc/>
    public bool Equals(CacheEntry<TValue>? other) =>
        other is not null && _cachedAt == other._cachedAt && _timeToLive == other._timeToLive
        && EqualityComparer<TValue>.Default.Equals(Value, other.Value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CacheEntry<TValue>);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Value, _cachedAt, _timeToLive);

    /// <summary>How long the tier that holds this copy keeps it; <see cref="Life.IsSet"/> is false on an entry that no tier stamped.</summary>
    internal Life Life { get; }

    /// <summary>A copy as a tier kept it.</summary>
    internal static CacheEntry<TValue> Restored(TValue value, DateTimeOffset? cachedAt, TimeSpan? timeToLive, Life life) =>
        new(value, cachedAt?.UtcTicks ?? None, Checked(timeToLive), life);

    internal CacheEntry<TValue> StampedAt(DateTimeOffset now) =>
        _cachedAt == None ? new(Value, now.UtcTicks, _timeToLive, default) : this;

    internal CacheEntry<TValue> With(Life life) => new(Value, _cachedAt, _timeToLive, life);

    /// <summary>Another value with all that this entry says about its own.</summary>
    internal CacheEntry<TOther> Holding<TOther>(TOther value) => new(value, _cachedAt, _timeToLive, Life) { _lastUsed = Volatile.Read(ref _lastUsed) };

    /// <summary>Whether the tier has served this copy since then; true also where it keeps no such thing, or has dropped the copy meanwhile.</summary>
    internal bool IsUsedSince(long earliest) => Volatile.Read(ref _lastUsed) is var last && (last is 0 or None || last >= earliest);

    /// <summary>Keeps when the tier last served this copy. A reader that is late does not put it back.</summary>
    internal void Use(long now)
    {
        long last = Volatile.Read(ref _lastUsed);
        if (last != None && last < now) Interlocked.CompareExchange(ref _lastUsed, now, last);
    }

    /// <summary>The tier drops this copy: true for the first who says so.</summary>
    internal bool TryLeave() => Interlocked.Exchange(ref _lastUsed, None) != None;

    private static long Checked(TimeSpan? timeToLive)
    {
        if (timeToLive is not { } life) return None;
        if (life < TimeSpan.Zero && life != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(
                nameof(timeToLive), life, "A time to live is zero or positive; Timeout.InfiniteTimeSpan means for ever.");
        }

        return life.Ticks;
    }
}

/// <summary>Makes entries without naming the type of the value.</summary>
public static class CacheEntry
{
    /// <summary>Makes an entry.</summary>
    /// <typeparam name="TValue">The type of the value.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="cachedAt">When the value was cached; left out, the cache stamps it.</param>
    /// <param name="timeToLive">The entry's own time to live, or <see langword="null"/> to leave it to each tier.</param>
    /// <returns>The entry.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeToLive"/> is negative and not infinite.</exception>
    public static CacheEntry<TValue> Create<TValue>(TValue value, DateTimeOffset? cachedAt = null, TimeSpan? timeToLive = null) =>
        new(value, cachedAt, timeToLive);
}
