namespace CachetTests;

/// <summary>The one server that all tests of the assembly share, each with keys of its own. If it does not come up, they fail.</summary>
[SetUpFixture]
public sealed class Server
{
    private static GarnetServer? _garnet;

    internal static GarnetServer Garnet => _garnet ?? throw new InvalidOperationException("The server is not up.");

    [OneTimeSetUp]
    public async Task StartAsync() => _garnet = await GarnetServer.StartNewAsync();

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_garnet is not null) await _garnet.DisposeAsync();
    }
}
