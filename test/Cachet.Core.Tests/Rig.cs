using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>A cache of fake tiers, under a fake clock, with a recorder of its events.</summary>
internal sealed class Rig
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public Rig(int tiers = 2, bool synchronousPrimary = false, Action<CacheBuilder<string, string?>>? more = null)
    {
        Tiers = [.. Enumerable.Range(0, tiers).Select(i =>
            i == 0 && synchronousPrimary ? new FakeSynchronousCacheTier<string, string?>() : new FakeCacheTier<string, string?>())];
        CacheBuilder<string, string?> builder = Cachet.Cache.Builder<string, string?>("test").Clock(Clock).EventHandler(Events);
        foreach (FakeCacheTier<string, string?> tier in Tiers) builder.Tier(tier);
        more?.Invoke(builder);
        Cache = builder.Build();
    }

    public FakeTimeProvider Clock { get; } = new(Start);

    public CacheEventRecorder Events { get; } = new();

    public FakeCacheTier<string, string?>[] Tiers { get; }

    public FakeCacheTier<string, string?> L1 => Tiers[0];

    public FakeCacheTier<string, string?> L2 => Tiers[1];

    public ICache<string, string?> Cache { get; }

    public int Flights => ((TieredCache<string, string?>)Cache).Flights;

    /// <summary>What each tier holds under the key, or <c>-</c>.</summary>
    public string Contents(string key) =>
        string.Join(' ', Tiers.Select(t => t.Entries.TryGetValue(key, out CacheEntry<string?>? entry) ? entry.Value ?? "null" : "-"));
}
