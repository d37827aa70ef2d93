using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CachetTests;

/// <summary>Providers that record everything of Cachet, so that decorated caches do all that they ever do.</summary>
internal sealed class Listeners : IDisposable
{
    private readonly List<Metric> _metrics = [];
    private readonly TracerProvider _traces = Sdk.CreateTracerProviderBuilder().AddCachetInstrumentation().Build();
    private readonly MeterProvider _meters;

    private Listeners() => _meters = Sdk.CreateMeterProviderBuilder().AddCachetInstrumentation().AddInMemoryExporter(_metrics).Build();

    /// <summary>Listens if the form asks for it.</summary>
    public static Listeners? For(Form form) => form is Form.Recorded ? new() : null;

    public void Dispose()
    {
        _traces.Dispose();
        _meters.Dispose();
    }
}
