using System.Diagnostics.Metrics;

namespace Cachet;

/// <summary>What is counted when somebody looks: running loaders and entries, over all live caches, summed where names are the same.</summary>
internal static class ObservedCounts
{
    public static IEnumerable<Measurement<long>> Loads()
    {
        var sums = new Dictionary<string, (CacheDescriptor Cache, long Count)>(StringComparer.Ordinal);
        foreach (CacheDescriptor cache in Caches()) Add(cache, cache.ActiveLoads);
        foreach (Decoration hybrid in HybridCaches()) Add(hybrid.Cache, hybrid.ActiveLoads);
        return sums.Values.Select(static s => new Measurement<long>(s.Count, CacheAttributes.Of(s.Cache).Name));

        void Add(CacheDescriptor cache, long count) => sums[cache.Name] = (cache, sums.GetValueOrDefault(cache.Name).Count + count);
    }

    public static IEnumerable<Measurement<long>> Entries()
    {
        var sums = new Dictionary<(string Cache, string Tier), (TierDescriptor Tier, long Count)>();
        foreach (TierDescriptor tier in Caches().SelectMany(static c => c.Tiers)) Add(tier, Count(static t => t.EntryCount, tier));
        foreach (InstrumentedMemoryCache cache in MemoryCaches()) Add(cache.Decoration.Storage, Count(EntryCounts.Of, cache.Inner));

        return sums.Values.Select(static s => new Measurement<long>(s.Count, TierAttributes.Of(s.Tier).Names));

        void Add(TierDescriptor tier, long? count)
        {
            if (count is null) return;
            (string, string) names = (tier.Cache.Name, tier.Name);
            sums[names] = (tier, sums.GetValueOrDefault(names).Count + count.Value);
        }
    }

    // One that is decorated twice, side by side, holds its entries once.
    private static IEnumerable<InstrumentedMemoryCache> MemoryCaches() =>
        Subscriptions.Any ? InstrumentedMemoryCache.Live.Snapshot().DistinctBy(static c => (c.Decoration.Cache.Name, c.Inner)) : [];

    private static IEnumerable<Decoration> HybridCaches() =>
        Subscriptions.Any ? InstrumentedHybridCache.Live.Snapshot().Select(static c => c.Decoration).Distinct() : [];

    // The meter lives as long as the process; without a provider that asked, it has nothing to say.
    private static IReadOnlyList<CacheDescriptor> Caches() => Subscriptions.Any ? CacheInstrumentation.LiveCaches() : [];

    // A tier or a memory cache of the application's own may throw: that must not cost the counts of the others.
    private static long? Count<T>(Func<T, long?> count, T counted)
    {
        try
        {
            return count(counted);
        }
        catch (Exception fault)
        {
            CallbackFaults.Report(nameof(TierDescriptor.EntryCount), fault);
            return null;
        }
    }
}
