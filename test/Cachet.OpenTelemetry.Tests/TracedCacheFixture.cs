using Cachet;

namespace CachetTests;

/// <summary>A cache of two fake tiers, the first of them synchronous, whose spans are recorded; made anew for each test.</summary>
public abstract class TracedCacheFixture
{
    private protected TickingClock Clock { get; } = new();

    private protected TraceRecorder Trace { get; private set; } = null!;

    private protected FakeSynchronousCacheTier<string, string> L1 { get; private set; } = null!;

    private protected FakeCacheTier<string, string> L2 { get; private set; } = null!;

    private protected ICache<string, string> Products { get; private set; } = null!;

    [SetUp]
    public void SetUp()
    {
        Trace = new();
        L1 = new();
        L2 = new();
        Products = Build();
    }

    [TearDown]
    public async Task TearDown()
    {
        await Products.DisposeAsync();
        Trace.Dispose();
    }

    private protected ICache<string, string> Build(
        Func<CacheBuilder<string, string>, CacheBuilder<string, string>>? configure = null, Action<TierOptions<string, string>>? l1 = null)
    {
        CacheBuilder<string, string> builder = Cache.Builder<string, string>("products").Clock(Clock).Tier(L1, l1).Tier(L2);
        return (configure?.Invoke(builder) ?? builder).Build();
    }
}
