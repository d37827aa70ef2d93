using System.Text;
using Cachet;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace CachetTests;

/// <summary>What callbacks throw is found where users of the OpenTelemetry SDK look for troubles of instrumentations: in its self-diagnostics file.</summary>
[CancelAfter(60_000)]
public sealed class SelfDiagnosticsTests
{
    private static readonly string _folder = Path.Combine(Directory.GetCurrentDirectory(), "self-diagnostics");

    // Where the SDK looks for it, every ten seconds.
    private static readonly string _configuration = Path.Combine(Directory.GetCurrentDirectory(), "OTEL_DIAGNOSTICS.json");

    [TearDown]
    public void TearDown() => File.Delete(_configuration);

    [Test]
    public async Task Enrich_Throws_TheSdksFileNamesTheCallbackAndTheException()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        await File.WriteAllTextAsync(_configuration, $$"""{ "LogDirectory": "{{_folder}}", "FileSize": 1024, "LogLevel": "Error" }""");
        using TracerProvider provider = Sdk.CreateTracerProviderBuilder()
            .AddCachetInstrumentation(static o => o.Enrich = static (_, _) => throw new InsufficientExecutionStackException("s3cret"))
            .Build();
        await Poll.UntilAsync(
            static () => Task.FromResult(Directory.Exists(_folder) && Directory.GetFiles(_folder, "*.log").Length > 0),
            static () => $"The SDK wrote no file into {_folder}.");
        await using ICache<string, string> cache = Cache.Builder<string, string>("products").Memory().Build();

        await cache.InsertAsync("k", "v");

        string log = await ReadAsync(Directory.GetFiles(_folder, "*.log").Single());
        Assert.That(log, Does.Contain("The callback {0} threw {1}.").And.Contain("{Enrich}{System.InsufficientExecutionStackException}"));
        Assert.That(log, Does.Not.Contain("s3cret"));
    }

    private static async Task<string> ReadAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }
}
