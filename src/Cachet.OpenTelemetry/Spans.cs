using System.Diagnostics;

namespace Cachet;

/// <summary>Starts and stops spans, so that the caller's context is afterwards what it was, whatever samplers and processors do.</summary>
/// <remarks>The caller's context is restored before the span is stopped: switching contexts once instead of twice.</remarks>
internal static class Spans
{
    /// <summary>Starts a span under the current one.</summary>
    public static CacheScope Start(ActivitySource source, string name, string displayName, StartAttributes attributes, bool metrics) =>
        Start(source, name, displayName, attributes, metrics, default, default);

    /// <summary>Starts a span under one that may not be current.</summary>
    public static CacheScope StartWithin(
        Activity parent,
        in CacheScope scope,
        long? sinceParentNanoseconds,
        ActivitySource source,
        string name,
        string displayName,
        StartAttributes attributes)
    {
        // One clock for the whole operation: children start where the cache's clock says, so that they lie inside their parent.
        DateTimeOffset start = sinceParentNanoseconds is { } nanoseconds ? parent.StartTimeUtc.AddTicks(Ticks(nanoseconds)) : default;

        // Where the caller suppressed the flow of its context, the parent is not current after an await, and has to be named.
        // What began at the same time as its parent finds current what that made current.
        bool isCurrent = sinceParentNanoseconds == 0 && !scope.IsFlowSuppressed;
        ActivityContext context = isCurrent || ReferenceEquals(Activity.Current, parent) ? default : parent.Context;
        return Start(source, name, displayName, attributes, CachetTelemetry.AnyMeasured, start, context);
    }

    /// <summary>Starts a span that has no parent, whatever is current.</summary>
    public static CacheScope StartRoot(
        ActivitySource source, string name, string displayName, StartAttributes attributes, bool metrics, ActivityLink[]? links)
    {
        Activity? before = Activity.Current;
        Activity.Current = null; // A default parent context would not make a root: it means whatever is current.
        try
        {
            if (source.StartActivity(name, ActivityKind.Internal, default(ActivityContext), attributes, links) is { } span)
            {
                if (span.IsAllDataRequested) span.DisplayName = displayName;
                return CacheScope.Entered(span, null, WayBackTo(before), metrics || span.IsAllDataRequested);
            }
        }
        catch (Exception fault)
        {
            CallbackFaults.Report(nameof(ActivityListener), fault);
        }

        Activity.Current = before;
        return new(null, metrics);
    }

    /// <summary>Only on the span whose own work failed; a caller that left is no failure. No description: exceptions' texts are not ours to publish.</summary>
    public static void Fail(Activity span, CacheOutcome outcome, Exception? error)
    {
        if (outcome != CacheOutcome.Error) return;
        span.SetStatus(ActivityStatusCode.Error);
        span.AddTag(TelemetryNames.ErrorType, error?.GetType().FullName);
    }

    public static void Stop(in CacheScope scope, Activity span, long? nanoseconds)
    {
        if (nanoseconds is { } duration)
        {
            // A span lasts one tick at least: one that was too short for the clock must not stick out of its parent's end.
            if (Ticks(duration) == 0 && span.Parent is { } parent && span.StartTimeUtc > parent.StartTimeUtc)
            {
                span.SetStartTime(span.StartTimeUtc.AddTicks(-1));
            }

            span.SetEndTime(span.StartTimeUtc.AddTicks(Math.Max(1, Ticks(duration))));
        }

        scope.Leave();
        try
        {
            span.Stop();
        }
        catch (Exception fault)
        {
            CallbackFaults.Report(nameof(ActivityListener), fault);
        }
    }

    /// <summary>Makes a span current in a context that is not its own, until what is returned is disposed.</summary>
    public static IDisposable? Reenter(Activity span)
    {
        Activity? current = Activity.Current;
        if (ReferenceEquals(current, span)) return null;
        Activity.Current = span;
        return new Foreign(current);
    }

    private static CacheScope Start(
        ActivitySource source, string name, string displayName, StartAttributes attributes, bool metrics, DateTimeOffset start, ActivityContext parent)
    {
        // What is current is only asked for where there is no context to go back to.
        var context = ExecutionContext.Capture();
        Activity? before = context is null ? Activity.Current : null;
        try
        {
            Activity? span = source.StartActivity(name, ActivityKind.Internal, parent, attributes, links: null, start);
            if (span is null) return new(null, metrics);
            bool recorded = span.IsAllDataRequested;
            if (recorded) span.DisplayName = displayName;
            return CacheScope.Entered(span, context, context is null ? WayBackTo(before) : null, metrics || recorded);
        }
        catch (Exception fault)
        {
            // Somebody who was asked, or was told once it was current.
            if (context is null) Activity.Current = before;
            else ExecutionContext.Restore(context);
            CallbackFaults.Report(nameof(ActivityListener), fault);
            return new(null, metrics);
        }
    }

    // A method of its own: its closure is only made where it is needed.
    private static Action WayBackTo(Activity? before) => () => Activity.Current = before;

    private static long Ticks(long nanoseconds) => nanoseconds / TimeSpan.NanosecondsPerTick;

    private sealed class Foreign(Activity? current) : IDisposable
    {
        public void Dispose() => Activity.Current = current;
    }
}
