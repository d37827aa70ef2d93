namespace Cachet;

/// <summary>The span of time in which one tier's copy of an entry is fresh: from when it was stored to its deadline, both inclusive.</summary>
/// <remarks>Two clocks, never mixed: wall time in UTC ticks, which shared tiers need, or, for copies that stay in the process under the system's
/// clock, milliseconds of <see cref="Environment.TickCount64"/>, which cost a fifth of it and never go backwards.</remarks>
internal readonly struct Life : IEquatable<Life>
{
    /// <summary>The coarsest step of <see cref="Environment.TickCount64"/> (15.625 ms on Windows): added so that a copy is late, never early.</summary>
    private const long TickCountStep = 16;

    private readonly long _storedAt; // UTC ticks; minus one more than milliseconds of TickCount64; 0: not set
    private readonly long _deadline; // UTC ticks, or milliseconds of TickCount64; MaxValue: never

    private Life(long storedAt, long deadline)
    {
        _storedAt = storedAt;
        _deadline = deadline;
    }

    /// <summary>A life of which nothing is left on any clock.</summary>
    public static Life Over { get; } = new(1, 0);

    public bool IsSet => _storedAt != 0;

    /// <summary>It has begun, and has no deadline.</summary>
    public bool IsEndless => _deadline == long.MaxValue;

    private bool IsMonotonic => _storedAt < 0;

    /// <summary>The deadline in UTC ticks, <see cref="long.MaxValue"/> for never. Not for monotonic lives.</summary>
    public long DeadlineUtcTicks => _deadline;

    public static Life Until(long storedAtUtcTicks, long deadlineUtcTicks) =>
        new(Math.Max(1, storedAtUtcTicks), deadlineUtcTicks);

    /// <summary>A life on the process's own monotonic clock that ends <paramref name="left"/> ticks from now.</summary>
    public static Life Lasting(long left)
    {
        long now = Environment.TickCount64;
        return new(-1 - now, left == long.MaxValue ? left : now + Milliseconds(left));
    }

    /// <summary>So many steps of the monotonic clock that at least <paramref name="ticks"/> have passed.</summary>
    public static long Milliseconds(long ticks) => (ticks / TimeSpan.TicksPerMillisecond) + 1 + TickCountStep;

    /// <summary>Whether the life has neither ended nor not yet begun (a clock that went backwards).</summary>
    /// <param name="time">The cache's clock, asked only if the life is on it.</param>
    /// <param name="skew">Ticks by which another machine's clock may be ahead of this one's.</param>
    public bool IsFresh(TimeProvider time, long skew)
    {
        if (IsEndless) return true;
        return IsMonotonic ? Environment.TickCount64 <= _deadline : IsFreshAt(time.GetUtcNow().UtcTicks, skew);
    }

    /// <summary>Whether the copy was stored that many ticks ago, or longer, or, by a clock that went backwards, will have been.</summary>
    /// <param name="age">In ticks.</param>
    /// <param name="time">The cache's clock, asked only if the life is on it.</param>
    /// <param name="skew">Ticks by which another machine's clock may be ahead of this one's.</param>
    public bool HasAged(long age, TimeProvider time, long skew)
    {
        if (IsMonotonic) return (Environment.TickCount64 + 1 + _storedAt - TickCountStep) * TimeSpan.TicksPerMillisecond >= age;
        long elapsed = time.GetUtcNow().UtcTicks - _storedAt;
        return elapsed >= age || elapsed < -skew;
    }

    /// <summary>This life, cut to end no later than another on the same clock; lives on different clocks are compared by <see cref="Left"/>.</summary>
    public Life NotAfter(Life other) =>
        IsMonotonic && other.IsMonotonic && other._deadline < _deadline
            ? new(_storedAt, other._deadline)
            : this;

    /// <summary>How many ticks are left; <see cref="long.MaxValue"/> for ever.</summary>
    public long Left(long utcNow)
    {
        if (IsEndless) return long.MaxValue;
        return IsMonotonic
            ? Math.Max(0, _deadline - Environment.TickCount64) * TimeSpan.TicksPerMillisecond
            : Math.Max(0, _deadline - utcNow);
    }

    public bool Equals(Life other) => _storedAt == other._storedAt && _deadline == other._deadline;

    public override bool Equals(object? obj) => obj is Life other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_storedAt, _deadline);

    /// <summary>Whether an instant of wall time lies in the life.</summary>
    private bool IsFreshAt(long utcNow, long skew) => utcNow >= _storedAt - skew && utcNow <= _deadline;
}
