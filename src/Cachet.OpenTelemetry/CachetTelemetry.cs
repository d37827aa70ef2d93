using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;

namespace Cachet;

/// <summary>The activity sources, the meter and its instruments: one of each per process; listeners tell caches apart by <c>cache.name</c>.</summary>
internal static class CachetTelemetry
{
    /// <summary>The OpenTelemetry semantic conventions that <c>error.type</c> and the naming rules are taken from.</summary>
    public const string SchemaUrl = "https://opentelemetry.io/schemas/1.40.0";

    public static readonly Meter Meter = new(new MeterOptions(TelemetryNames.Scope) { Version = Version, TelemetrySchemaUrl = SchemaUrl });
    public static readonly ActivitySource Operations = Source(TelemetryNames.Scope);
    public static readonly ActivitySource LocalTiers = Source(TelemetryNames.LocalTiersScope);
    public static readonly ActivitySource RemoteTiers = Source(TelemetryNames.RemoteTiersScope);

    public static readonly Histogram<double> OperationDuration = Durations(
        TelemetryNames.OperationDuration, "Duration of cache operations, by what they came to and the tier that served them.", Buckets);

    public static readonly Histogram<double> TierDuration = Durations(
        TelemetryNames.TierDuration, "Duration of calls on the tiers of a cache, by tier and by what they came to.", Buckets);

    public static readonly Histogram<double> LoadDuration = Durations(
        TelemetryNames.LoadDuration, "Duration of the functions that compute values missing in a cache.", LoadBuckets);

    public static readonly Histogram<long> EntrySize = Meter.CreateHistogram(
        TelemetryNames.EntrySize,
        "By",
        "Size of serialized entries as tiers read and store them, the envelope included.",
        null,
        new InstrumentAdvice<long> { HistogramBucketBoundaries = [64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304] });

    public static readonly Counter<long> Evictions = Meter.CreateCounter<long>(
        TelemetryNames.EntryEvictions, "{eviction}", "Entries that tiers dropped of their own accord, by reason.");

    public static readonly ObservableUpDownCounter<long> ActiveLoads = Meter.CreateObservableUpDownCounter(
        TelemetryNames.LoadActive, ObservedCounts.Loads, "{load}", "Functions that are computing values missing in a cache now.");

    public static readonly ObservableUpDownCounter<long> Entries = Meter.CreateObservableUpDownCounter(
        TelemetryNames.Entries, ObservedCounts.Entries, "{entry}", "Entries in the tiers that can count without waiting, about.");

    /// <summary>Whether anybody wants measurements of operations, their tiers and loads.</summary>
    public static bool AnyMeasured => OperationDuration.Enabled || TierDuration.Enabled || LoadDuration.Enabled || EntrySize.Enabled;

    // In seconds. A hit in memory is well under a microsecond, a call over the network around a millisecond.
    private static double[] Buckets =>
        [0.0000005, 0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

    private static double[] LoadBuckets => [.. Buckets.Where(static b => b >= 0.001)];

    /// <summary>The informational version, without the commit that the build appends.</summary>
    private static string Version => typeof(CachetTelemetry).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static ActivitySource Source(string name) =>
        new(new ActivitySourceOptions(name) { Version = Version, TelemetrySchemaUrl = SchemaUrl });

    private static Histogram<double> Durations(string name, string description, double[] buckets) =>
        Meter.CreateHistogram(name, "s", description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });
}
