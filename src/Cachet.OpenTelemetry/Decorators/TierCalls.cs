using System.Diagnostics;

namespace Cachet;

/// <summary>Begins calls on distributed caches that are declared a tier, below the operation that they are for.</summary>
internal static class TierCalls
{
    /// <summary>Begins a call: of the operation in whose flow it comes; where it comes without any context, of the one that is under way for its key; and
    /// else below whatever is current.</summary>
    public static CacheScope Begin(TierDescriptor tier, CacheOperation operation, string? key)
    {
        bool metrics = CachetTelemetry.AnyMeasured;
        if (!CachetTelemetry.RemoteTiers.HasListeners()) return new(null, metrics);
        HybridOperation? of = HybridOperation.Current;
        if (of is null && Activity.Current is null && key is not null) of = OperationsInFlight.Of(tier.Cache.Name, key);
        if (of is null) return Subscriptions.Rules.Accepts(tier.Cache, operation) ? Begin(tier, operation) : new(null, metrics);
        CacheScope scope = of.BeginTier(tier, operation, in key);
        return scope.State is null ? new(null, metrics) : scope;
    }

    /// <summary>Begins a call below whatever is current.</summary>
    public static CacheScope Begin(TierDescriptor tier, CacheOperation operation)
    {
        TierAttributes attributes = TierAttributes.Of(tier);
        return Spans.Start(
            CachetTelemetry.RemoteTiers,
            TelemetryNames.TierSpan,
            attributes.DisplayName[(int)operation],
            attributes.Start[(int)operation],
            CachetTelemetry.AnyMeasured);
    }
}
