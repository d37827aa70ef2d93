using Cachet;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes Cachet's spans and metrics part of what an application's OpenTelemetry gathers.</summary>
public static class CachetOpenTelemetryBuilderExtensions
{
    /// <summary>Subscribes to the spans and the metrics of every cache of the process, in one line.</summary>
    /// <typeparam name="TBuilder">The type of the builder, so that its own methods can follow.</typeparam>
    /// <param name="builder">What <c>AddOpenTelemetry()</c> returns.</param>
    /// <param name="configure">Says which spans, and what is on them; <see langword="null"/> for all of them, without keys.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>It is as if it were called on the tracer provider and on the meter provider, where the application has them (<c>WithTracing</c>,
    /// <c>WithMetrics</c>, or an exporter of both): it makes neither.</remarks>
    /// <exception cref="ArgumentNullException">There is no builder.</exception>
    public static TBuilder AddCachetInstrumentation<TBuilder>(this TBuilder builder, Action<CachetTraceOptions>? configure = null)
        where TBuilder : IOpenTelemetryBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.ConfigureOpenTelemetryTracerProvider(traces => traces.AddCachetInstrumentation(configure));
        builder.Services.ConfigureOpenTelemetryMeterProvider(static metrics => metrics.AddCachetInstrumentation());
        return builder;
    }
}
