using System.Diagnostics;
using OpenTelemetry.Metrics;

namespace Cachet.QuickStart;

/// <summary>Has the story told, and shows after each step what OpenTelemetry saw of it.</summary>
internal static class Presentation
{
    public static async Task RunAsync(Settings settings, TextWriter output)
    {
        using StopSignal? stop = settings.PrometheusPort is null ? null : new();
        await using Store store = await Store.OpenAsync(settings.Redis);
        await RehearseAsync(store);

        // Cleared before any provider is there: it is no part of the story.
        await using var story = new Story(store.Cache);
        await story.PrepareAsync();
        using MeterProvider? scraped = settings.PrometheusPort is { } port ? Telemetry.Serve(port) : null;
        using (OtlpTrouble? trouble = settings.Otlp is null ? null : new())
        {
            using (var telemetry = new Telemetry(settings))
            {
                Introduce(store, output);
                await foreach (Step step in story.TellAsync()) Show(step, telemetry.SpansOf(step.Trace), settings, output);
                Head("The metrics of all steps", output);
                MetricTable.Draw(telemetry.Collect(), output);
                if (settings.Console) Head("The same spans and metrics, as OpenTelemetry's console exporter prints them", output);
            }

            if (trouble is not null) await ReportAsync(settings.Otlp!, trouble, output);
        }

        if (stop is null) return;
        await output.WriteLineAsync($"\nServing http://127.0.0.1:{settings.PrometheusPort}/metrics until stopped (Ctrl+C)");
        await stop.WaitAsync();
    }

    /// <summary>Once through everything for nobody to see; else the first step would show how long the just-in-time compiler takes.</summary>
    private static async Task RehearseAsync(Store store)
    {
        using var telemetry = new Telemetry(new());
        await using var story = new Story(store.Cache);
        await story.PrepareAsync();
        await foreach (Step step in story.TellAsync()) Show(step, telemetry.SpansOf(step.Trace), new(), TextWriter.Null);
    }

    private static void Introduce(Store store, TextWriter output) => output.WriteLine(
        $"""
        Cachet quick start: a cache named "products" with two tiers.

          l1   memory, an entry lives for 1 minute
          l2   {store.Description}, an entry lives for 10 minutes

        Behind them is a made-up database; reading it takes {ProductDatabase.Delay.TotalMilliseconds} ms. Where the story says that time passes,
        the cache's clock is moved on instead of waiting. All durations are real; the story was rehearsed once,
        unseen, so that they do not include the just-in-time compiler.

        Below each step is its trace, as OpenTelemetry collected it. A line is a span: its name, how long it took, what it came to.
        The first is the sample's own, where an application would have, say, the span of a web request.
        """);

    private static void Show(Step step, IReadOnlyList<Activity> spans, Settings settings, TextWriter output)
    {
        Head($"{step.Number}. {step.Title}", output);
        TraceTree.Draw(spans, output);
        output.WriteLine();
        output.WriteLine($"  {step.Ending}");
        if (settings.Otlp is not null) output.WriteLine($"  Its trace id in your backend: {step.Trace}");
    }

    private static void Head(string title, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine(title);
        output.WriteLine();
    }

    private static async Task ReportAsync(Uri url, OtlpTrouble trouble, TextWriter output)
    {
        if (trouble.Any) await Console.Error.WriteLineAsync($"quickstart: warning: the collector at {url} did not take everything. Is it running?");
        else await output.WriteLineAsync($"\nTraces and metrics were sent to {url}");
    }
}
