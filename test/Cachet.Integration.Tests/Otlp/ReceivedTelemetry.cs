using Google.Protobuf;

namespace CachetTests.Otlp;

/// <summary>All that a collector was sent, in the order in which it came. Can be awaited.</summary>
internal sealed class ReceivedTelemetry
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly List<Received<Span>> _spans = [];
    private readonly List<Received<Metric>> _metrics = [];
    private readonly List<Received<LogRecord>> _logs = [];
    private readonly HashSet<Signal> _signals = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<Received<Span>> Spans => Copy(_spans);

    /// <summary>As often as they were sent: a reader that sends what has added up sends each metric again and again.</summary>
    public IReadOnlyList<Received<Metric>> Metrics => Copy(_metrics);

    public IReadOnlyList<Received<LogRecord>> Logs => Copy(_logs);

    /// <summary>Whether there was a request for each of the signals. One for metrics may be empty.</summary>
    public bool HasAllSignals
    {
        get
        {
            lock (_gate) return _signals.Count == Enum.GetValues<Signal>().Length;
        }
    }

    /// <summary>What was sent last of a metric.</summary>
    public Received<Metric> Metric(string name) => Metrics.Last(m => m.Data.Name == name);

    /// <summary>Takes a request to export, of one of the three signals.</summary>
    /// <exception cref="InvalidProtocolBufferException">It is none.</exception>
    public void Add(Signal signal, byte[] request)
    {
        TaskCompletionSource more;
        lock (_gate)
        {
            _signals.Add(signal);
            switch (signal)
            {
                case Signal.Traces:
                    _spans.AddRange(SpansOf(ExportTraceServiceRequest.Parser.ParseFrom(request)));
                    break;
                case Signal.Metrics:
                    _metrics.AddRange(MetricsOf(ExportMetricsServiceRequest.Parser.ParseFrom(request)));
                    break;
                default:
                    _logs.AddRange(LogsOf(ExportLogsServiceRequest.Parser.ParseFrom(request)));
                    break;
            }

            more = _more;
            _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        more.SetResult();
    }

    /// <summary>Waits until what was received is enough.</summary>
    /// <exception cref="TimeoutException">It never was.</exception>
    public async Task UntilAsync(Func<ReceivedTelemetry, bool> isEnough)
    {
        using var limit = new CancellationTokenSource(_limit);
        while (true)
        {
            Task more;
            lock (_gate) more = _more.Task;
            if (isEnough(this)) return;
            try
            {
                await more.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"After {_limit} there are {Spans.Count} spans, {Metrics.Count} metrics and {Logs.Count} log records.");
            }
        }
    }

    private static IEnumerable<Received<Span>> SpansOf(ExportTraceServiceRequest request) =>
        from of in request.ResourceSpans
        from scope in of.ScopeSpans
        from span in scope.Spans
        select new Received<Span>(new(of.Resource, scope.Scope, scope.SchemaUrl), span);

    private static IEnumerable<Received<Metric>> MetricsOf(ExportMetricsServiceRequest request) =>
        from of in request.ResourceMetrics
        from scope in of.ScopeMetrics
        from metric in scope.Metrics
        select new Received<Metric>(new(of.Resource, scope.Scope, scope.SchemaUrl), metric);

    private static IEnumerable<Received<LogRecord>> LogsOf(ExportLogsServiceRequest request) =>
        from of in request.ResourceLogs
        from scope in of.ScopeLogs
        from record in scope.LogRecords
        select new Received<LogRecord>(new(of.Resource, scope.Scope, scope.SchemaUrl), record);

    private List<T> Copy<T>(List<T> items)
    {
        lock (_gate) return [.. items];
    }
}

/// <summary>The kinds of telemetry that OTLP has requests for.</summary>
internal enum Signal
{
    Traces,
    Metrics,
    Logs,
}
