namespace Cachet;

/// <summary>One call on one tier has ended. Holds neither key nor value.</summary>
public readonly struct CacheTierEvent : IEquatable<CacheTierEvent>
{
    private const long NotKnown = -1;

    // One more than the number, so that the default is "not known".
    private readonly long _duration;
    private readonly long _size;

    /// <summary>The id of the operation that the call belongs to, unique in the process; 0 for background maintenance.</summary>
    public long RequestId { get; init; }

    /// <summary>The cache's name.</summary>
    public string CacheName { get; init; }

    /// <summary>The tier's name.</summary>
    public string TierName { get; init; }

    /// <summary>What the tier was asked to do.</summary>
    public CacheOperation Operation { get; init; }

    /// <summary>What it came to.</summary>
    public CacheOutcome Outcome { get; init; }

    /// <summary>Whether the tier is a fallback, that is not the first.</summary>
    public bool Fallback { get; init; }

    /// <summary>How long it took, in nanoseconds; <see langword="null"/> where nothing was timed, as for an eviction.</summary>
    public long? DurationNanoseconds
    {
        get => _duration == 0 ? null : _duration + NotKnown;
        init => _duration = value is { } nanoseconds ? nanoseconds - NotKnown : 0;
    }

    /// <summary><see cref="DurationNanoseconds"/>, cut to the 100 ns that a <see cref="TimeSpan"/> can hold: a memory tier's call may read as zero.</summary>
    public TimeSpan? Duration => DurationNanoseconds is { } nanoseconds ? new TimeSpan(nanoseconds / TimeSpan.NanosecondsPerTick) : null;

    /// <summary>What the store holds, in bytes, of tiers that serialize: the payload and the envelope around it.</summary>
    public long? EntrySize
    {
        get => _size == 0 ? null : _size + NotKnown;
        init => _size = value is { } bytes ? bytes - NotKnown : 0;
    }

    /// <summary>Why an entry was evicted, for capacity or because it expired; <see langword="null"/> for every other operation.</summary>
    public EvictionReason? EvictionReason { get; init; }

    /// <summary>What the tier threw, as the same instance; of <see cref="CacheOutcome.Invalid"/>, what its serializer threw, if it did.</summary>
    public Exception? Exception { get; init; }

    /// <summary>Whether two events are equal.</summary>
    public static bool operator ==(CacheTierEvent left, CacheTierEvent right) => left.Equals(right);

    /// <summary>Whether two events differ.</summary>
    public static bool operator !=(CacheTierEvent left, CacheTierEvent right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(CacheTierEvent other) =>
        RequestId == other.RequestId && CacheName == other.CacheName && TierName == other.TierName && Operation == other.Operation
        && Outcome == other.Outcome && Fallback == other.Fallback && _duration == other._duration && _size == other._size
        && EvictionReason == other.EvictionReason && ReferenceEquals(Exception, other.Exception);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CacheTierEvent other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(RequestId, CacheName, TierName, Operation, Outcome, _duration);
}
