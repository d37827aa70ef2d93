using System.Diagnostics;

namespace CachetTests.Registry;

/// <summary>The spans of all sources of Cachet.</summary>
internal sealed class SpanRecorder : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<(Activity Span, HashSet<string> AtStart)> _begun = [];
    private readonly HashSet<Activity> _underWay = [];
    private TaskCompletionSource? _quiet;
    private readonly ActivityListener _listener;

    public SpanRecorder()
    {
        _listener = new()
        {
            ShouldListenTo = static source => EmissionRecorder.IsOurs(source.Name),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = Begin,
            ActivityStopped = End,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyList<Emission> Emissions
    {
        get
        {
            lock (_gate)
            {
                var names = _begun.ToDictionary(static b => b.Span.SpanId, static b => b.Span.OperationName);
                return [.. _begun.Where(b => !_underWay.Contains(b.Span)).Select(b => Of(b.Span, b.AtStart, names))];
            }
        }
    }

    /// <summary>Ends when all spans have ended that have begun.</summary>
    public Task QuietAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_underWay.Count == 0) return Task.CompletedTask;
            _quiet ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _quiet.Task.WaitAsync(cancellationToken);
        }
    }

    public void Dispose() => _listener.Dispose();

    private static Emission Of(Activity span, HashSet<string> atStart, Dictionary<ActivitySpanId, string> names)
    {
        List<KeyValuePair<string, string>> facts =
        [
            new("scope", span.Source.Name),
            new("kind", span.Kind.ToString().ToLowerInvariant()),
            new("display_name", span.DisplayName),
            new("parent", span.ParentSpanId == default ? "none" : names.GetValueOrDefault(span.ParentSpanId, "caller")),
            new("status", span.Status.ToString().ToLowerInvariant()),
            .. span.Links.Select(l => KeyValuePair.Create("link", names.GetValueOrDefault(l.Context.SpanId, "to somebody else"))),
            .. span.Links.SelectMany(static l => l.Tags ?? []).Select(static t => KeyValuePair.Create("attribute of a link", t.Key)),
            .. span.Events.Select(static e => KeyValuePair.Create("span event", e.Name)),
        ];
        if (span.StatusDescription is { } description) facts.Add(new("status description", description));
        return new(
            SignalKind.Span, span.OperationName, facts, [.. span.TagObjects.Select(t => new EmittedAttribute(t.Key, t.Value, atStart.Contains(t.Key)))]);
    }

    private void Begin(Activity span)
    {
        lock (_gate)
        {
            _begun.Add((span, [.. span.TagObjects.Select(static t => t.Key)]));
            _underWay.Add(span);
        }
    }

    private void End(Activity span)
    {
        lock (_gate)
        {
            _underWay.Remove(span);
            if (_underWay.Count > 0) return;
            _quiet?.SetResult();
            _quiet = null;
        }
    }
}
