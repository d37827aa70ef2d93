using System.Collections;
using System.Globalization;
using System.Text;

namespace Cachet;

/// <summary>What a log event says: its attributes, under their dotted names.</summary>
/// <remarks>A struct of its own, because neither the source generator nor <c>LoggerMessage.Define</c> can make this many attributes with dots. It lists no
/// <c>{OriginalFormat}</c>: an exporter that found a template would send that in place of the text, and the event's name says already what is alike.</remarks>
internal readonly struct CacheLogRecord : IReadOnlyList<KeyValuePair<string, object?>>
{
    private const int MostAttributes = 11;

    private static readonly object _true = true;
    private static readonly object _false = false;

    private readonly CacheEvent _event;
    private readonly List<KeyValuePair<string, object?>> _attributes;

    private CacheLogRecord(CacheEvent cacheEvent, string cacheName)
    {
        _event = cacheEvent;
        _attributes = new(MostAttributes) { new(TelemetryNames.CacheName, cacheName) };
    }

    public int Count => _attributes.Count;

    public KeyValuePair<string, object?> this[int index] => _attributes[index];

    public static CacheLogRecord Of(CacheEvent cacheEvent, in CacheTierEvent e, string? key)
    {
        var record = new CacheLogRecord(cacheEvent, e.CacheName);
        record.Add(TelemetryNames.TierName, e.TierName);
        record.Add(TelemetryNames.Operation, TelemetryNames.Of(e.Operation));
        record.Add(TelemetryNames.Outcome, TelemetryNames.Of(e.Outcome));
        record.Add(TelemetryNames.DurationNanoseconds, e.DurationNanoseconds);
        record.Add(TelemetryNames.Fallback, e.Fallback ? _true : _false);
        record.Add(TelemetryNames.EntrySize, e.EntrySize);
        record.Add(TelemetryNames.EvictionReason, e.EvictionReason is { } reason ? TelemetryNames.Of(reason) : null);
        return record.End(e.RequestId, e.Exception, key);
    }

    public static CacheLogRecord Of(CacheEvent cacheEvent, in CacheOperationEvent e, string? key)
    {
        var record = new CacheLogRecord(cacheEvent, e.CacheName);
        record.Add(TelemetryNames.TierName, e.TierName);
        record.Add(TelemetryNames.Operation, TelemetryNames.Of(e.Operation));
        record.Add(TelemetryNames.Outcome, TelemetryNames.Of(e.Outcome));
        record.Add(TelemetryNames.DurationNanoseconds, e.DurationNanoseconds);
        record.Add(TelemetryNames.Coalesced, e.Coalesced ? _true : null);
        return record.End(e.RequestId, e.Outcome == CacheOutcome.Error ? e.Exception : null, key);
    }

    public static CacheLogRecord Of(CacheEvent cacheEvent, in CacheLoadEvent e, string? key)
    {
        var record = new CacheLogRecord(cacheEvent, e.CacheName);
        record.Add(TelemetryNames.Operation, TelemetryNames.Of(e.Operation));
        record.Add(TelemetryNames.Outcome, TelemetryNames.Of(e.Outcome));
        record.Add(TelemetryNames.DurationNanoseconds, e.DurationNanoseconds);
        return record.End(e.RequestId, e.Exception, key);
    }

    public static CacheLogRecord OfHandlerError(string cacheName, Type handler, Exception fault, long requestId)
    {
        var record = new CacheLogRecord(CacheEvent.HandlerError, cacheName);
        record.Add(TelemetryNames.HandlerType, handler.ToString());
        return record.End(requestId, fault, null);
    }

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _attributes.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>One line, without the key: <c>cache.hit products/l1 get in 1.2 us</c>.</summary>
    public override string ToString()
    {
        StringBuilder text = new StringBuilder(TelemetryNames.Of(_event)).Append(' ').Append(Find(TelemetryNames.CacheName));
        if (Find(TelemetryNames.TierName) is { } tier) text.Append('/').Append(tier);
        if (CacheEvents.TellingAttribute(_event) is { } telling) text.Append(' ').Append(Find(telling));
        if (Find(TelemetryNames.DurationNanoseconds) is long nanoseconds) text.Append(" in ").Append(Duration(nanoseconds));
        if (Find(TelemetryNames.ErrorType) is { } error) text.Append(": ").Append(error);
        return text.ToString();
    }

    private static string Duration(long nanoseconds) => nanoseconds switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds} ns"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e3:0.#} us"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e6:0.#} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e9:0.#} s"),
    };

    // An id of 0 stands for no operation.
    private CacheLogRecord End(long requestId, Exception? error, string? key)
    {
        Add(TelemetryNames.RequestId, requestId == 0 ? null : requestId);
        Add(TelemetryNames.ErrorType, error?.GetType().FullName);
        Add(TelemetryNames.Key, key);
        return this;
    }

    private void Add(string name, object? value)
    {
        if (value is not null) _attributes.Add(new(name, value));
    }

    private object? Find(string name)
    {
        foreach ((string attribute, object? value) in _attributes)
        {
            if (attribute == name) return value;
        }

        return null;
    }
}
