using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace CachetTests.Consumers;

/// <summary>Parts of Razor pages that ASP.NET Core's distributed cache tag helper keeps, on two nodes that share one server.</summary>
[TestFixture(Engine.DecoratedRedis)]
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
    public async Task Page_OnEitherNode_IsMadeOnce(string page)
    {
        string[] shown = [await ShowAsync(_a, page), await ShowAsync(_a, page), await ShowAsync(_b, page), await ShowAsync(_b, page)];

        Assert.That(shown, Is.All.EqualTo("reading 1"));
        Assert.That(_list.Reads, Is.EqualTo(1));
        Console.WriteLine(_telemetry.TakeText());
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
