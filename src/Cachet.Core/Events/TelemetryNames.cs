namespace Cachet;

/// <summary>Every name that Cachet emits, so that an application can filter on them. A change here is a breaking change.</summary>
/// <remarks>Names follow the naming rules of the OpenTelemetry semantic conventions (lower case, dots between namespaces, underscores in words;
/// units in UCUM). The conventions define no cache attributes of their own; <see cref="ErrorType"/> is theirs.</remarks>
public static class TelemetryNames
{
    /// <summary>Name of the activity source of operations, loads and refreshes, of the meter, and of the log category.</summary>
    public const string Scope = "Cachet";

    /// <summary>Name of the activity source of tier calls that stay in the process.</summary>
    public const string LocalTiersScope = "Cachet.Tiers.Local";

    /// <summary>Name of the activity source of tier calls that leave the process.</summary>
    public const string RemoteTiersScope = "Cachet.Tiers.Remote";

    /// <summary>Span of a get.</summary>
    public const string GetSpan = "cache.get";

    /// <summary>Span of an insert.</summary>
    public const string InsertSpan = "cache.insert";

    /// <summary>Span of an invalidate.</summary>
    public const string InvalidateSpan = "cache.invalidate";

    /// <summary>Span of a clear.</summary>
    public const string ClearSpan = "cache.clear";

    /// <summary>Span of a get_or_insert.</summary>
    public const string GetOrInsertSpan = "cache.get_or_insert";

    /// <summary>Span of a refresh.</summary>
    public const string RefreshSpan = "cache.refresh";

    /// <summary>Span of one call on one tier.</summary>
    public const string TierSpan = "cache.tier";

    /// <summary>Span of a run of a loader.</summary>
    public const string LoadSpan = "cache.load";

    /// <summary>Histogram, seconds: how long operations take.</summary>
    public const string OperationDuration = "cache.operation.duration";

    /// <summary>Histogram, seconds: how long tier calls take.</summary>
    public const string TierDuration = "cache.tier.duration";

    /// <summary>Histogram, seconds: how long loaders run.</summary>
    public const string LoadDuration = "cache.load.duration";

    /// <summary>Up-down counter, loads: how many loaders are running.</summary>
    public const string LoadActive = "cache.load.active";

    /// <summary>Up-down counter, entries: how many entries the tiers hold that can count without waiting.</summary>
    public const string Entries = "cache.entries";

    /// <summary>Counter, evictions: how many entries tiers dropped of their own accord.</summary>
    public const string EntryEvictions = "cache.entry.evictions";

    /// <summary>Log event: a tier failed to get.</summary>
    public const string GetErrorEvent = "cache.get_error";

    /// <summary>Log event: a tier failed to insert.</summary>
    public const string InsertErrorEvent = "cache.insert_error";

    /// <summary>Log event: a tier failed to invalidate.</summary>
    public const string InvalidateErrorEvent = "cache.invalidate_error";

    /// <summary>Log event: a tier failed to clear.</summary>
    public const string ClearErrorEvent = "cache.clear_error";

    /// <summary>Log event: a refresh failed.</summary>
    public const string RefreshErrorEvent = "cache.refresh_error";

    /// <summary>Log event: a loader failed.</summary>
    public const string LoadErrorEvent = "cache.load_error";

    /// <summary>Log event: a tier held a payload that could not be read.</summary>
    public const string DecodeFailureEvent = "cache.decode_failure";

    /// <summary>Log event: an event handler threw.</summary>
    public const string HandlerErrorEvent = "cache.handler_error";

    /// <summary>Log event: a tier held an entry that had outlived its time to live.</summary>
    public const string ExpiredEvent = "cache.expired";

    /// <summary>Log event: a refresh found nothing.</summary>
    public const string RefreshMissEvent = "cache.refresh_miss";

    /// <summary>Log event: a tier stored an entry.</summary>
    public const string InsertedEvent = "cache.inserted";

    /// <summary>Log event: a tier did not store an entry.</summary>
    public const string InsertRejectedEvent = "cache.insert_rejected";

    /// <summary>Log event: a tier dropped a key.</summary>
    public const string InvalidatedEvent = "cache.invalidated";

    /// <summary>Log event: a tier dropped an entry of its own accord.</summary>
    public const string EvictionEvent = "cache.eviction";

    /// <summary>Log event: a tier held a fresh entry.</summary>
    public const string HitEvent = "cache.hit";

    /// <summary>Log event: a tier held none.</summary>
    public const string MissEvent = "cache.miss";

    /// <summary>Log event: a refresh renewed an entry.</summary>
    public const string RefreshHitEvent = "cache.refresh_hit";

    /// <summary>Log event: a tier dropped all entries.</summary>
    public const string ClearedEvent = "cache.cleared";

    /// <summary>Attribute: the cache's name.</summary>
    public const string CacheName = "cache.name";

    /// <summary>Attribute: what the cache was asked to do, a bare verb.</summary>
    public const string Operation = "cache.operation";

    /// <summary>Attribute: what it came to.</summary>
    public const string Outcome = "cache.outcome";

    /// <summary>Attribute: a tier's name; on an operation, that of the tier that served it.</summary>
    public const string TierName = "cache.tier.name";

    /// <summary>Attribute: what the tier was asked to do, a bare verb.</summary>
    public const string TierOperation = "cache.tier.operation";

    /// <summary>Attribute: by what an invalidate chose its entries, where it was not by key: <c>tag</c>. Of decorated caches.</summary>
    public const string CacheScope = "cache.scope";

    /// <summary>Attribute: whether the tier is a fallback, that is not the first.</summary>
    public const string Fallback = "cache.fallback";

    /// <summary>Attribute: the result came from work that another call ran. Present only where true.</summary>
    public const string Coalesced = "cache.coalesced";

    /// <summary>Attribute and histogram, of tiers that serialize: what the store holds, in bytes, the payload and the envelope around it.</summary>
    public const string EntrySize = "cache.entry.size";

    /// <summary>Attribute: why an entry was evicted.</summary>
    public const string EvictionReason = "cache.eviction.reason";

    /// <summary>Attribute, of log events: how long it took, in nanoseconds. Absent where nothing was timed.</summary>
    public const string DurationNanoseconds = "cache.duration_ns";

    /// <summary>Attribute, of log events: the id of the operation, unique in the process. Absent where none is behind it.</summary>
    public const string RequestId = "cache.request_id";

    /// <summary>Attribute, of log events and spans, and only where <see cref="KeyRecording"/> says so: the key.</summary>
    public const string Key = "cache.key";

    /// <summary>Attribute, of <see cref="HandlerErrorEvent"/>: the type of the event handler.</summary>
    public const string HandlerType = "cache.handler.type";

    /// <summary>Attribute: full type name of the exception on the span, measurement or log event whose own work failed, from the OpenTelemetry semantic
    /// conventions (<c>error.type</c>, stable).</summary>
    public const string ErrorType = "error.type";

    /// <summary>The verb of an operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <returns>For example <c>get_or_insert</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such operation.</exception>
    public static string Of(CacheOperation operation) => operation switch
    {
        CacheOperation.Get => "get",
        CacheOperation.Insert => "insert",
        CacheOperation.Invalidate => "invalidate",
        CacheOperation.Clear => "clear",
        CacheOperation.GetOrInsert => "get_or_insert",
        CacheOperation.Refresh => "refresh",
        CacheOperation.Evict => "evict",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "No such operation."),
    };

    /// <summary>The word for an outcome.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <returns>For example <c>hit</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such outcome.</exception>
    public static string Of(CacheOutcome outcome) => outcome switch
    {
        CacheOutcome.Hit => "hit",
        CacheOutcome.Miss => "miss",
        CacheOutcome.Expired => "expired",
        CacheOutcome.Invalid => "invalid",
        CacheOutcome.Loaded => "loaded",
        CacheOutcome.Skipped => "skipped",
        CacheOutcome.Inserted => "inserted",
        CacheOutcome.Rejected => "rejected",
        CacheOutcome.Invalidated => "invalidated",
        CacheOutcome.Cleared => "cleared",
        CacheOutcome.Refreshed => "refreshed",
        CacheOutcome.Evicted => "evicted",
        CacheOutcome.Cancelled => "cancelled",
        CacheOutcome.Error => "error",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "No such outcome."),
    };

    /// <summary>The word for a reason of eviction.</summary>
    /// <param name="reason">The reason.</param>
    /// <returns>For example <c>capacity</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such reason.</exception>
    public static string Of(EvictionReason reason) => reason switch
    {
        Cachet.EvictionReason.Capacity => "capacity",
        Cachet.EvictionReason.Expired => "expired",
        Cachet.EvictionReason.Explicit => "explicit",
        Cachet.EvictionReason.Replaced => "replaced",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "No such reason."),
    };

    /// <summary>The name of a log event. An operation's completion is called as its span is.</summary>
    /// <param name="cacheEvent">The event.</param>
    /// <returns>For example <c>cache.hit</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such event.</exception>
    public static string Of(CacheEvent cacheEvent) => cacheEvent switch
    {
        CacheEvent.GetError => GetErrorEvent,
        CacheEvent.InsertError => InsertErrorEvent,
        CacheEvent.InvalidateError => InvalidateErrorEvent,
        CacheEvent.ClearError => ClearErrorEvent,
        CacheEvent.RefreshError => RefreshErrorEvent,
        CacheEvent.LoadError => LoadErrorEvent,
        CacheEvent.DecodeFailure => DecodeFailureEvent,
        CacheEvent.HandlerError => HandlerErrorEvent,
        CacheEvent.Expired => ExpiredEvent,
        CacheEvent.RefreshMiss => RefreshMissEvent,
        CacheEvent.Inserted => InsertedEvent,
        CacheEvent.InsertRejected => InsertRejectedEvent,
        CacheEvent.Invalidated => InvalidatedEvent,
        CacheEvent.Eviction => EvictionEvent,
        CacheEvent.Hit => HitEvent,
        CacheEvent.Miss => MissEvent,
        CacheEvent.RefreshHit => RefreshHitEvent,
        CacheEvent.Cleared => ClearedEvent,
        CacheEvent.Get => GetSpan,
        CacheEvent.Insert => InsertSpan,
        CacheEvent.Invalidate => InvalidateSpan,
        CacheEvent.Clear => ClearSpan,
        CacheEvent.GetOrInsert => GetOrInsertSpan,
        CacheEvent.Refresh => RefreshSpan,
        _ => throw new ArgumentOutOfRangeException(nameof(cacheEvent), cacheEvent, "No such event."),
    };

    /// <summary>The span name of an operation.</summary>
    /// <param name="operation">An operation that caches have.</param>
    /// <returns>For example <c>cache.get_or_insert</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Not an operation of a cache.</exception>
    public static string SpanOf(CacheOperation operation) => operation switch
    {
        CacheOperation.Get => GetSpan,
        CacheOperation.Insert => InsertSpan,
        CacheOperation.Invalidate => InvalidateSpan,
        CacheOperation.Clear => ClearSpan,
        CacheOperation.GetOrInsert => GetOrInsertSpan,
        CacheOperation.Refresh => RefreshSpan,
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Not an operation of a cache."),
    };
}
