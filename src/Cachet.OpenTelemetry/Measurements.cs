namespace Cachet;

/// <summary>Records what ended. A listener that throws does not reach the cache's caller.</summary>
internal static class Measurements
{
    private const string Listener = "MeterListener";

    /// <summary>An operation, or a refresh.</summary>
    public static void Record(CacheDescriptor cache, TierDescriptor? servedBy, in CacheOperationEvent e)
    {
        if (e.DurationNanoseconds is not { } nanoseconds || !CachetTelemetry.OperationDuration.Enabled) return;
        try
        {
            CachetTelemetry.OperationDuration.Record(Seconds(nanoseconds), CacheAttributes.Of(cache).Measurement(servedBy, in e));
        }
        catch (Exception fault)
        {
            CallbackFaults.Report(Listener, fault);
        }
    }

    /// <summary>A call on a tier.</summary>
    public static void Record(TierDescriptor tier, in CacheTierEvent e)
    {
        try
        {
            if (e.DurationNanoseconds is { } nanoseconds && CachetTelemetry.TierDuration.Enabled)
            {
                CachetTelemetry.TierDuration.Record(Seconds(nanoseconds), TierAttributes.Of(tier).Measurement(tier, in e));
            }

            if (e.EntrySize is { } size && CachetTelemetry.EntrySize.Enabled) CachetTelemetry.EntrySize.Record(size, TierAttributes.Of(tier).Size(in e));
        }
        catch (Exception fault)
        {
            CallbackFaults.Report(Listener, fault);
        }
    }

    /// <summary>A load.</summary>
    public static void Record(CacheDescriptor cache, in CacheLoadEvent e)
    {
        if (e.DurationNanoseconds is not { } nanoseconds || !CachetTelemetry.LoadDuration.Enabled) return;
        try
        {
            CachetTelemetry.LoadDuration.Record(Seconds(nanoseconds), CacheAttributes.Of(cache).LoadMeasurement(cache, in e));
        }
        catch (Exception fault)
        {
            CallbackFaults.Report(Listener, fault);
        }
    }

    /// <summary>An eviction.</summary>
    public static void Record(TierDescriptor tier, EvictionReason? reason)
    {
        if (reason is not { } why || !CachetTelemetry.Evictions.Enabled) return;
        try
        {
            CachetTelemetry.Evictions.Add(1, TierAttributes.Of(tier).Eviction(why));
        }
        catch (Exception fault)
        {
            CallbackFaults.Report(Listener, fault);
        }
    }

    private static double Seconds(long nanoseconds) => nanoseconds / 1e9;
}
