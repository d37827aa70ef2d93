using System.Text.RegularExpressions;

namespace CachetTests;

/// <summary>The QuickStart sample as a process, as a person who tries Cachet runs it.</summary>
public sealed partial class QuickStartTests
{
    private const string Trees = """
        step 1
        └─ cache.get_or_insert products loaded
        ├─ cache.tier get l1 miss
        ├─ cache.tier get l2 miss, fallback
        ├─ cache.load products
        ├─ cache.tier insert l1 inserted
        └─ cache.tier insert l2 inserted, fallback, 72 bytes
        step 2
        └─ cache.get_or_insert products hit, served by l1
        └─ cache.tier get l1 hit
        step 3
        └─ cache.get products hit, served by l2
        ├─ cache.tier get l1 expired
        ├─ cache.tier get l2 hit, fallback, 72 bytes
        └─ cache.tier insert l1 inserted
        step 4
        ├─ cache.get_or_insert products loaded
        │ ├─ cache.tier get l1 miss
        │ ├─ cache.tier get l2 miss, fallback
        │ ├─ cache.load products span #
        │ ├─ cache.tier insert l1 inserted
        │ └─ cache.tier insert l2 inserted, fallback, 70 bytes
        ├─ cache.get_or_insert products loaded, coalesced, → linked to cache.load #
        │ └─ cache.tier get l1 miss
        ├─ cache.get_or_insert products loaded, coalesced, → linked to cache.load #
        │ └─ cache.tier get l1 miss
        └─ … and 17 more like it
        step 5
        └─ cache.get_or_insert products loaded
        ├─ cache.tier get l1 expired
        ├─ cache.tier get l2 expired, fallback, 72 bytes
        ├─ cache.load products
        ├─ cache.tier insert l1 inserted
        └─ cache.tier insert l2 inserted, fallback, 72 bytes
        step 6
        └─ cache.get_or_insert products loaded
        ├─ cache.tier get l1 expired
        ├─ cache.tier get l2 ERROR System.IO.IOException, fallback
        ├─ cache.load products
        ├─ cache.tier insert l1 inserted
        └─ cache.tier insert l2 ERROR System.IO.IOException, fallback
        """;

    private static readonly TimeSpan _stopTakes = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Run_NoSwitches_TellsTheWholeStoryWithNoServer()
    {
        (int code, IReadOnlyList<string> output, IReadOnlyList<string> error) = await QuickStart.RunAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.Zero);
            Assert.That(error, Is.Empty);
            Assert.That(TreesIn(output), Is.EqualTo(Trees));
            Assert.That(output, Has.One.Contains("Each of the 20 callers gets").And.One.Contains("Reads of the database: 1."));
        }
    }

    [Test]
    public async Task Run_Redis_TellsTheSameStory()
    {
        (int code, IReadOnlyList<string> output, IReadOnlyList<string> error) = await QuickStart.RunAsync("--redis", Server.Garnet.EndPoint);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.Zero);
            Assert.That(error, Is.Empty);
            Assert.That(TreesIn(output), Is.EqualTo(Trees));
        }
    }

    [Test]
    public async Task Run_RedisAndPrometheus_ServesTheStorysMetricsUntilStopped()
    {
        int port = FreePort.Next();
        await using ChildProcess quickStart = await QuickStart.ServeAsync(Server.Garnet, port);

        var scrape = Exposition.Parse(await QuickStart.ScrapeAsync(port));
        var again = Exposition.Parse(await QuickStart.ScrapeAsync(port));
        quickStart.Terminate();
        int code = await quickStart.ExitAsync(_stopTakes);

        QuickStartStory.Verify(scrape);
        QuickStartStory.Verify(again);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.Zero);
            Assert.That(quickStart.Error, Is.Empty);
            Assert.That(TreesIn(quickStart.Output), Is.EqualTo(Trees));
        }
    }

    [Test]
    public async Task Run_Console_AlsoPrintsWhatTheConsoleExporterMakesOfIt()
    {
        (int code, IReadOnlyList<string> output, IReadOnlyList<string> error) = await QuickStart.RunAsync("--console");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.Zero);
            Assert.That(error, Is.Empty);
            Assert.That(output, Has.Some.Contains("Activity.DisplayName:").And.Some.Contains("Metric Name: cache.tier.duration"));
        }
    }

    [Test]
    public async Task Run_Help_ExplainsEverySwitch()
    {
        (int code, IReadOnlyList<string> output, IReadOnlyList<string> error) = await QuickStart.RunAsync("--help");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.Zero);
            Assert.That(error, Is.Empty);
            foreach (string name in new[] { "--redis", "--otlp", "--prometheus", "--console", "--help" }) Assert.That(output, Has.Some.Contains(name));
        }
    }

    [TestCase("--nonsense")]
    [TestCase("nonsense")]
    [TestCase("--redis")]
    [TestCase("--redis", "no-port")]
    [TestCase("--prometheus", "http")]
    [TestCase("--prometheus", "70000")]
    [TestCase("--otlp", "not a url")]
    public async Task Run_BadSwitches_AreRefusedInOneLine(params string[] switches)
    {
        (int code, IReadOnlyList<string> output, IReadOnlyList<string> error) = await QuickStart.RunAsync(switches);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.EqualTo(2));
            Assert.That(output, Is.Empty);
            Assert.That(error, Has.Count.EqualTo(1));
            Assert.That(error, Has.None.Contains("   at "));
        }
    }

    [Test]
    public async Task Run_RedisOutOfReach_IsSaidInOneLine()
    {
        string endPoint = $"127.0.0.1:{FreePort.Next()}";

        (int code, IReadOnlyList<string> output, IReadOnlyList<string> error) = await QuickStart.RunAsync("--redis", endPoint);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.EqualTo(1));
            Assert.That(output, Is.Empty);
            Assert.That(error, Has.Count.EqualTo(1));
            Assert.That(error, Has.One.Contains(endPoint).And.None.Contains("   at "));
        }
    }

    [Test]
    public async Task Run_PortTaken_IsSaidInOneLine()
    {
        int port = FreePort.Next();
        await using ChildProcess first = await QuickStart.ServeAsync(Server.Garnet, port);

        (int code, _, IReadOnlyList<string> error) = await QuickStart.RunAsync("--prometheus", $"{port}");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.EqualTo(1));
            Assert.That(error, Has.Count.EqualTo(1));
            Assert.That(error, Has.None.Contains("   at "));
        }
    }

    /// <summary>The lines of all trees, without what differs from run to run: durations and ids.</summary>
    private static string TreesIn(IEnumerable<string> output) => string.Join('\n', output
        .Select(static line => Spaces().Replace(Id().Replace(Duration().Replace(line, " "), " #"), " ").Trim())
        .Where(static line => line.StartsWith("step ", StringComparison.Ordinal) || (line.Length > 0 && "├└│".Contains(line[0], StringComparison.Ordinal))));

    [GeneratedRegex(@" [0-9][0-9.,]* (ns|µs|ms|s)\b")]
    private static partial Regex Duration();

    [GeneratedRegex(@" [0-9a-f]{6}$")]
    private static partial Regex Id();

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}
