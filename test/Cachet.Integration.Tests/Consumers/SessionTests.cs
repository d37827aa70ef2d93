namespace CachetTests.Consumers;

/// <summary>ASP.NET Core's sessions on two nodes that share one server.</summary>
[TestFixture(Engine.DecoratedRedis)]
[TestFixture(Engine.Face)]
public sealed class SessionTests(Engine engine) : WebFixture
{
    [Test]
    public async Task Read_OnEitherNode_GivesWhatWasWrittenOnOne([Values("/sync", "/async")] string read, [Values("/sync/ann", "/async/ann")] string write)
    {
        string before = await Browser.GetAsync(A, read);
        await Browser.GetAsync(A, write);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(before, Is.EqualTo("nobody"));
            Assert.That(await Browser.GetAsync(A, read), Is.EqualTo("ann"));
            Assert.That(await Browser.GetAsync(B, read), Is.EqualTo("ann"));
        }
    }

    [Test]
    public async Task Read_ByAnotherBrowser_GivesNothingOfTheFirst()
    {
        using var other = new Browser();
        await Browser.GetAsync(A, "/sync/ann");

        await other.GetAsync(B, "/sync/bob");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await Browser.GetAsync(A, "/sync"), Is.EqualTo("ann"));
            Assert.That(await other.GetAsync(A, "/sync"), Is.EqualTo("bob"));
        }
    }

    [Test]
    public async Task Write_OnTheSecondNode_IsWhatTheFirstReadsNext([Values("/sync", "/async")] string read)
    {
        await Browser.GetAsync(A, "/async/ann");
        await Browser.GetAsync(A, read); // Once more than needed: a copy on this node would be warm.
        await Browser.GetAsync(B, read);

        await Browser.GetAsync(B, "/async/bob");
        string onFirst = await Browser.GetAsync(A, read);
        await Browser.GetAsync(A, "/async/cleo");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(onFirst, Is.EqualTo("bob"));
            Assert.That(await Browser.GetAsync(B, read), Is.EqualTo("cleo"));
        }
    }

    [TestCase("/sync")]
    [TestCase("/async")]
    [TestCase("/untouched")]
    [TestCase("/async/bob")]
    public async Task Request_WithNearlyAllOfTheIdleTimeGone_BringsItBackToItsWhole(string path)
    {
        await Browser.GetAsync(A, "/async/ann");
        string key = Redis.Single();
        TimeSpan atFirst = await Redis.LeftAsync(key);

        await Redis.AgeAsync(key);
        TimeSpan aged = await Redis.LeftAsync(key);
        await Browser.GetAsync(B, path);
        TimeSpan renewed = await Redis.LeftAsync(key);

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
        await Browser.GetAsync(A, "/async/ann");
        await Browser.GetAsync(B, "/sync");

        await Redis.DropAsync(Redis.Single());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await Browser.GetAsync(A, "/sync"), Is.EqualTo("nobody"));
            Assert.That(await Browser.GetAsync(B, "/async"), Is.EqualTo("nobody"));
        }
    }

    [TestCase("/sync")]
    [TestCase("/async")]
    public async Task Request_InItsTrace_ShowsWhatBecameOfTheSession(string read)
    {
        await Browser.GetAsync(A, "/async/ann");
        string written = Telemetry.TakeText();
        await Browser.GetAsync(B, read);
        string readAgain = Telemetry.TakeText();

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

    private protected override Task<WebNode> StartAsync() => SessionSite.StartAsync(services => services.AddEngine(engine, "sessions"));
}
