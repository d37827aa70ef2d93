using Cachet;

namespace OpenTelemetry.Metrics;

/// <summary>Makes Cachet's metrics part of a meter provider.</summary>
public static class CachetMeterProviderBuilderExtensions
{
    /// <summary>Subscribes to the duration histograms of every cache of the process: operations, calls on tiers, loads.</summary>
    /// <param name="builder">The builder of the provider.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>Caches may be built before or after the provider. Calling it twice is harmless. Once the last provider that asked for it, of traces
    /// or of metrics, is disposed, the caches go quiet and nothing is left of the cost.</remarks>
    /// <exception cref="ArgumentNullException">There is no builder.</exception>
    public static MeterProviderBuilder AddCachetInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder
            .AddMeter(TelemetryNames.Scope)
            .AddInstrumentation(static () => CacheInstrumentation.Attach(CachetInstrumentation.Instance));
    }
}
