using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace CachetTests;

/// <summary>A tracer provider with Cachet's instrumentation, an exporter into memory, and a source for the spans that the test makes itself.</summary>
internal sealed class TraceRecorder : IDisposable
{
    public const string SourceName = "CachetTests";

    private readonly List<Activity> _exported = [];
    private readonly Ends _ends = new();
    private readonly TracerProvider _provider;

    public TraceRecorder(Func<TracerProviderBuilder, TracerProviderBuilder>? configure = null)
    {
        TracerProviderBuilder builder = Sdk.CreateTracerProviderBuilder().AddSource(SourceName).AddCachetInstrumentation().AddInMemoryExporter(_exported);
        _provider = (configure?.Invoke(builder) ?? builder).AddProcessor(_ends).Build();
    }

    /// <summary>For spans around and below the cache's.</summary>
    public ActivitySource Source { get; } = new(SourceName);

    /// <summary>What was exported so far, in the order in which it ended.</summary>
    public IReadOnlyList<Activity> Spans
    {
        get
        {
            lock (_ends.Gate) return [.. _exported];
        }
    }

    /// <summary>The whole of it as text.</summary>
    public string Text => TraceText.Of(Spans);

    public Activity Span(string displayName) => Spans.Single(s => s.DisplayName == displayName);

    /// <summary>Ends once so many spans of that name have ended: for what goes on after its caller has left.</summary>
    public Task EndedAsync(string displayName, int count = 1) => _ends.WaitAsync(displayName, count);

    public void Forget()
    {
        lock (_ends.Gate) _exported.Clear();
    }

    public void Dispose()
    {
        _provider.Dispose(); // and the processors in it
        _ends.Dispose();
        Source.Dispose();
    }

    private sealed class Ends : BaseProcessor<Activity>
    {
        private readonly Dictionary<string, int> _counts = [];
        private readonly List<(string Name, int Count, TaskCompletionSource Ended)> _waiting = [];

        public Lock Gate { get; } = new();

        public override void OnEnd(Activity data)
        {
            lock (Gate)
            {
                _counts[data.DisplayName] = _counts.GetValueOrDefault(data.DisplayName) + 1;
                foreach ((string name, int count, TaskCompletionSource ended) in _waiting)
                {
                    if (_counts.GetValueOrDefault(name) >= count) ended.TrySetResult();
                }
            }
        }

        public Task WaitAsync(string name, int count)
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (Gate)
            {
                if (_counts.GetValueOrDefault(name) >= count) return Task.CompletedTask;
                _waiting.Add((name, count, ended));
            }

            return ended.Task;
        }
    }
}
