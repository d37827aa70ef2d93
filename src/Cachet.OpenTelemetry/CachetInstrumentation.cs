using System.Diagnostics;

namespace Cachet;

/// <summary>Makes spans and measurements of what Cachet does.</summary>
/// <remarks>Measurements are recorded while the span is current, so that exemplars lead to it.</remarks>
internal sealed class CachetInstrumentation : CacheInstrumentation
{
    private CachetInstrumentation()
    {
    }

    public static CachetInstrumentation Instance { get; } = new();

    public override bool IsEnabled => CachetTelemetry.Operations.HasListeners() || CachetTelemetry.AnyMeasured || CachetTelemetry.Evictions.Enabled;

    public override CacheScope BeginOperation<TKey>(CacheDescriptor cache, CacheOperation operation, in TKey key)
    {
        bool metrics = CachetTelemetry.AnyMeasured;
        if (!CachetTelemetry.Operations.HasListeners()) return new(null, metrics);
        TraceRules rules = Subscriptions.Rules;
        if (!rules.Accepts(cache, operation)) return new(null, metrics);
        CacheAttributes attributes = CacheAttributes.Of(cache);
        CacheScope scope = Spans.Start(
            CachetTelemetry.Operations,
            TelemetryNames.SpanOf(operation),
            attributes.DisplayName[(int)operation],
            attributes.Start[(int)operation],
            metrics);
        if (rules.RecordsKeys && scope.State is Activity { IsAllDataRequested: true } span) rules.RecordKey(span, operation, in key);
        return scope;
    }

    public override void EndOperation(
        in CacheScope scope, CacheDescriptor cache, TierDescriptor? servedBy, object? followed, in CacheOperationEvent operationEvent)
    {
        Measurements.Record(cache, servedBy, in operationEvent);
        if (scope.State is not Activity span) return;
        if (span.IsAllDataRequested)
        {
            if (operationEvent.Coalesced && followed is Activity leader) span.AddLink(new(leader.Context));
            Describe(span, servedBy, in operationEvent);
        }

        Spans.Stop(in scope, span, operationEvent.DurationNanoseconds);
    }

    public override CacheScope BeginTier<TKey>(
        TierDescriptor tier, CacheOperation operation, in TKey key, in CacheScope parent, long? sinceParentNanoseconds)
    {
        ActivitySource source = tier.Remote ? CachetTelemetry.RemoteTiers : CachetTelemetry.LocalTiers;
        if (parent.State is not Activity { IsAllDataRequested: true } span || !source.HasListeners()) return default;
        TierAttributes attributes = TierAttributes.Of(tier);
        return Spans.StartWithin(
            span,
            in parent,
            sinceParentNanoseconds,
            source,
            TelemetryNames.TierSpan,
            attributes.DisplayName[(int)operation],
            attributes.Start[(int)operation]);
    }

    public override void EndTier(in CacheScope scope, TierDescriptor tier, in CacheTierEvent tierEvent)
    {
        Measurements.Record(tier, in tierEvent);
        if (scope.State is not Activity span) return;
        if (span.IsAllDataRequested)
        {
            span.AddTag(TelemetryNames.Outcome, TelemetryNames.Of(tierEvent.Outcome));
            if (tierEvent.EntrySize is { } size) span.AddTag(TelemetryNames.EntrySize, size);
            Spans.Fail(span, tierEvent.Outcome, tierEvent.Exception);
        }

        Spans.Stop(in scope, span, tierEvent.DurationNanoseconds);
    }

    public override CacheScope BeginLoad<TKey>(CacheDescriptor cache, in TKey key, in CacheScope parent, long? sinceParentNanoseconds)
    {
        if (parent.State is not Activity { IsAllDataRequested: true } span) return default;
        CacheAttributes attributes = CacheAttributes.Of(cache);
        return Spans.StartWithin(
            span, in parent, sinceParentNanoseconds, CachetTelemetry.Operations, TelemetryNames.LoadSpan, attributes.LoadDisplayName, attributes.LoadStart);
    }

    public override void EndLoad(in CacheScope scope, CacheDescriptor cache, in CacheLoadEvent loadEvent)
    {
        Measurements.Record(cache, in loadEvent);
        if (scope.State is not Activity span) return;
        if (span.IsAllDataRequested) Spans.Fail(span, loadEvent.Outcome, loadEvent.Exception);
        Spans.Stop(in scope, span, loadEvent.DurationNanoseconds);
    }

    public override CacheScope BeginRefresh<TKey>(CacheDescriptor cache, in TKey key, object? trigger)
    {
        bool metrics = CachetTelemetry.AnyMeasured;
        if (!CachetTelemetry.Operations.HasListeners()) return new(null, metrics);
        TraceRules rules = Subscriptions.Rules;
        if (!rules.Accepts(cache, CacheOperation.Refresh)) return new(null, metrics);
        CacheAttributes attributes = CacheAttributes.Of(cache);
        CacheScope scope = Spans.StartRoot(
            CachetTelemetry.Operations,
            TelemetryNames.RefreshSpan,
            attributes.DisplayName[(int)CacheOperation.Refresh],
            attributes.Start[(int)CacheOperation.Refresh],
            metrics,
            trigger is Activity triggering ? [new(triggering.Context)] : null);
        if (rules.RecordsKeys && scope.State is Activity { IsAllDataRequested: true } span) rules.RecordKey(span, CacheOperation.Refresh, in key);
        return scope;
    }

    public override void EndRefresh(in CacheScope scope, CacheDescriptor cache, TierDescriptor? servedBy, in CacheOperationEvent operationEvent)
    {
        Measurements.Record(cache, servedBy, in operationEvent);
        if (scope.State is not Activity span) return;
        if (span.IsAllDataRequested) Describe(span, servedBy: null, in operationEvent);
        Spans.Stop(in scope, span, operationEvent.DurationNanoseconds);
    }

    public override IDisposable? Reenter(in CacheScope scope) => scope.State is Activity span ? Spans.Reenter(span) : null;

    public override void OnEviction(TierDescriptor tier, in CacheTierEvent tierEvent) => Measurements.Record(tier, tierEvent.EvictionReason);

    private static void Describe(Activity span, TierDescriptor? servedBy, in CacheOperationEvent operationEvent)
    {
        span.AddTag(TelemetryNames.Outcome, TelemetryNames.Of(operationEvent.Outcome));
        if (servedBy is not null) span.AddTag(TelemetryNames.TierName, servedBy.Name);
        if (operationEvent.Coalesced) span.AddTag(TelemetryNames.Coalesced, Words.Boxed(true));
        Spans.Fail(span, operationEvent.Outcome, operationEvent.Exception);
        Subscriptions.Rules.Enrich(span, in operationEvent);
    }
}
