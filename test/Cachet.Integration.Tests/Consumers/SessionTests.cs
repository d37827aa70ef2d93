namespace CachetTests.Consumers;

/// <summary>ASP.NET Core's sessions on two nodes that share one server.</summary>
[TestFixture(Engine.DecoratedRedis)]
[TestFixture(Engine.Face)]
[CancelAfter(90_000)]
public sealed class SessionTests(Engine engine)
{
    private Browser _browser = null!;
    private RedisKeys _redis = null!;
    private Telemetry _telemetry = null!;
    private WebNode _a = null!;
    private WebNode _b = null!;

    [SetUp]
    public async Task BeginAsync()
    {
        _telemetry = new();
        _browser = new();
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
        _browser.Dispose();
        _telemetry.Dispose();
    }

    [Test]
    public async Task Read_OnEitherNode_GivesWhatWasWrittenOnOne([Values("/sync", "/async")] string read, [Values("/sync/ann", "/async/ann")] string write)
    {
        string before = await _browser.GetAsync(_a, read);
        await _browser.GetAsync(_a, write);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(before, Is.EqualTo("nobody"));
            Assert.That(await _browser.GetAsync(_a, read), Is.EqualTo("ann"));
            Assert.That(await _browser.GetAsync(_b, read), Is.EqualTo("ann"));
        }
    }

    [Test]
    public async Task Read_ByAnotherBrowser_GivesNothingOfTheFirst()
    {
        using var other = new Browser();
        await _browser.GetAsync(_a, "/sync/ann");

        await other.GetAsync(_b, "/sync/bob");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _browser.GetAsync(_a, "/sync"), Is.EqualTo("ann"));
            Assert.That(await other.GetAsync(_a, "/sync"), Is.EqualTo("bob"));
        }
    }

    [Test]
    public async Task Write_OnTheSecondNode_IsWhatTheFirstReadsNext([Values("/sync", "/async")] string read)
    {
        await _browser.GetAsync(_a, "/async/ann");
        await _browser.GetAsync(_a, read); // Once more than needed: a copy on this node would be warm.
        await _browser.GetAsync(_b, read);

        await _browser.GetAsync(_b, "/async/bob");
        string onFirst = await _browser.GetAsync(_a, read);
        await _browser.GetAsync(_a, "/async/cleo");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(onFirst, Is.EqualTo("bob"));
            Assert.That(await _browser.GetAsync(_b, read), Is.EqualTo("cleo"));
        }
    }

    [TestCase("/sync")]
    [TestCase("/async")]
    [TestCase("/untouched")]
    [TestCase("/async/bob")]
    public async Task Request_WithNearlyAllOfTheIdleTimeGone_BringsItBackToItsWhole(string path)
    {
        await _browser.GetAsync(_a, "/async/ann");
        string key = _redis.Single();
        TimeSpan atFirst = await _redis.LeftAsync(key);

        await _redis.AgeAsync(key);
        TimeSpan aged = await _redis.LeftAsync(key);
        await _browser.GetAsync(_b, path);
        TimeSpan renewed = await _redis.LeftAsync(key);

        // The server counts in whole seconds, and a slow machine may let some pass.
        using (Assert.EnterMultipleScope())
        {
            Assert.That(atFirst, Is.InRange(SessionSite.IdleTimeout / 2, SessionSite.IdleTimeout));
            Assert.That(aged, Is.LessThanOrEqualTo(TimeSpan.FromMinutes(1)));
            Assert.That(renewed, Is.InRange(SessionSite.IdleTimeout / 2, SessionSite.IdleTimeout));
        }
    }

    [Test]
    public async Task Read_IdleTimeIsOver_GivesNothingOnAnyNode()
    {
        await _browser.GetAsync(_a, "/async/ann");
        await _browser.GetAsync(_b, "/sync");

        await _redis.DropAsync(_redis.Single());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _browser.GetAsync(_a, "/sync"), Is.EqualTo("nobody"));
            Assert.That(await _browser.GetAsync(_b, "/async"), Is.EqualTo("nobody"));
        }
    }

    [TestCase("/sync")]
    [TestCase("/async")]
    public async Task Request_InItsTrace_ShowsWhatBecameOfTheSession(string read)
    {
        await _browser.GetAsync(_a, "/async/ann");
        string written = _telemetry.TakeText();
        await _browser.GetAsync(_b, read);
        string readAgain = _telemetry.TakeText();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(written, Is.EqualTo(Writing));
            Assert.That(readAgain, Is.EqualTo($"GET {read}\n{Reading}"));
        }
    }

    [Test]
    public void Page_ForAdopters_ShowsSuchATrace() => Assert.That(AdoptionPage.Text, Does.Contain($"\nGET /basket\n{Reading}\n```"));

    // The session is looked for and, once written, its life is begun anew when the request ends.
    private string Writing => engine switch
    {
        Engine.DecoratedRedis => """
            GET /async/ann
              cache.get sessions: miss
              cache.insert sessions: inserted
              cache.refresh sessions: refreshed
            """,
        _ => """
            GET /async/ann
              cache.get sessions: miss
                cache.tier get l1: miss; fallback=False
                cache.tier get l2: miss; fallback=True
              cache.insert sessions: inserted
                cache.tier insert l1: rejected; fallback=False
                cache.tier insert l2: inserted; fallback=True, entry.size=77
              cache.refresh sessions: refreshed
                cache.tier refresh l2: refreshed; fallback=True
            """,
    };

    private string Reading => engine switch
    {
        Engine.DecoratedRedis => """
              cache.get sessions: hit
              cache.refresh sessions: refreshed
            """,
        _ => """
              cache.get sessions: hit; tier.name=l2
                cache.tier get l1: miss; fallback=False
                cache.tier get l2: hit; fallback=True, entry.size=77
              cache.refresh sessions: refreshed
                cache.tier refresh l2: refreshed; fallback=True
            """,
    };

    private Task<WebNode> StartAsync() => SessionSite.StartAsync(services => services.AddEngine(engine, "sessions"));
}
