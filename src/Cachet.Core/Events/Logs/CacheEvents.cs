using Microsoft.Extensions.Logging;

namespace Cachet;

/// <summary>Which log event an event is, and what all events of one kind have in common.</summary>
internal static class CacheEvents
{
    /// <summary>One more than the highest number, so that arrays can be indexed with an event.</summary>
    public const int Count = (int)CacheEvent.Refresh + 1;

    private static readonly EventId[] _ids = [default, .. Enum.GetValues<CacheEvent>().Select(static e => new EventId((int)e, TelemetryNames.Of(e)))];

    /// <summary>The event of a tier call; <see langword="null"/> if it is none, because its caller left.</summary>
    public static CacheEvent? Of(in CacheTierEvent e) => (e.Operation, e.Outcome) switch
    {
        (CacheOperation.Get, CacheOutcome.Hit) => CacheEvent.Hit,
        (CacheOperation.Get, CacheOutcome.Miss) => CacheEvent.Miss,
        (CacheOperation.Get, CacheOutcome.Expired) => CacheEvent.Expired,
        (CacheOperation.Get, CacheOutcome.Invalid) => CacheEvent.DecodeFailure,
        (CacheOperation.Get, CacheOutcome.Error) => CacheEvent.GetError,
        (CacheOperation.Insert, CacheOutcome.Inserted) => CacheEvent.Inserted,
        (CacheOperation.Insert, CacheOutcome.Rejected) => CacheEvent.InsertRejected,
        (CacheOperation.Insert, CacheOutcome.Error) => CacheEvent.InsertError,
        (CacheOperation.Invalidate, CacheOutcome.Invalidated) => CacheEvent.Invalidated,
        (CacheOperation.Invalidate, CacheOutcome.Error) => CacheEvent.InvalidateError,
        (CacheOperation.Clear, CacheOutcome.Cleared) => CacheEvent.Cleared,
        (CacheOperation.Clear, CacheOutcome.Error) => CacheEvent.ClearError,
        (CacheOperation.Evict, _) => CacheEvent.Eviction,
        _ => null,
    };

    /// <summary>The event of an operation's completion.</summary>
    public static CacheEvent Of(in CacheOperationEvent e) => e.Operation switch
    {
        CacheOperation.Get => CacheEvent.Get,
        CacheOperation.Insert => CacheEvent.Insert,
        CacheOperation.Invalidate => CacheEvent.Invalidate,
        CacheOperation.Clear => CacheEvent.Clear,
        CacheOperation.GetOrInsert => CacheEvent.GetOrInsert,
        _ => e.Outcome switch
        {
            CacheOutcome.Refreshed => CacheEvent.RefreshHit,
            CacheOutcome.Miss => CacheEvent.RefreshMiss,
            CacheOutcome.Error => CacheEvent.RefreshError,
            _ => CacheEvent.Refresh,
        },
    };

    public static EventId IdOf(CacheEvent e) => _ids[(int)e];

    /// <summary>The attribute that says most of an event besides whose it is.</summary>
    public static string? TellingAttribute(CacheEvent e) => e switch
    {
        CacheEvent.LoadError => null,
        CacheEvent.HandlerError => TelemetryNames.HandlerType,
        CacheEvent.Eviction => TelemetryNames.EvictionReason,
        _ => IsOfATier(e) ? TelemetryNames.Operation : TelemetryNames.Outcome,
    };

    private static bool IsOfATier(CacheEvent e) => e is not (CacheEvent.LoadError or CacheEvent.HandlerError or CacheEvent.RefreshError
        or CacheEvent.RefreshMiss or CacheEvent.RefreshHit or >= CacheEvent.Get);
}
