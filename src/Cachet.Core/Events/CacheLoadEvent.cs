namespace Cachet;

/// <summary>A loader has ended. Holds neither key nor value.</summary>
public readonly struct CacheLoadEvent : IEquatable<CacheLoadEvent>
{
    private readonly long _duration; // one more than the nanoseconds, so that the default is "not timed"

    /// <summary>The id of the operation or the background refresh that led the load, unique in the process.</summary>
    public long RequestId { get; init; }

    /// <summary>The cache's name.</summary>
    public string CacheName { get; init; }

    /// <summary>What led the load: <see cref="CacheOperation.GetOrInsert"/> or <see cref="CacheOperation.Refresh"/>.</summary>
    public CacheOperation Operation { get; init; }

    /// <summary><see cref="CacheOutcome.Loaded"/>, <see cref="CacheOutcome.Skipped"/>, <see cref="CacheOutcome.Cancelled"/> or
    /// <see cref="CacheOutcome.Error"/>.</summary>
    public CacheOutcome Outcome { get; init; }

    /// <summary>How long it ran, in nanoseconds; <see langword="null"/> where nothing was timed.</summary>
    public long? DurationNanoseconds
    {
        get => _duration == 0 ? null : _duration - 1;
        init => _duration = value is { } nanoseconds ? nanoseconds + 1 : 0;
    }

    /// <summary><see cref="DurationNanoseconds"/>, cut to the 100 ns that a <see cref="TimeSpan"/> can hold.</summary>
    public TimeSpan? Duration => DurationNanoseconds is { } nanoseconds ? new TimeSpan(nanoseconds / TimeSpan.NanosecondsPerTick) : null;

    /// <summary>What the loader threw, as the same instance.</summary>
    public Exception? Exception { get; init; }

    /// <summary>Whether two events are equal.</summary>
    public static bool operator ==(CacheLoadEvent left, CacheLoadEvent right) => left.Equals(right);

    /// <summary>Whether two events differ.</summary>
    public static bool operator !=(CacheLoadEvent left, CacheLoadEvent right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(CacheLoadEvent other) =>
        RequestId == other.RequestId && CacheName == other.CacheName && Operation == other.Operation && Outcome == other.Outcome && _duration == other._duration
        && ReferenceEquals(Exception, other.Exception);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CacheLoadEvent other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(RequestId, CacheName, Operation, Outcome, _duration);
}
