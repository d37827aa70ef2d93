using System.Globalization;
using System.Net;
using System.Text.Json;

namespace CachetTests;

/// <summary>Prometheus, scraping one target on loopback, with configuration and data in a folder of its own that goes with it. It keeps exemplars.</summary>
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
    public async Task<IReadOnlyDictionary<string, double>> QueryAsync(string query, string label) => (await ResultAsync(query, at: null)).ToDictionary(
        series => series.GetProperty("metric").TryGetProperty(label, out JsonElement value) ? value.GetString()! : string.Empty, Value);

    /// <summary>The value of each series that a query gives, by the values of all its labels, in the order of their names.</summary>
    /// <param name="query">The query.</param>
    /// <param name="at">As of when, as <see cref="WhenAsync"/> gives it; <see langword="null"/> for now.</param>
    public async Task<IReadOnlyDictionary<string, double>> SeriesAsync(string query, string? at = null) =>
        (await ResultAsync(query, at)).ToDictionary(static series => string.Join(' ', Labels(series, "metric").Select(static l => l.Value)), Value);

    /// <summary>Waits until a query without labels gives a value.</summary>
    /// <returns>When it did, by the server's clock.</returns>
    public async Task<string> WhenAsync(string query, double value)
    {
        double last = double.NaN;
        return await Poll.ForAsync(
            async () =>
            {
                JsonElement[] series = await ResultAsync(query, at: null);
                if (series.Length == 1) last = Value(series[0]);
                return last == value ? series[0].GetProperty("value")[0].GetRawText() : null;
            },
            () => string.Create(CultureInfo.InvariantCulture, $"'{query}' is {last}, never {value}. {_process}"));
    }

    /// <summary>The exemplars of the series that a selector selects.</summary>
    /// <param name="selector">The selector.</param>
    /// <returns>Each with the labels of its series and its own.</returns>
    public async Task<IReadOnlyList<(IReadOnlyDictionary<string, string> Series, IReadOnlyDictionary<string, string> Own)>> ExemplarsAsync(string selector)
    {
        string from = DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        string to = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        JsonElement data = await DataAsync($"/api/v1/query_exemplars?query={Uri.EscapeDataString(selector)}&start={from}&end={to}");
        return
        [
            .. from series in data.EnumerateArray()
               from exemplar in series.GetProperty("exemplars").EnumerateArray()
               select (Labels(series, "seriesLabels"), Labels(exemplar, "labels")),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private static double Value(JsonElement series) => Exposition.Number(series.GetProperty("value")[1].GetString()!);

    private static SortedDictionary<string, string> Labels(JsonElement of, string property) => new(
        of.GetProperty(property).EnumerateObject().ToDictionary(static l => l.Name, static l => l.Value.GetString()!), StringComparer.Ordinal);

    private async Task StartAsync()
    {
        string configuration = Path.Combine(_folder.FullName, "prometheus.yml");
        await File.WriteAllTextAsync(configuration, $"""
            global:
              scrape_interval: 1s
              scrape_timeout: 1s
            scrape_configs:
              - job_name: cachet
                static_configs:
                  - targets: ['127.0.0.1:{_target.ToString(CultureInfo.InvariantCulture)}']

            """);
        _process = ChildProcess.Start("prometheus",
        [
            $"--config.file={configuration}",
            $"--storage.tsdb.path={Path.Combine(_folder.FullName, "data")}",
            $"--web.listen-address=127.0.0.1:{_port}",
            "--enable-feature=exemplar-storage",
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
            IReadOnlyDictionary<string, double> up = await QueryAsync("""up{job="cachet"} and on (job) scrape_samples_scraped > 0""", "job");
            return up.GetValueOrDefault("cachet") == 1;
        }
        catch (HttpRequestException error) when (error.StatusCode is null or HttpStatusCode.ServiceUnavailable)
        {
            return false; // It does not listen yet, or is not ready.
        }
    }

    private async Task<JsonElement[]> ResultAsync(string query, string? at)
    {
        JsonElement data = await DataAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}{(at is null ? "" : $"&time={at}")}");
        return [.. data.GetProperty("result").EnumerateArray()];
    }

    private async Task<JsonElement> DataAsync(string path)
    {
        using HttpResponseMessage response = await _http.GetAsync(new Uri($"http://127.0.0.1:{_port}{path}"));
        string answer = await response.Content.ReadAsStringAsync();

        // What is wrong with a query stands in the answer to it.
        if (response.StatusCode == HttpStatusCode.BadRequest) throw new InvalidOperationException($"{path}: {answer}");
        response.EnsureSuccessStatusCode();
        using JsonDocument json = JsonDocument.Parse(answer);
        return json.RootElement.GetProperty("data").Clone();
    }
}
