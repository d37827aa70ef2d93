using Cachet;

namespace OpenTelemetry.Metrics;

/// <summary>Makes Cachet's metrics part of a meter provider.</summary>
public static class CachetMeterProviderBuilderExtensions
{
    /// <summary>Subscribes to the metrics of every cache of the process: how long operations, calls on tiers and loads take, the size of serialized
    /// entries, evictions, and how many loaders run and how many entries there are.</summary>
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
            .AddInstrumentation(static () => Subscriptions.Add(options: null));
    }
}
