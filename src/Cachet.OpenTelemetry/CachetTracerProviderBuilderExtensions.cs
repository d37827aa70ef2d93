using Cachet;

namespace OpenTelemetry.Trace;

/// <summary>Makes Cachet's spans part of a tracer provider.</summary>
public static class CachetTracerProviderBuilderExtensions
{
    /// <summary>Subscribes to the spans of every cache of the process: operations, loads, and the calls on tiers, in memory and remote.</summary>
    /// <param name="builder">The builder of the provider.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>Caches may be built before or after the provider. Calling it twice is harmless. Once the last provider that asked for it, of traces
    /// or of metrics, is disposed, the caches go quiet and nothing is left of the cost.</remarks>
    /// <exception cref="ArgumentNullException">There is no builder.</exception>
    public static TracerProviderBuilder AddCachetInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder
            .AddSource(TelemetryNames.Scope, TelemetryNames.LocalTiersScope, TelemetryNames.RemoteTiersScope)
            .AddInstrumentation(static () => CacheInstrumentation.Attach(CachetInstrumentation.Instance));
    }
}
