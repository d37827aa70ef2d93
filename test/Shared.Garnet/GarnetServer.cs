namespace CachetTests;

/// <summary>Garnet, a server that speaks Redis's protocol, as the .NET tool of this repository: all that it needs is the SDK.</summary>
internal sealed class GarnetServer(int port) : RedisServer(port)
{
    private static readonly TimeSpan _restoreTakes = TimeSpan.FromMinutes(3);
    private static readonly Lazy<Task> _restored = new(static () => ChildProcess.RunAsync("dotnet", ["tool", "restore"], _restoreTakes));

    /// <summary>Starts one on a free port.</summary>
    public static async Task<GarnetServer> StartNewAsync()
    {
        await _restored.Value;
        var server = new GarnetServer(FreePort.Next());
        await server.StartAsync();
        return server;
    }

    // It runs as a child of `dotnet`: to be killed with it.
    protected override ChildProcess Launch() => ChildProcess.Start(
        "dotnet",
        ["tool", "run", "garnet-server", "--", "--bind", "127.0.0.1", "--port", $"{Port}", "--memory", "64m", "--index", "16m"]);
}
