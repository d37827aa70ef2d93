namespace Cachet;

/// <summary>Why an entry has left a tier. The spelling in telemetry is <see cref="TelemetryNames.Of(EvictionReason)"/>.</summary>
/// <remarks>Events, metrics and logs know the first two, which a tier decides of its own accord. The others, which callers decide, are for the
/// listeners of a memory tier (<see cref="MemoryTierOptions{TKey, TValue}.EvictionListener"/>).</remarks>
public enum EvictionReason
{
    /// <summary><c>capacity</c>: to make room.</summary>
    Capacity,

    /// <summary><c>expired</c>: it had outlived its time to live or to idle.</summary>
    Expired,

    /// <summary><c>explicit</c>: it was invalidated or cleared. Of listeners only.</summary>
    Explicit,

    /// <summary><c>replaced</c>: another was stored under its key. Of listeners only.</summary>
    Replaced,
}
