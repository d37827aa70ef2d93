using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace CachetTests.Consumers;

/// <summary>Parts of Razor pages that ASP.NET Core's distributed cache tag helper keeps, on two nodes that share one server.</summary>
[TestFixture(Engine.DecoratedRedis)]
[TestFixture(Engine.Face)]
[CancelAfter(90_000)]
public sealed class TagHelperTests(Engine engine)
{
    private readonly Browser _browser = new();
    private PriceList _list = null!;
    private RedisKeys _redis = null!;
    private Telemetry _telemetry = null!;
    private WebNode _a = null!;
    private WebNode _b = null!;

    [SetUp]
    public async Task BeginAsync()
    {
        _telemetry = new();
        _list = new();
        _redis = await RedisKeys.OpenAsync();
        _a = await StartAsync();
        _b = await StartAsync();
    }

    [TearDown]
    public async Task EndAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
        await _redis.DisposeAsync();
        _telemetry.Dispose();
    }

    [OneTimeTearDown]
    public void Close() => _browser.Dispose();

    [TestCase("/prices")]
    [TestCase("/offers")]
    public async Task Part_OfAPageOnEitherNode_IsMadeOnce(string page)
    {
        string[] shown = [await ShowAsync(_a, page), await ShowAsync(_a, page), await ShowAsync(_b, page), await ShowAsync(_b, page)];

        Assert.That(shown, Is.All.EqualTo("reading 1"));
        Assert.That(_list.Reads, Is.EqualTo(1));
    }

    [Test]
    public async Task Part_ThatTheServerDropped_IsMadeAgainForBothNodes()
    {
        await ShowAsync(_a, "/offers");
        await ShowAsync(_b, "/offers");

        await _redis.DropAsync(_redis.Single());

        Assert.That(new[] { await ShowAsync(_b, "/offers"), await ShowAsync(_a, "/offers") }, Is.All.EqualTo("reading 2"));
    }

    [Test]
    public async Task Part_SlidingWithNearlyAllOfItsLifeGone_GetsItsWholeBackByBeingShown()
    {
        TimeSpan life = TimeSpan.FromMinutes(10);
        await ShowAsync(_a, "/offers");
        string key = _redis.Single();

        await _redis.AgeAsync(key);
        await ShowAsync(_b, "/offers");

        Assert.That(await _redis.LeftAsync(key), Is.InRange(life / 2, life));
    }

    [Test]
    public async Task Part_Absolute_ShowsInTheTracesWhereItCameFrom()
    {
        foreach (WebNode node in new[] { _a, _a, _b }) await ShowAsync(node, "/prices");

        Assert.That(_telemetry.TakeText(), Is.EqualTo(engine switch
        {
            Engine.DecoratedRedis => """
                GET /prices
                  cache.get views: miss
                  cache.insert views: inserted
                GET /prices
                  cache.get views: hit
                GET /prices
                  cache.get views: hit
                """,
            _ => """
                GET /prices
                  cache.get views: miss
                    cache.tier get l1: miss; fallback=False
                    cache.tier get l2: miss; fallback=True
                  cache.insert views: inserted
                    cache.tier insert l1: inserted; fallback=False
                    cache.tier insert l2: inserted; fallback=True, entry.size=90
                GET /prices
                  cache.get views: hit; tier.name=l1
                    cache.tier get l1: hit; fallback=False
                GET /prices
                  cache.get views: hit; tier.name=l2
                    cache.tier get l1: miss; fallback=False
                    cache.tier get l2: hit; fallback=True, entry.size=90
                    cache.tier insert l1: inserted; fallback=False
                """,
        }));
    }

    private async Task<string> ShowAsync(WebNode node, string page) => (await _browser.GetAsync(node, page)).Trim();

    private Task<WebNode> StartAsync() => WebNode.StartAsync(
        services => services
            .AddEngine(engine, "views")
            .AddSingleton(_list)
            .AddRazorPages(static o => o.RootDirectory = "/Consumers/Pages")
            .AddApplicationPart(typeof(TagHelperTests).Assembly),
        static site => site.MapRazorPages());
}
