using Cachet;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

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
    public static TracerProviderBuilder AddCachetInstrumentation(this TracerProviderBuilder builder) =>
        AddCachetInstrumentation(builder, name: null, configure: null);

    /// <summary>Subscribes to the spans of every cache of the process, by options.</summary>
    /// <param name="builder">The builder of the provider.</param>
    /// <param name="configure">Says which spans, and what is on them; <see langword="null"/> for all of them, without keys.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>Called twice, it subscribes once, and what was configured last counts.</remarks>
    /// <exception cref="ArgumentNullException">There is no builder.</exception>
    public static TracerProviderBuilder AddCachetInstrumentation(this TracerProviderBuilder builder, Action<CachetTraceOptions>? configure) =>
        AddCachetInstrumentation(builder, name: null, configure);

    /// <summary>Subscribes to the spans of every cache of the process, by options of a name.</summary>
    /// <param name="builder">The builder of the provider.</param>
    /// <param name="name">The name of the <see cref="CachetTraceOptions"/> among the container's options, so that they can be configured, or bound to a
    /// section of configuration, there; <see langword="null"/> for those without a name.</param>
    /// <param name="configure">Says more of them; <see langword="null"/> for nothing.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>Called twice for one name, it subscribes once, and what was configured last counts.</remarks>
    /// <exception cref="ArgumentNullException">There is no builder.</exception>
    public static TracerProviderBuilder AddCachetInstrumentation(this TracerProviderBuilder builder, string? name, Action<CachetTraceOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder is not IDeferredTracerProviderBuilder deferred)
        {
            var options = new CachetTraceOptions();
            configure?.Invoke(options);
            return Subscribe(builder, options);
        }

        name ??= Options.DefaultName;
        if (configure is not null) builder.ConfigureServices(services => services.Configure(name, configure));

        // The container's options are known when the provider is built: only then can be said which sources it wants.
        return deferred.Configure((services, provider) =>
            Subscribe(provider, services.GetRequiredService<IOptionsMonitor<CachetTraceOptions>>().Get(name)));
    }

    private static TracerProviderBuilder Subscribe(TracerProviderBuilder builder, CachetTraceOptions options)
    {
        builder.AddSource(TelemetryNames.Scope);
        if (options.LocalTierSpans) builder.AddSource(TelemetryNames.LocalTiersScope);
        if (options.RemoteTierSpans) builder.AddSource(TelemetryNames.RemoteTiersScope);
        return builder.AddInstrumentation(() => Subscriptions.Add(options));
    }
}
