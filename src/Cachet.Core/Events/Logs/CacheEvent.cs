using System.Diagnostics.CodeAnalysis;

namespace Cachet;

/// <summary>A log event. The spelling is <see cref="TelemetryNames.Of(CacheEvent)"/>, the number that of its <c>EventId</c>: both are stable.</summary>
[SuppressMessage("Design", "CA1008:Enums should have zero value", Justification = "The numbers are event ids, and an id of 0 reads as none.")]
public enum CacheEvent
{
    /// <summary><c>cache.get_error</c>, an error: a tier failed to get.</summary>
    GetError = 1,

    /// <summary><c>cache.insert_error</c>, an error: a tier failed to insert.</summary>
    InsertError = 2,

    /// <summary><c>cache.invalidate_error</c>, an error: a tier failed to invalidate.</summary>
    InvalidateError = 3,

    /// <summary><c>cache.clear_error</c>, an error: a tier failed to clear.</summary>
    ClearError = 4,

    /// <summary><c>cache.refresh_error</c>, an error: a refresh failed. It is the refresh's completion.</summary>
    RefreshError = 5,

    /// <summary><c>cache.load_error</c>, an error: a loader failed.</summary>
    LoadError = 6,

    /// <summary><c>cache.decode_failure</c>, a warning: a tier held a payload that could not be read.</summary>
    DecodeFailure = 7,

    /// <summary><c>cache.handler_error</c>, a warning: an event handler threw. Once per cache, type of handler and type of exception.</summary>
    HandlerError = 8,

    /// <summary><c>cache.expired</c>, information: a tier held an entry that had outlived its time to live.</summary>
    Expired = 9,

    /// <summary><c>cache.refresh_miss</c>, information: a refresh found nothing. It is the refresh's completion.</summary>
    RefreshMiss = 10,

    /// <summary><c>cache.inserted</c>, information: a tier stored an entry.</summary>
    Inserted = 11,

    /// <summary><c>cache.insert_rejected</c>, information: a tier did not store an entry.</summary>
    InsertRejected = 12,

    /// <summary><c>cache.invalidated</c>, information: a tier dropped a key.</summary>
    Invalidated = 13,

    /// <summary><c>cache.eviction</c>, information: a tier dropped an entry of its own accord.</summary>
    Eviction = 14,

    /// <summary><c>cache.hit</c>, debug: a tier held a fresh entry.</summary>
    Hit = 15,

    /// <summary><c>cache.miss</c>, debug: a tier held none.</summary>
    Miss = 16,

    /// <summary><c>cache.refresh_hit</c>, debug: a refresh renewed an entry. It is the refresh's completion.</summary>
    RefreshHit = 17,

    /// <summary><c>cache.cleared</c>, debug: a tier dropped all entries.</summary>
    Cleared = 18,

    /// <summary><c>cache.get</c>, debug: an operation completed.</summary>
    Get = 19,

    /// <summary><c>cache.insert</c>, debug: an operation completed.</summary>
    Insert = 20,

    /// <summary><c>cache.invalidate</c>, debug: an operation completed.</summary>
    Invalidate = 21,

    /// <summary><c>cache.clear</c>, debug: an operation completed.</summary>
    Clear = 22,

    /// <summary><c>cache.get_or_insert</c>, debug: an operation completed.</summary>
    GetOrInsert = 23,

    /// <summary><c>cache.refresh</c>, debug: a refresh was cancelled. What else it may come to has an event of its own.</summary>
    Refresh = 24,
}
