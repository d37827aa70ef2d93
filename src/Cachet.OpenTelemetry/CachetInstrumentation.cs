using System.Diagnostics;

namespace Cachet;

/// <summary>Makes spans and measurements of what Cachet does.</summary>
/// <remarks>Measurements are recorded while the span is current, so that exemplars lead to it. Then the caller's context is restored, and only then is
/// the span stopped: switching contexts once instead of twice.</remarks>
internal sealed class CachetInstrumentation : CacheInstrumentation
{
    private CachetInstrumentation()
    {
    }

    public static CachetInstrumentation Instance { get; } = new();

    public override bool IsEnabled => CachetTelemetry.Operations.HasListeners() || AnyInstrument;

    private static bool AnyInstrument =>
        CachetTelemetry.OperationDuration.Enabled || CachetTelemetry.TierDuration.Enabled || CachetTelemetry.LoadDuration.Enabled;

    public override CacheScope BeginOperation<TKey>(CacheDescriptor cache, CacheOperation operation, in TKey key)
    {
        if (!CachetTelemetry.Operations.HasListeners()) return new(null, AnyInstrument);
        CacheAttributes attributes = CacheAttributes.Of(cache);
        return Start(
            CachetTelemetry.Operations,
            TelemetryNames.SpanOf(operation),
            attributes.DisplayName[(int)operation],
            attributes.Start[(int)operation],
            AnyInstrument);
    }

    public override void EndOperation(
        in CacheScope scope, CacheDescriptor cache, TierDescriptor? servedBy, object? followed, in CacheOperationEvent operationEvent)
    {
        Elsewhere elsewhere = Elsewhere.Leave(in scope);
        Record(cache, servedBy, in operationEvent);
        if (scope.State is not Activity span) return;
        if (span.IsAllDataRequested)
        {
            span.AddTag(TelemetryNames.Outcome, TelemetryNames.Of(operationEvent.Outcome));
            if (servedBy is not null) span.AddTag(TelemetryNames.TierName, servedBy.Name);
            if (operationEvent.Coalesced)
            {
                span.AddTag(TelemetryNames.Coalesced, Words.Boxed(true));
                if (followed is Activity leader) span.AddLink(new(leader.Context));
            }

            Fail(span, operationEvent.Outcome, operationEvent.Exception);
        }

        Stop(in scope, span, operationEvent.DurationNanoseconds, elsewhere);
    }

    public override CacheScope BeginTier<TKey>(
        TierDescriptor tier, CacheOperation operation, in TKey key, in CacheScope parent, long? sinceParentNanoseconds)
    {
        ActivitySource source = tier.Remote ? CachetTelemetry.RemoteTiers : CachetTelemetry.LocalTiers;
        if (parent.State is not Activity { IsAllDataRequested: true } span || !source.HasListeners()) return default;
        TierAttributes attributes = TierAttributes.Of(tier);
        return StartWithin(
            span,
            sinceParentNanoseconds,
            source,
            TelemetryNames.TierSpan,
            attributes.DisplayName[(int)operation],
            attributes.Start[(int)operation]);
    }

    public override void EndTier(in CacheScope scope, TierDescriptor tier, in CacheTierEvent tierEvent)
    {
        Elsewhere elsewhere = Elsewhere.Leave(in scope);
        if (tierEvent.DurationNanoseconds is { } nanoseconds && CachetTelemetry.TierDuration.Enabled)
        {
            CachetTelemetry.TierDuration.Record(Seconds(nanoseconds), TierAttributes.Of(tier).Measurement(tier, in tierEvent));
        }

        if (scope.State is not Activity span) return;
        if (span.IsAllDataRequested)
        {
            span.AddTag(TelemetryNames.Outcome, TelemetryNames.Of(tierEvent.Outcome));
            if (tierEvent.EntrySize is { } size) span.AddTag(TelemetryNames.EntrySize, size);
            Fail(span, tierEvent.Outcome, tierEvent.Exception);
        }

        Stop(in scope, span, tierEvent.DurationNanoseconds, elsewhere);
    }

    public override CacheScope BeginLoad<TKey>(CacheDescriptor cache, in TKey key, in CacheScope parent, long? sinceParentNanoseconds)
    {
        if (parent.State is not Activity { IsAllDataRequested: true } span) return default;
        CacheAttributes attributes = CacheAttributes.Of(cache);
        return StartWithin(
            span, sinceParentNanoseconds, CachetTelemetry.Operations, TelemetryNames.LoadSpan, attributes.LoadDisplayName, attributes.LoadStart);
    }

    public override void EndLoad(in CacheScope scope, CacheDescriptor cache, in CacheLoadEvent loadEvent)
    {
        Elsewhere elsewhere = Elsewhere.Leave(in scope);
        if (loadEvent.DurationNanoseconds is { } nanoseconds && CachetTelemetry.LoadDuration.Enabled)
        {
            CachetTelemetry.LoadDuration.Record(Seconds(nanoseconds), CacheAttributes.Of(cache).LoadMeasurement(cache, in loadEvent));
        }

        if (scope.State is not Activity span) return;
        if (span.IsAllDataRequested) Fail(span, loadEvent.Outcome, loadEvent.Exception);
        Stop(in scope, span, loadEvent.DurationNanoseconds, elsewhere);
    }

    public override CacheScope BeginRefresh<TKey>(CacheDescriptor cache, in TKey key, object? trigger)
    {
        if (!CachetTelemetry.Operations.HasListeners()) return new(null, AnyInstrument);
        Activity? current = Activity.Current;
        Activity.Current = null; // A default parent context would not make a root: it means whatever is current.
        CacheAttributes attributes = CacheAttributes.Of(cache);
        ActivityLink[]? links = trigger is Activity triggering ? [new(triggering.Context)] : null;
        CacheScope scope = Start(
            CachetTelemetry.Operations,
            TelemetryNames.RefreshSpan,
            attributes.DisplayName[(int)CacheOperation.Refresh],
            attributes.Start[(int)CacheOperation.Refresh],
            AnyInstrument,
            links: links,
            outer: current);
        if (scope.State is null) Activity.Current = current;
        return scope;
    }

    public override void EndRefresh(in CacheScope scope, CacheDescriptor cache, TierDescriptor? servedBy, in CacheOperationEvent operationEvent)
    {
        Elsewhere elsewhere = Elsewhere.Leave(in scope);
        Record(cache, servedBy, in operationEvent);
        if (scope.State is not Activity span) return;
        if (span.IsAllDataRequested)
        {
            span.AddTag(TelemetryNames.Outcome, TelemetryNames.Of(operationEvent.Outcome));
            Fail(span, operationEvent.Outcome, operationEvent.Exception);
        }

        Stop(in scope, span, operationEvent.DurationNanoseconds, elsewhere);
    }

    private static void Record(CacheDescriptor cache, TierDescriptor? servedBy, in CacheOperationEvent operationEvent)
    {
        if (operationEvent.DurationNanoseconds is not { } nanoseconds || !CachetTelemetry.OperationDuration.Enabled) return;
        CachetTelemetry.OperationDuration.Record(Seconds(nanoseconds), CacheAttributes.Of(cache).Measurement(servedBy, in operationEvent));
    }

    private static CacheScope StartWithin(
        Activity parent, long? sinceParentNanoseconds, ActivitySource source, string name, string displayName, StartAttributes attributes)
    {
        // One clock for the whole operation: children start where the cache's clock says, so that they lie inside their parent.
        DateTimeOffset start = sinceParentNanoseconds is { } nanoseconds ? parent.StartTimeUtc.AddTicks(Ticks(nanoseconds)) : default;

        // Where the caller suppressed the flow of its context, the parent is not current after an await, and has to be named.
        ActivityContext context = ReferenceEquals(Activity.Current, parent) ? default : parent.Context;
        return Start(source, name, displayName, attributes, AnyInstrument, start, context);
    }

    private static CacheScope Start(
        ActivitySource source,
        string name,
        string displayName,
        StartAttributes attributes,
        bool metrics,
        DateTimeOffset start = default,
        ActivityContext parent = default,
        ActivityLink[]? links = null,
        Activity? outer = null)
    {
        var context = ExecutionContext.Capture();
        Activity? before = context is null ? Activity.Current : null;
        Activity? span = source.StartActivity(name, ActivityKind.Internal, parent, attributes, links, start);
        if (span is null) return new(null, metrics);
        if (span.IsAllDataRequested) span.DisplayName = displayName;
        bool timed = metrics || span.IsAllDataRequested;
        return context is not null && outer is null
            ? CacheScope.Entered(span, context, null, timed)
            : CacheScope.Entered(span, null, WayBackTo(outer ?? before), timed);
    }

    // A method of its own: its closure is only made where it is needed.
    private static Action WayBackTo(Activity? before) => () => Activity.Current = before;

    // Only on the span whose own work failed; a caller that left is no failure. No description: exceptions' texts are not ours to publish.
    private static void Fail(Activity span, CacheOutcome outcome, Exception? error)
    {
        if (outcome != CacheOutcome.Error) return;
        span.SetStatus(ActivityStatusCode.Error);
        span.AddTag(TelemetryNames.ErrorType, error?.GetType().FullName);
    }

    private static void Stop(in CacheScope scope, Activity span, long? nanoseconds, Elsewhere elsewhere)
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

        if (!elsewhere.IsTrue) scope.Leave();
        span.Stop();
        elsewhere.Return();
    }

    private static double Seconds(long nanoseconds) => nanoseconds / 1e9;

    private static long Ticks(long nanoseconds) => nanoseconds / TimeSpan.NanosecondsPerTick;

    /// <summary>An end that runs in a context which is not its own: after an await of a caller that had suppressed the flow. The span is made current,
    /// so that what is recorded leads to it, and whoever's context it is gets back what was current there.</summary>
    private readonly struct Elsewhere
    {
        private readonly Activity? _current;

        private Elsewhere(Activity? current)
        {
            IsTrue = true;
            _current = current;
        }

        public bool IsTrue { get; }

        public static Elsewhere Leave(in CacheScope scope)
        {
            if (!scope.IsFlowSuppressed || scope.State is not Activity span || ReferenceEquals(Activity.Current, span)) return default;
            var elsewhere = new Elsewhere(Activity.Current);
            Activity.Current = span;
            return elsewhere;
        }

        public void Return()
        {
            if (IsTrue) Activity.Current = _current;
        }
    }
}
