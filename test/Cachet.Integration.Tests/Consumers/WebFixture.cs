namespace CachetTests.Consumers;

/// <summary>Two nodes of a web application that share one server, a browser, and what they emit.</summary>
[CancelAfter(90_000)]
public abstract class WebFixture
{
    private protected Browser Browser { get; private set; } = null!;

    private protected RedisKeys Redis { get; private set; } = null!;

    private protected Telemetry Telemetry { get; private set; } = null!;

    private protected WebNode A { get; private set; } = null!;

    private protected WebNode B { get; private set; } = null!;

    [SetUp]
    public async Task BeginAsync()
    {
        Telemetry = new();
        Browser = new();
        Redis = await RedisKeys.OpenAsync();
        A = await StartAsync();
        B = await StartAsync();
    }

    [TearDown]
    public async Task EndAsync()
    {
        await A.DisposeAsync();
        await B.DisposeAsync();
        await Redis.DisposeAsync();
        Browser.Dispose();
        Telemetry.Dispose();
    }

    /// <summary>Starts a node.</summary>
    private protected abstract Task<WebNode> StartAsync();
}
