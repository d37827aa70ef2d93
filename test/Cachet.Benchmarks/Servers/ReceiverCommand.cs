using System.Net;
using CachetTests;

namespace CachetBenchmarks;

/// <summary>Receives OTLP over HTTP, in this process, counts it, and throws it away.</summary>
internal static class ReceiverCommand
{
    public const string Name = "otlp-receiver";
    public const string Traces = "v1/traces";
    public const string Metrics = "v1/metrics";
    public const string Counts = "counts";

    private const string Ready = "ready";

    private static readonly TimeSpan _startTakes = TimeSpan.FromSeconds(30);

    public static Uri Address(int port, string path) => new($"http://127.0.0.1:{port}/{path}");

    /// <summary>Starts one as a process of its own.</summary>
    public static async Task<ChildProcess> StartAsync(int port)
    {
        ChildProcess receiver = ChildProcess.Start("dotnet", [typeof(ReceiverCommand).Assembly.Location, Name, $"{port}"]);
        await receiver.LineAsync(static l => l == Ready, _startTakes);
        return receiver;
    }

    public static async Task<int> RunAsync(int port)
    {
        using var listener = new HttpListener();
        listener.Prefixes.Add($"{Address(port, string.Empty)}");
        listener.Start();
        Console.WriteLine(Ready);
        var received = new Received(0, 0, 0, 0);
        using var body = new MemoryStream();
        while (true)
        {
            HttpListenerContext context = await listener.GetContextAsync();
            body.SetLength(0);
            await context.Request.InputStream.CopyToAsync(body);
            HttpListenerResponse response = context.Response;
            switch (context.Request.Url!.AbsolutePath[1..])
            {
                case Traces:
                    received = received.WithTraces(body.GetBuffer().AsSpan(0, (int)body.Length));
                    break;
                case Metrics:
                    received = received.WithMetrics(body.Length);
                    break;
                case Counts:
                    await received.WriteAsync(response.OutputStream);
                    break;
                default:
                    response.StatusCode = (int)HttpStatusCode.NotFound;
                    break;
            }

            response.Close(); // Disposing of it would cut the connection.
        }
    }
}
