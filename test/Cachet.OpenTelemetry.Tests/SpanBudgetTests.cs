using System.Diagnostics;
using Cachet;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace CachetTests;

/// <summary>How many spans an operation makes, as docs/observability.md tells it: a memory tier alone, or with one or two remote ones behind it.</summary>
[CancelAfter(30_000)]
public sealed class SpanBudgetTests
{
    private const string NotPossible = "–";

    private static readonly TimeSpan _refreshAfter = TimeSpan.FromSeconds(30);

    private readonly TickingClock _clock = new();
    private readonly CacheEventRecorder _events = new();
    private readonly List<Activity> _spans = [];
    private TracerProvider? _provider;

    [TearDown]
    public void TearDown() => _provider?.Dispose();

    [Test]
    public async Task Spans_OfEveryOperation_AreAsManyAsThePageSays()
    {
        (string What, Func<ICache<string, string>, FakeCacheTier<string, string>[], Task> Happens, int LeastTiers)[] rows =
        [
            ("a hit in the first tier", static (cache, _) => cache.GetAsync("k").AsTask(), 1),
            ("a hit in the last tier, and its promotion", PromoteAsync, 2),
            ("a get that misses", static (cache, _) => cache.GetAsync("unknown").AsTask(), 1),
            ("a `GetOrInsert` that loads", static (cache, _) => cache.GetOrInsertAsync("unknown", static (_, _) => new("v")).AsTask(), 1),
            ("a `GetOrInsert` that waits for another caller's load", (cache, _) => FollowAsync(cache), 1),
            ("an insert, an invalidate or a clear", static (cache, _) => cache.InvalidateAsync("k").AsTask(), 1),
            ("a background refresh from the second tier", RefreshAsync, 2),
            ("a background refresh that loads", (cache, _) => RefreshByLoadAsync(cache), 1),
        ];
        List<string> counted = [];
        foreach ((string what, Func<ICache<string, string>, FakeCacheTier<string, string>[], Task> happens, int least) in rows)
        {
            List<string> cells = [what];
            for (int tiers = 1; tiers <= 3; tiers++)
            {
                cells.Add(tiers < least
                    ? NotPossible
                    : $"{await CountAsync(tiers, local: true, happens)} ({await CountAsync(tiers, local: false, happens)})");
            }

            counted.Add(string.Join(" | ", cells));
        }

        string[] told = [.. ObservabilityPage.Table("| what happens | one tier |").Select(static r => string.Join(" | ", r))];
        Assert.That(told, Is.EqualTo(counted));
    }

    [TestCase(CacheOperation.Insert)]
    [TestCase(CacheOperation.Clear)]
    public async Task Spans_OfOtherWrites_AreAsManyAsOfAnInvalidate(CacheOperation operation)
    {
        int invalidate = await CountAsync(3, local: true, static (cache, _) => cache.InvalidateAsync("k").AsTask());

        int other = await CountAsync(
            3, local: true, (cache, _) => operation == CacheOperation.Clear ? cache.ClearAsync().AsTask() : cache.InsertAsync("k", "v").AsTask());

        Assert.That(other, Is.EqualTo(invalidate));
    }

    private static async Task PromoteAsync(ICache<string, string> cache, FakeCacheTier<string, string>[] remote)
    {
        remote[^1].Add("promoted", "v");
        await cache.GetAsync("promoted");
    }

    private async Task FollowAsync(ICache<string, string> cache)
    {
        var gate = new Gate();
        Task<string> leader = cache.GetOrInsertAsync("shared", async (_, token) =>
        {
            await gate.PassAsync(token);
            return "v";
        }).AsTask();
        await gate.Reached;
        Task<string> follower = cache.GetOrInsertAsync("shared", static (_, _) => throw new InvalidOperationException()).AsTask();
        gate.Open();
        await leader;
        await follower;
        Keep(static operation => operation.GetTagItem(TelemetryNames.Coalesced) is true);
    }

    private async Task RefreshAsync(ICache<string, string> cache, FakeCacheTier<string, string>[] remote)
    {
        _clock.Advance(_refreshAfter);
        remote[0].Entries["k"] = new("new", _clock.GetUtcNow());
        await cache.GetAsync("k");
        await RefreshedAsync(cache);
    }

    private async Task RefreshByLoadAsync(ICache<string, string> cache)
    {
        _clock.Advance(_refreshAfter);
        await cache.GetOrInsertAsync("k", static (_, _) => new("new"));
        await RefreshedAsync(cache);
    }

    private async Task RefreshedAsync(ICache<string, string> cache)
    {
        await _events.WaitForOperationAsync(
            static e => e.Operation == CacheOperation.Refresh, cancellationToken: TestContext.CurrentContext.CancellationToken);
        await cache.DisposeAsync(); // which waits for the end of the refresh's span
        Keep(static operation => operation.OperationName == TelemetryNames.RefreshSpan);
    }

    /// <summary>Forgets the spans of operations that are not meant.</summary>
    private void Keep(Func<Activity, bool> meant)
    {
        Activity operation = _spans.Single(meant);
        _spans.RemoveAll(s => s != operation && s.ParentSpanId != operation.SpanId);
    }

    private async Task<int> CountAsync(int tiers, bool local, Func<ICache<string, string>, FakeCacheTier<string, string>[], Task> happens)
    {
        _provider?.Dispose();
        _events.Clear();
        FakeCacheTier<string, string>[] remote = [.. Enumerable.Range(1, tiers - 1).Select(static _ => new FakeCacheTier<string, string>())];
        CacheBuilder<string, string> builder = Cache.Builder<string, string>("products")
            .Clock(_clock).EventHandler(_events).Memory(static o => o.TimeToRefresh = _refreshAfter);
        foreach (FakeCacheTier<string, string> tier in remote) builder = builder.Tier(tier, static o => o.Remote = true);
        await using ICache<string, string> cache = builder.Build();
        await cache.InsertAsync("k", "v");
        _provider = Sdk.CreateTracerProviderBuilder().AddCachetInstrumentation(o => o.LocalTierSpans = local).AddInMemoryExporter(_spans).Build();
        _spans.Clear();
        await happens(cache, remote);
        return _spans.Count;
    }
}
