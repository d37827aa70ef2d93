using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace CachetTests.Consumers;

/// <summary>Parts of Razor pages that ASP.NET Core's distributed cache tag helper keeps, on two nodes that share one server.</summary>
[TestFixture(Engine.DecoratedRedis)]
[TestFixture(Engine.Face)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class TagHelperTests(Engine engine) : WebFixture
{
    private readonly PriceList _list = new();

    [TestCase("/prices")]
    [TestCase("/offers")]
    public async Task Part_OfAPageOnEitherNode_IsMadeOnce(string page)
    {
        string[] shown = [await ShowAsync(A, page), await ShowAsync(A, page), await ShowAsync(B, page), await ShowAsync(B, page)];

        Assert.That(shown, Is.All.EqualTo("reading 1"));
        Assert.That(_list.Reads, Is.EqualTo(1));
    }

    [Test]
    public async Task Part_ThatTheServerDropped_IsMadeAgainForBothNodes()
    {
        await ShowAsync(A, "/offers");
        await ShowAsync(B, "/offers");

        await Redis.DropAsync(Redis.Single());

        Assert.That(new[] { await ShowAsync(B, "/offers"), await ShowAsync(A, "/offers") }, Is.All.EqualTo("reading 2"));
    }

    [Test]
    public async Task Part_SlidingWithNearlyAllOfItsLifeGone_GetsItsWholeBackByBeingShown()
    {
        TimeSpan life = TimeSpan.FromMinutes(10);
        await ShowAsync(A, "/offers");
        string key = Redis.Single();

        await Redis.AgeAsync(key);
        await ShowAsync(B, "/offers");

        Assert.That(await Redis.LeftAsync(key), Is.InRange(life / 2, life));
    }

    [Test]
    public async Task Part_Absolute_ShowsInTheTracesWhereItCameFrom()
    {
        foreach (WebNode node in new[] { A, A, B }) await ShowAsync(node, "/prices");

        Assert.That(Telemetry.TakeText(), Is.EqualTo(engine switch
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

    private async Task<string> ShowAsync(WebNode node, string page) => (await Browser.GetAsync(node, page)).Trim();

    private protected override Task<WebNode> StartAsync() => WebNode.StartAsync(
        services => services
            .AddEngine(engine, "views")
            .AddSingleton(_list)
            .AddRazorPages(static o => o.RootDirectory = "/Consumers/Pages")
            .AddApplicationPart(typeof(TagHelperTests).Assembly),
        static site => site.MapRazorPages());
}
