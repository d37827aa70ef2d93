using System.Reflection;
using CachetTests.Otlp;
using Google.Protobuf;
using OpenTelemetry.Exporter;
using OpenTelemetry.Trace;

namespace CachetTests;

/// <summary>A story in which everything happens once, as a collector received it.</summary>
public abstract class OtlpFixture(OtlpExportProtocol protocol, OtlpExportCompression compression)
{
    private readonly Dictionary<(ByteString Trace, ByteString Span), Span> _spans = [];
    private ReceivedTelemetry? _received;

    /// <summary>Scope version and schema, as all that has them must be sent.</summary>
    protected static string VersionAndSchema { get; } = $"{Version} https://opentelemetry.io/schemas/1.40.0";

    private protected ReceivedTelemetry Received => _received!;

    private protected IReadOnlyCollection<Span> Spans => _spans.Values;

    private static string Version => typeof(CachetTracerProviderBuilderExtensions).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    [OneTimeSetUp]
    public async Task TellAsync()
    {
        using var faults = new ExporterFaults();
        await using Collector collector = await StartCollectorAsync();
        await using (ObservedShop shop = await OpenShopAsync(collector))
        {
            await ShopStory.TellAsync(shop);
        }

        _received = collector.Received;
        await _received.UntilAsync(static r => r.HasAllSignals); // What ended the application sent the last of it, and waited for the answer.
        foreach (Received<Span> span in _received.Spans) _spans.Add((span.Data.TraceId, span.Data.SpanId), span.Data);
        Assert.That(faults.Heard, Is.Empty);
        Assert.That(collector.Compressed, Is.EqualTo(compression == OtlpExportCompression.GZip ? collector.Answers : 0));
    }

    private protected Task<Collector> StartCollectorAsync() => Collector.StartAsync(protocol);

    private protected Task<ObservedShop> OpenShopAsync(Collector collector) =>
        ObservedShop.OpenAsync(Exporters.Otlp(protocol, collector.Port, compression));

    private protected Span? Find(ByteString trace, ByteString span) => _spans.GetValueOrDefault((trace, span));
}
