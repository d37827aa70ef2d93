using System.Diagnostics.Metrics;

namespace CachetTests.Registry;

/// <summary>The instruments of all meters of Cachet, and what they measure.</summary>
internal sealed class MeasurementRecorder : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Emission> _emissions = [];
    private readonly MeterListener _listener = new();

    public MeasurementRecorder()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!EmissionRecorder.IsOurs(instrument.Meter.Name)) return;
            Add(instrument, null);
            listener.EnableMeasurementEvents(instrument);
        };
        Listen<double>();
        Listen<long>();
        Listen<int>();
        _listener.Start();
    }

    public IReadOnlyList<Emission> Emissions
    {
        get
        {
            lock (_gate) return [.. _emissions];
        }
    }

    /// <summary>Looks at what is counted when somebody looks.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();

    private void Listen<T>()
        where T : struct =>
        _listener.SetMeasurementEventCallback<T>((instrument, _, tags, _) =>
            Add(instrument, [.. tags.ToArray().Select(static t => new EmittedAttribute(t.Key, t.Value))]));

    private void Add(Instrument instrument, IReadOnlyList<EmittedAttribute>? attributes)
    {
        var emission = new Emission(SignalKind.Metric, instrument.Name, Facts(instrument), attributes);
        lock (_gate) _emissions.Add(emission);
    }

    private static List<KeyValuePair<string, string>> Facts(Instrument instrument)
    {
        Type type = instrument.GetType();
        List<KeyValuePair<string, string>> facts =
        [
            new("scope", instrument.Meter.Name),
            new("instrument", Word(type.Name.Split('`')[0])),
            new("unit", instrument.Unit ?? "none"),
            new("description", instrument.Description ?? "none"),
            new("value_type", type.GetGenericArguments()[0] == typeof(double) ? "double" : "int"),
        ];
        IEnumerable<double>? boundaries = instrument switch
        {
            Histogram<double> durations => durations.Advice?.HistogramBucketBoundaries,
            Histogram<long> sizes => sizes.Advice?.HistogramBucketBoundaries?.Select(static s => (double)s),
            _ => null,
        };
        if (boundaries is not null) facts.Add(new("boundaries", Emission.Boundaries(boundaries)));
        return facts;
    }

    private static string Word(string type)
    {
        const string Observable = "Observable";
        bool observed = type.StartsWith(Observable, StringComparison.Ordinal);
        return observed ? $"observable {type[Observable.Length..].ToLowerInvariant()}" : type.ToLowerInvariant();
    }
}
