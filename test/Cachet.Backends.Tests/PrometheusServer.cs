using System.Globalization;
using System.Net;
using System.Text.Json;

namespace CachetTests;

/// <summary>Prometheus, scraping one target on loopback, with configuration and data in a folder of its own that goes with it.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cachet-prometheus-");
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly int _port = FreePort.Next();
    private readonly int _target;
    private ChildProcess? _process;

    private PrometheusServer(int target) => _target = target;

    /// <summary>Starts one, and waits until it has stored a whole scrape of the target.</summary>
    /// <param name="target">The port on loopback that it is to scrape, once a second.</param>
    public static async Task<PrometheusServer> StartNewAsync(int target)
    {
        var server = new PrometheusServer(target);
        try
        {
            await server.StartAsync();
            return server;
        }
        catch (Exception)
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The value of each series that a query gives now, by one of its labels.</summary>
    public async Task<IReadOnlyDictionary<string, double>> QueryAsync(string query, string label)
    {
        using JsonDocument answer = JsonDocument.Parse(await GetAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}"));
        return answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().ToDictionary(
            series => series.GetProperty("metric").TryGetProperty(label, out JsonElement value) ? value.GetString()! : string.Empty,
            static series => Exposition.Number(series.GetProperty("value")[1].GetString()!));
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task StartAsync()
    {
        string configuration = Path.Combine(_folder.FullName, "prometheus.yml");
        await File.WriteAllTextAsync(configuration, $"""
            global:
              scrape_interval: 1s
              scrape_timeout: 1s
            scrape_configs:
              - job_name: quickstart
                static_configs:
                  - targets: ['127.0.0.1:{_target.ToString(CultureInfo.InvariantCulture)}']

            """);
        _process = ChildProcess.Start("prometheus",
        [
            $"--config.file={configuration}",
            $"--storage.tsdb.path={Path.Combine(_folder.FullName, "data")}",
            $"--web.listen-address=127.0.0.1:{_port}",
            "--log.level=warn",
        ]);

        // Targets appear some seconds after it is ready; what it was to scrape is there once a whole scrape was stored.
        await Poll.UntilAsync(HasScrapedAsync, () => $"Prometheus stored no scrape of the target. {_process}", tries: 600);
    }

    private async Task<bool> HasScrapedAsync()
    {
        if (_process!.HasExited) throw new InvalidOperationException($"Prometheus ended. {_process}");
        try
        {
            IReadOnlyDictionary<string, double> up = await QueryAsync("""up{job="quickstart"} and on (job) scrape_samples_scraped > 0""", "job");
            return up.GetValueOrDefault("quickstart") == 1;
        }
        catch (HttpRequestException error) when (error.StatusCode is null or HttpStatusCode.ServiceUnavailable)
        {
            return false; // It does not listen yet, or is not ready.
        }
    }

    private Task<string> GetAsync(string path) => _http.GetStringAsync(new Uri($"http://127.0.0.1:{_port}{path}"));
}
