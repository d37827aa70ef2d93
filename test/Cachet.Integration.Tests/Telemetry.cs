using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Cachet;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CachetTests;

/// <summary>Both providers of an application that instruments Cachet, and what came out of them, as text.</summary>
internal sealed class Telemetry : IDisposable
{
    /// <summary>Spans of the tests themselves: callers, and what a Redis client that makes spans would make.</summary>
    public static readonly ActivitySource Tests = new("Cachet.Tests");

    private readonly List<MetricSnapshot> _metrics = [];
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly TracerProvider _tracing;
    private readonly MeterProvider _metering;
    private volatile TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Telemetry()
    {
        // StackExchange.Redis makes no spans today. Once it does, they are in the texts.
        _tracing = Sdk.CreateTracerProviderBuilder()
            .AddSource(Tests.Name, "StackExchange.Redis*", "Microsoft.Extensions.Caching*")
            .AddCachetInstrumentation()
            .AddProcessor(new Collector(Add))
            .Build();
        _metering = Sdk.CreateMeterProviderBuilder()
            .AddCachetInstrumentation()
            .AddInMemoryExporter(_metrics, static reader => reader.TemporalityPreference = MetricReaderTemporalityPreference.Cumulative)
            .Build();
    }

    /// <summary>The spans that ended since the last call, in the order in which they ended.</summary>
    public IReadOnlyList<Activity> Take()
    {
        var taken = new List<Activity>();
        while (_ended.TryDequeue(out Activity? span)) taken.Add(span);
        return taken;
    }

    /// <summary>Waits until so many spans of a display name have ended, among those that were not taken: for what goes on in the background.</summary>
    public Task EndedAsync(string name, int count = 1) => EndedAsync(() => _ended.Count(s => s.DisplayName == name) >= count);

    /// <summary>As <see cref="Take"/>, once so many have ended.</summary>
    public async Task<IReadOnlyList<Activity>> TakeAsync(int count)
    {
        await EndedAsync(() => _ended.Count >= count);
        return Take();
    }

    /// <summary>The traces that ended since the last call, each as an indented tree.</summary>
    public string TakeText() => TraceText.Of(Take());

    /// <summary>How often each tier came to what, as <c>l1 get hit 3</c>, sorted.</summary>
    public IReadOnlyList<string> TierCounts() => Counts(
        TelemetryNames.TierDuration, TelemetryNames.TierName, TelemetryNames.TierOperation, TelemetryNames.Outcome, TelemetryNames.ErrorType);

    /// <summary>How often operations came to what, as <c>get_or_insert hit l1 - 3</c> with the serving tier and whether coalesced, sorted.</summary>
    public IReadOnlyList<string> OperationCounts() => Counts(
        TelemetryNames.OperationDuration, TelemetryNames.Operation, TelemetryNames.Outcome, TelemetryNames.TierName, TelemetryNames.Coalesced);

    /// <summary>How often loads came to what, sorted.</summary>
    public IReadOnlyList<string> LoadCounts() => Counts(TelemetryNames.LoadDuration, TelemetryNames.Outcome);

    public void Dispose()
    {
        _tracing.Dispose();
        _metering.Dispose();
    }

    private List<string> Counts(string instrument, params string[] attributes)
    {
        _metrics.Clear();
        _metering.ForceFlush();
        var lines = new List<string>();
        foreach (MetricSnapshot metric in _metrics.Where(m => m.Name == instrument))
        {
            foreach (MetricPoint point in metric.MetricPoints)
            {
                var tags = new Dictionary<string, object?>();
                foreach (KeyValuePair<string, object?> tag in point.Tags) tags.Add(tag.Key, tag.Value);
                string values = string.Join(' ', attributes.Select(a => tags.GetValueOrDefault(a)?.ToString() ?? "-"));
                lines.Add($"{values} {point.GetHistogramCount().ToString(CultureInfo.InvariantCulture)}");
            }
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private async Task EndedAsync(Func<bool> isEnough)
    {
        while (true)
        {
            Task next = _next.Task;
            if (isEnough()) return;
            await next.WaitAsync(TestContext.CurrentContext.CancellationToken);
        }
    }

    private void Add(Activity span)
    {
        _ended.Enqueue(span);
        Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private sealed class Collector(Action<Activity> ended) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => ended(data);
    }
}
