using System.Globalization;
using Cachet;

namespace CachetTests.Model;

/// <summary>What sort of tier the primary is.</summary>
internal enum Primary
{
    Asynchronous,
    Synchronous,

    /// <summary>As Cachet's own memory: never fails, and is probed without a guard.</summary>
    Memory,
}

/// <summary>Which entries a tier takes. Never and a predicate that is always false differ in what a refused insert leaves behind.</summary>
internal enum Policy
{
    Always,
    Never,
    NoInserts,
    NoLoads,
    NoPromotions,
    Nothing,
}

/// <summary>One tier of a cache to check. Lives in seconds, −1 for infinite.</summary>
internal sealed record TierSetup(int? TimeToLive, int? TimeToRefresh, Policy Policy, bool Remote, bool Bare, bool Slow)
{
    public bool Accepts(InsertSource source) => Policy switch
    {
        Policy.Always => true,
        Policy.NoInserts => source != InsertSource.Direct,
        Policy.NoLoads => source != InsertSource.Load,
        Policy.NoPromotions => source != InsertSource.Promotion,
        _ => false,
    };

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"ttl {TimeToLive}, refresh {TimeToRefresh}, {Policy}")
        + (Remote ? ", remote" : "") + (Bare ? ", bare" : "") + (Slow ? ", slow" : "");
}

/// <summary>A cache to check: the model and the real one are built from it.</summary>
internal sealed record CacheSetup(TierSetup[] Tiers, Primary Primary, bool Protected, bool Throws, bool Observed)
{
    /// <summary>The life of a copy in a tier that has not its own: seconds, −1 for infinite.</summary>
    public int TimeToLive(int tier) =>
        Tiers[tier].TimeToLive ?? (tier == 0 && Primary == Primary.Memory && Tiers.Skip(1).Any(static t => t.Remote) ? 60 : -1);

    public override string ToString() =>
        $"{Primary} primary" + (Protected ? ", protected" : "") + (Throws ? ", throws" : "") + (Observed ? "" : ", not observed")
        + string.Concat(Tiers.Select(static (t, i) => $"\n  l{i + 1}: {t}"));
}
