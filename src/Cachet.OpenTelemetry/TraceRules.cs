using System.Diagnostics;

namespace Cachet;

/// <summary>What all tracer providers of the process want of the spans that they share.</summary>
internal sealed class TraceRules
{
    public static readonly TraceRules Default = new([]);

    private const int Redactor = 2; // how telling it is

    private readonly Func<CacheDescriptor, CacheOperation, bool>[] _filters;
    private readonly Action<Activity, CacheOperationEvent>[] _enrichments;
    private readonly KeyRecording _keys;

    /// <summary>Merges options: any filter accepts, all enrichments run, the key recording counts that tells least.</summary>
    public TraceRules(IReadOnlyCollection<CachetTraceOptions> options)
    {
        // A provider without a filter accepts everything, whatever the filters of others say.
        _filters = options.All(static o => o.Filter is not null) ? [.. options.Select(static o => o.Filter!)] : [];
        _enrichments = [.. options.Select(static o => o.Enrich).OfType<Action<Activity, CacheOperationEvent>>()];
        KeyRecording[] asked = [.. options.Select(static o => o.KeyRecording).Distinct()];
        _keys = asked.Length == 0 ? KeyRecording.None : asked.MinBy(Telling)!;
        if (asked.Length <= 1) return;
        if (Telling(_keys) == Redactor && asked.Count(static k => Telling(k) == Redactor) > 1) _keys = KeyRecording.None;
        CachetTraceEventSource.Log.KeyRecordingDiffers(string.Join(", ", asked.OrderBy(Telling).Select(Name)), Name(_keys));
    }

    /// <summary>Whether keys may be told at all.</summary>
    public bool RecordsKeys => !ReferenceEquals(_keys, KeyRecording.None);

    public bool Accepts(CacheDescriptor cache, CacheOperation operation)
    {
        if (_filters.Length == 0) return true;
        foreach (Func<CacheDescriptor, CacheOperation, bool> filter in _filters)
        {
            try
            {
                if (filter(cache, operation)) return true;
            }
            catch (Exception fault)
            {
                CallbackFaults.Report(nameof(CachetTraceOptions.Filter), fault);
            }
        }

        return false;
    }

    /// <summary>Adds the key to a recorded span, as far as it may be told.</summary>
    public void RecordKey<TKey>(Activity span, CacheOperation operation, in TKey key)
    {
        if (!RecordsKeys || operation == CacheOperation.Clear) return;
        string? text = _keys.TextOf(key, out Exception? fault);
        if (fault is not null) CallbackFaults.Report(nameof(KeyRecording), fault);
        if (text is not null) span.AddTag(TelemetryNames.Key, text);
    }

    public void Enrich(Activity span, in CacheOperationEvent operationEvent)
    {
        foreach (Action<Activity, CacheOperationEvent> enrichment in _enrichments)
        {
            try
            {
                enrichment(span, operationEvent);
            }
            catch (Exception fault)
            {
                CallbackFaults.Report(nameof(CachetTraceOptions.Enrich), fault);
            }
        }
    }

    // How much is told, in order.
    private static int Telling(KeyRecording keys) => keys switch
    {
        _ when ReferenceEquals(keys, KeyRecording.None) => 0,
        _ when ReferenceEquals(keys, KeyRecording.Hash) => 1,
        _ when ReferenceEquals(keys, KeyRecording.Full) => 3,
        _ => Redactor,
    };

    private static string Name(KeyRecording keys) => Telling(keys) switch { 0 => "None", 1 => "Hash", Redactor => "a redactor", _ => "Full" };
}
