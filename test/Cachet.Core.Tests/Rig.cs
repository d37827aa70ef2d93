using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>A cache of fake tiers, under a fake clock, with a recorder of its events.</summary>
internal sealed class Rig
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public Rig(
        int tiers = 2,
        bool synchronousPrimary = false,
        Action<CacheBuilder<string, string?>>? more = null,
        Action<int, TierOptions<string, string?>>? options = null,
        bool observed = true)
    {
        Tiers = [.. Enumerable.Range(0, tiers).Select(i =>
            i == 0 && synchronousPrimary ? new FakeSynchronousCacheTier<string, string?>() : new FakeCacheTier<string, string?>())];
        CacheBuilder<string, string?> builder = Cachet.Cache.Builder<string, string?>("test").Clock(Clock);
        if (observed) builder.EventHandler(Events);
        for (int i = 0; i < tiers; i++)
        {
            int tier = i;
            builder.Tier(Tiers[tier], o => options?.Invoke(tier, o));
        }

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

    public int Refreshes => ((TieredCache<string, string?>)Cache).Refreshes;

    /// <summary>The n-th background refresh to complete.</summary>
    public Task<CacheOperationEvent> RefreshedAsync(int nth = 1) => Events.WaitForOperationAsync(static e => e.Operation == CacheOperation.Refresh, nth);

    /// <summary>Waits until no refresh is under way: its event comes a little before its end.</summary>
    public Task QuietAsync() => Holds.UntilAsync(() => Refreshes == 0);

    /// <summary>What each tier holds under the key, or <c>-</c>.</summary>
    public string Contents(string key) =>
        string.Join(' ', Tiers.Select(t => t.Entries.TryGetValue(key, out CacheEntry<string?>? entry) ? entry.Value ?? "null" : "-"));
}
