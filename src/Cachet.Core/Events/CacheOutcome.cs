namespace Cachet;

/// <summary>What an operation, a tier call or a load came to. The spelling in telemetry is <see cref="TelemetryNames.Of(CacheOutcome)"/>.</summary>
public enum CacheOutcome
{
    /// <summary><c>hit</c>: a fresh entry was found.</summary>
    Hit,

    /// <summary><c>miss</c>: there was none.</summary>
    Miss,

    /// <summary><c>expired</c>: the tier held one that had outlived its time to live. Of tier gets; the operation sees a miss.</summary>
    Expired,

    /// <summary><c>invalid</c>: the tier held a payload that could not be read. Of tier gets; the operation sees a miss.</summary>
    Invalid,

    /// <summary><c>loaded</c>: the loader computed the value.</summary>
    Loaded,

    /// <summary><c>skipped</c>: the loader gave nothing.</summary>
    Skipped,

    /// <summary><c>inserted</c>: stored, of an operation in at least one tier.</summary>
    Inserted,

    /// <summary><c>rejected</c>: not stored; a policy refused it, or it had expired already.</summary>
    Rejected,

    /// <summary><c>invalidated</c>: the key was dropped.</summary>
    Invalidated,

    /// <summary><c>cleared</c>: every entry was dropped.</summary>
    Cleared,

    /// <summary><c>refreshed</c>: renewed in the background, or its sliding life prolonged. (A store that is told to does not say whether it has the
    /// entry.)</summary>
    Refreshed,

    /// <summary><c>evicted</c>: the tier dropped an entry of its own accord.</summary>
    Evicted,

    /// <summary><c>cancelled</c>: the caller left, or the last of several did. Not an error.</summary>
    Cancelled,

    /// <summary><c>error</c>: it failed; the event has the exception.</summary>
    Error,
}
