using Microsoft.Extensions.Logging;

namespace Cachet;

/// <summary>Writes what a cache did to its logger. To be called while the span of what it did is current; never throws.</summary>
/// <remarks>The logger is asked for each event whether it is on, since an application may change that at any time, and before anything is
/// made of it.</remarks>
internal sealed class CacheLog
{
    private static readonly FaultPairs _loggerFaults = new();

    private readonly FaultPairs _handlerFaults = new();
    private readonly ILogger _logger;
    private readonly string _cacheName;
    private readonly KeyRecording _keys;
    private readonly bool _exceptions;
    private readonly LogLevel[] _levels; // by event
    private readonly LogLevel[] _anyLevel; // of any event, each once, the one that is most likely to be on first
    private readonly LogLevel[] _hitLevels; // of what a hit in memory is

    public CacheLog(string cacheName, ILogger logger, CacheLogOptions options)
    {
        _logger = logger;
        _cacheName = cacheName;
        _keys = options.KeyRecording;
        _exceptions = options.Exceptions == ExceptionDetail.Full;
        _levels = options.Levels();
        _anyLevel = Distinct(_levels);
        _hitLevels = Distinct([_levels[(int)CacheEvent.Hit], _levels[(int)CacheEvent.Get], _levels[(int)CacheEvent.GetOrInsert]]);
    }

    /// <summary>Whether there is any event that would be written now.</summary>
    public bool IsListening => IsAnyOn(_anyLevel);

    /// <summary>Whether a hit, or the operation that it completes, would be written now.</summary>
    public bool IsListeningToHits => IsAnyOn(_hitLevels);

    /// <summary>What is to be written of a key, as text, or <see langword="null"/>.</summary>
    public string? TextOf<TKey>(in TKey key) => _keys.TextOf(key);

    /// <summary>A call on a tier has ended, or the tier evicted an entry.</summary>
    /// <param name="e">What it was and came to.</param>
    /// <param name="key">The key of the operation that the call belongs to, as text, if it is recorded. Not that of what was evicted.</param>
    public void OnTierEvent(in CacheTierEvent e, string? key)
    {
        if (CacheEvents.Of(in e) is not { } what || !IsOn(what)) return;
        Write(what, CacheLogRecord.Of(what, in e, what == CacheEvent.Eviction ? null : key), e.Exception);
    }

    /// <summary>A loader has ended.</summary>
    /// <param name="e">What it came to.</param>
    /// <param name="key">The key as text, if it is recorded.</param>
    public void OnLoad(in CacheLoadEvent e, string? key)
    {
        if (e.Outcome != CacheOutcome.Error || !IsOn(CacheEvent.LoadError)) return;
        Write(CacheEvent.LoadError, CacheLogRecord.Of(CacheEvent.LoadError, in e, key), e.Exception);
    }

    /// <summary>An operation has completed, or a refresh in the background.</summary>
    /// <param name="e">What it was and came to.</param>
    /// <param name="key">The key as text, if it is recorded.</param>
    public void OnOperationComplete(in CacheOperationEvent e, string? key)
    {
        CacheEvent what = CacheEvents.Of(in e);
        if (IsOn(what)) Write(what, CacheLogRecord.Of(what, in e, key), e.Outcome == CacheOutcome.Error ? e.Exception : null);
    }

    /// <summary>An event handler threw: written once per type of handler and type of exception.</summary>
    public void OnHandlerFault(Type handler, Exception fault, long requestId)
    {
        if (!IsOn(CacheEvent.HandlerError) || !_handlerFaults.IsNew(handler, fault.GetType())) return;
        Write(CacheEvent.HandlerError, CacheLogRecord.OfHandlerError(_cacheName, handler, fault, requestId), fault);
    }

    private static LogLevel[] Distinct(LogLevel[] levels) => [.. levels.Where(static l => l != LogLevel.None).Distinct().OrderDescending()];

    private bool IsOn(CacheEvent what) => _levels[(int)what] is not LogLevel.None and var level && IsOn(level);

    private bool IsAnyOn(LogLevel[] levels)
    {
        foreach (LogLevel level in levels)
        {
            if (IsOn(level)) return true;
        }

        return false;
    }

    private bool IsOn(LogLevel level)
    {
        try
        {
            return _logger.IsEnabled(level);
        }
        catch (Exception fault)
        {
            Report(fault);
            return false;
        }
    }

    private void Write(CacheEvent what, CacheLogRecord record, Exception? error)
    {
        EventId id = CacheEvents.IdOf(what);
        try
        {
            _logger.Log(_levels[(int)what], id, record, _exceptions ? error : null, static (record, _) => record.ToString());
        }
        catch (Exception fault)
        {
            Report(fault);
        }
    }

    // The logger of Microsoft.Extensions.Logging bundles what its providers throw.
    private void Report(Exception fault)
    {
        Type thrown = (fault is AggregateException { InnerException: { } inner } ? inner : fault).GetType();
        if (_loggerFaults.IsNew(_logger.GetType(), thrown)) CachetEventSource.Log.LoggerFault(_logger.GetType().ToString(), thrown.ToString());
    }
}
