using System.Diagnostics.Metrics;

namespace Cachet;

/// <summary>What is counted when somebody looks: running loaders and entries, over all live caches, summed where names are the same.</summary>
internal static class ObservedCounts
{
    public static IEnumerable<Measurement<long>> Loads()
    {
        var sums = new Dictionary<string, (CacheDescriptor Cache, long Count)>(StringComparer.Ordinal);
        foreach (CacheDescriptor cache in Caches()) sums[cache.Name] = (cache, sums.GetValueOrDefault(cache.Name).Count + cache.ActiveLoads);
        return sums.Values.Select(static s => new Measurement<long>(s.Count, CacheAttributes.Of(s.Cache).Name));
    }

    public static IEnumerable<Measurement<long>> Entries()
    {
        var sums = new Dictionary<(string Cache, string Tier), (TierDescriptor Tier, long Count)>();
        foreach (TierDescriptor tier in Caches().SelectMany(static c => c.Tiers))
        {
            if (Count(tier) is not { } count) continue;
            (string, string) names = (tier.Cache.Name, tier.Name);
            sums[names] = (tier, sums.GetValueOrDefault(names).Count + count);
        }

        return sums.Values.Select(static s => new Measurement<long>(s.Count, TierAttributes.Of(s.Tier).Names));
    }

    // The meter lives as long as the process; without a provider that asked, it has nothing to say.
    private static IReadOnlyList<CacheDescriptor> Caches() => Subscriptions.Any ? CacheInstrumentation.LiveCaches() : [];

    // A tier of the application's own may throw: that must not cost the counts of the others.
    private static long? Count(TierDescriptor tier)
    {
        try
        {
            return tier.EntryCount;
        }
        catch (Exception fault)
        {
            CallbackFaults.Report(nameof(TierDescriptor.EntryCount), fault);
            return null;
        }
    }
}
