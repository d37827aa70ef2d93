namespace Cachet;

/// <summary>One operation of a cache has completed. Holds neither key nor value.</summary>
public readonly struct CacheOperationEvent : IEquatable<CacheOperationEvent>
{
    private readonly long _duration; // one more than the nanoseconds, so that the default is "not timed"

    /// <summary>The operation's id, unique in the process.</summary>
    public long RequestId { get; init; }

    /// <summary>The cache's name.</summary>
    public string CacheName { get; init; }

    /// <summary>What the cache was asked to do.</summary>
    public CacheOperation Operation { get; init; }

    /// <summary>What it came to.</summary>
    public CacheOutcome Outcome { get; init; }

    /// <summary>The name of the tier that served it, of a hit; otherwise <see langword="null"/>.</summary>
    public string? TierName { get; init; }

    /// <summary>How long it took, in nanoseconds; <see langword="null"/> where nothing was timed.</summary>
    public long? DurationNanoseconds
    {
        get => _duration == 0 ? null : _duration - 1;
        init => _duration = value is { } nanoseconds ? nanoseconds + 1 : 0;
    }

    /// <summary><see cref="DurationNanoseconds"/>, cut to the 100 ns that a <see cref="TimeSpan"/> can hold.</summary>
    public TimeSpan? Duration => DurationNanoseconds is { } nanoseconds ? new TimeSpan(nanoseconds / TimeSpan.NanosecondsPerTick) : null;

    /// <summary>Whether the result came from work that another call ran. A call that joined a lookup and then led the load is not coalesced.</summary>
    public bool Coalesced { get; init; }

    /// <summary>What the operation threw, as the same instance; <see langword="null"/> if it succeeded, even where a tier failed and was
    /// walked past.</summary>
    public Exception? Exception { get; init; }

    /// <summary>Whether two events are equal.</summary>
    public static bool operator ==(CacheOperationEvent left, CacheOperationEvent right) => left.Equals(right);

    /// <summary>Whether two events differ.</summary>
    public static bool operator !=(CacheOperationEvent left, CacheOperationEvent right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(CacheOperationEvent other) =>
        RequestId == other.RequestId && CacheName == other.CacheName && Operation == other.Operation && Outcome == other.Outcome
        && TierName == other.TierName && _duration == other._duration && Coalesced == other.Coalesced
        && ReferenceEquals(Exception, other.Exception);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CacheOperationEvent other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(RequestId, CacheName, Operation, Outcome, TierName, _duration);
}
