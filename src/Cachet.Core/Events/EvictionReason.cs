namespace Cachet;

/// <summary>Why a tier dropped an entry of its own accord. The spelling in telemetry is <see cref="TelemetryNames.Of(EvictionReason)"/>.</summary>
public enum EvictionReason
{
    /// <summary><c>capacity</c>: to make room.</summary>
    Capacity,

    /// <summary><c>expired</c>: it had outlived its time to live or to idle.</summary>
    Expired,
}
