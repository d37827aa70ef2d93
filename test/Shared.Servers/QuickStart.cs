using System.Net.Http.Headers;

namespace CachetTests;

/// <summary>The QuickStart sample, run as a person runs it.</summary>
internal static class QuickStart
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    public static ChildProcess Start(params string[] arguments) =>
        ChildProcess.Start("dotnet", [Repository.Sample("Cachet.QuickStart"), .. arguments]);

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, IReadOnlyList<string> Output, IReadOnlyList<string> Error)> RunAsync(params string[] arguments)
    {
        await using ChildProcess process = Start(arguments);
        int code = await process.ExitAsync(_limit);
        return (code, process.Output, process.Error);
    }

    /// <summary>Starts it over a Redis, and waits until the story is over and its metrics are served.</summary>
    public static async Task<ChildProcess> ServeAsync(RedisServer redis, int prometheusPort)
    {
        ChildProcess process = Start("--redis", redis.EndPoint, "--prometheus", $"{prometheusPort}");
        try
        {
            await process.LineAsync(line => line.StartsWith($"Serving http://127.0.0.1:{prometheusPort}/metrics until stopped", StringComparison.Ordinal), _limit);
            return process;
        }
        catch (Exception)
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Scrapes it as Prometheus does that asks for the text format.</summary>
    public static async Task<string> ScrapeAsync(int prometheusPort)
    {
        using var client = new HttpClient { Timeout = _limit };
        client.DefaultRequestHeaders.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("text/plain;version=0.0.4"));
        return await client.GetStringAsync(new Uri($"http://127.0.0.1:{prometheusPort}/metrics"));
    }
}
