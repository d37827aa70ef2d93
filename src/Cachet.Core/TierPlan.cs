namespace Cachet;

/// <summary>A tier as the builder was asked for it; Build makes it.</summary>
/// <param name="Options">Its options, checked at Build.</param>
/// <param name="Policy">Its insert policy, asked at Build.</param>
/// <param name="Create">Makes the tier.</param>
/// <param name="Kind">What sort of tier it is.</param>
internal sealed record TierPlan<TKey, TValue>(
    ITierOptions Options, Func<InsertPolicy<TKey, TValue>> Policy, Func<TierSite, ICacheTier<TKey, TValue>> Create, TierKind Kind)
    where TKey : notnull
{
    public TierPlan(TierOptions<TKey, TValue> options, Func<TierSite, ICacheTier<TKey, TValue>> create, TierKind kind)
        : this(options, () => options.InsertPolicy, create, kind)
    {
    }

    /// <summary>Whether the tier stands behind a boundary, whose codec is not Cachet's own and may throw.</summary>
    public bool IsTransformed { get; init; }

    /// <summary>Whether a call leaves the process.</summary>
    public bool IsRemote => Options.Remote ?? Kind == TierKind.Distributed;

    /// <summary>Whether other machines, with clocks of their own, may store into the tier.</summary>
    public bool IsShared => IsRemote || Kind == TierKind.Distributed;

    /// <summary>Whether Cachet makes the tier, and so disposes of it.</summary>
    public bool IsOwn => Kind != TierKind.Custom;

    public TimeSpan DefaultTimeToLive(bool inFrontOfRemote) => Kind switch
    {
        TierKind.Distributed => TimeSpan.FromMinutes(5),
        TierKind.Memory or TierKind.MemoryCache when inFrontOfRemote => TimeSpan.FromMinutes(1),
        _ => Timeout.InfiniteTimeSpan,
    };
}

internal enum TierKind
{
    Custom,
    Memory,
    MemoryCache,
    Distributed,
}

/// <summary>Where a tier is made: what messages call it, and what it runs on.</summary>
/// <param name="Cache">The cache's name.</param>
/// <param name="Tier">The tier's name.</param>
/// <param name="Time">The cache's clock.</param>
/// <param name="Services">The container that builds the cache, if one does.</param>
internal sealed record TierSite(string Cache, string Tier, TimeProvider Time, IServiceProvider? Services)
{
    /// <summary>The cache is called after its types only: another may have the same name.</summary>
    public bool IsUnnamed { get; init; }

    /// <summary>How messages name the tier.</summary>
    public override string ToString() => $"Tier '{Tier}' of cache '{Cache}'";
}
