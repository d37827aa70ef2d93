using Microsoft.Extensions.Logging;

namespace Cachet;

/// <summary>What can be set for a cache's log. Read once, at Build.</summary>
public sealed class CacheLogOptions
{
    private readonly LogLevel[] _levels = [.. Enumerable.Range(0, CacheEvents.Count).Select(static e => DefaultLevel((CacheEvent)e))];

    /// <summary>How much of an exception is logged. Default: <see cref="ExceptionDetail.Type"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such detail.</exception>
    public ExceptionDetail Exceptions
    {
        get;
        set => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The option Exceptions is ExceptionDetail.Type or ExceptionDetail.Full.");
    }

    /// <summary>What is logged of keys, as <c>cache.key</c>. Never in the text of an event, only as an attribute: a key with a line break in it cannot
    /// forge a line of a log. Default: <see cref="KeyRecording.None"/>.</summary>
    /// <exception cref="ArgumentNullException">There is none.</exception>
    public KeyRecording KeyRecording
    {
        get;
        set => field = value ?? throw new ArgumentNullException(nameof(value), "The option KeyRecording has to be given: KeyRecording.None records nothing.");
    } = KeyRecording.None;

    /// <summary>Sets the severity of an event.</summary>
    /// <param name="cacheEvent">The event.</param>
    /// <param name="level">The severity; <see cref="LogLevel.None"/> switches the event off.</param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such event, or no such severity.</exception>
    public CacheLogOptions Level(CacheEvent cacheEvent, LogLevel level)
    {
        if (!Enum.IsDefined(cacheEvent)) throw new ArgumentOutOfRangeException(nameof(cacheEvent), cacheEvent, "No such event: give a member of CacheEvent.");
        if (!Enum.IsDefined(level)) throw new ArgumentOutOfRangeException(nameof(level), level, "No such severity: give a member of LogLevel.");
        _levels[(int)cacheEvent] = level;
        return this;
    }

    /// <summary>The severities, by event.</summary>
    internal LogLevel[] Levels() => [.. _levels];

    private static LogLevel DefaultLevel(CacheEvent cacheEvent) => cacheEvent switch
    {
        0 => LogLevel.None,
        <= CacheEvent.LoadError => LogLevel.Error,
        <= CacheEvent.HandlerError => LogLevel.Warning,
        <= CacheEvent.Eviction => LogLevel.Information,
        _ => LogLevel.Debug,
    };
}
