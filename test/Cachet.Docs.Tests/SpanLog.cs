using System.Collections.Concurrent;
using System.Diagnostics;
using OpenTelemetry;

namespace CachetTests;

/// <summary>Takes down the spans that end, each with what it came to and the span that it was made in.</summary>
internal sealed class SpanLog : BaseProcessor<Activity>
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private volatile TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>In the order in which they ended, as <c>cache.load products: - in cache.get_or_insert products</c>.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            Activity[] spans = [.. _ended];
            var names = spans.ToDictionary(static s => s.SpanId, static s => s.DisplayName);
            return [.. spans.Select(s => Line(s, names.GetValueOrDefault(s.ParentSpanId)))];
        }
    }

    /// <summary>Waits for so many: a cache may still write when its caller has gone on.</summary>
    public async Task<IReadOnlyList<string>> LinesAsync(int count)
    {
        while (true)
        {
            Task next = _next.Task;
            if (_ended.Count >= count) return Lines;
            await next.WaitAsync(TestContext.CurrentContext.CancellationToken);
        }
    }

    public override void OnEnd(Activity data)
    {
        _ended.Enqueue(data);
        Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private static string Line(Activity span, string? parent) =>
        $"{span.DisplayName}: {span.GetTagItem(TelemetryNames.Outcome) ?? "-"}{(parent is null ? string.Empty : $" in {parent}")}";
}
