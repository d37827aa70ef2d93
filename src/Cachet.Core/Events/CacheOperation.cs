namespace Cachet;

/// <summary>What a cache, or a tier, was asked to do. The spelling in telemetry is <see cref="TelemetryNames.Of(CacheOperation)"/>.</summary>
public enum CacheOperation
{
    /// <summary><c>get</c></summary>
    Get,

    /// <summary><c>insert</c></summary>
    Insert,

    /// <summary><c>invalidate</c></summary>
    Invalidate,

    /// <summary><c>clear</c></summary>
    Clear,

    /// <summary><c>get_or_insert</c>, of caches only</summary>
    GetOrInsert,

    /// <summary><c>refresh</c>: an entry is renewed in the background, or, of a distributed cache, its sliding life prolonged at the caller's wish</summary>
    Refresh,

    /// <summary><c>evict</c>, of tiers only: the tier dropped an entry of its own accord</summary>
    Evict,
}
