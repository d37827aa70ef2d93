using System.Text.RegularExpressions;
using Cachet;
using CachetTests.Otlp;

namespace CachetTests;

/// <summary>What the console exporters make of a load that fails: that a person can read it.</summary>
public sealed partial class ConsoleTests
{
    private string _output = null!;

    [OneTimeSetUp]
    public async Task TellAsync()
    {
        TextWriter console = Console.Out;
        await using var output = new StringWriter();
        Console.SetOut(TextWriter.Synchronized(output));
        try
        {
            await using ObservedShop shop = await ObservedShop.OpenAsync(Exporters.Console);
            Assert.That(
                async () => await shop.Products.GetOrInsertAsync("p1", static (_, _) => throw new TimeoutException()),
                Throws.InstanceOf<TimeoutException>());
        }
        finally
        {
            Console.SetOut(console);
        }

        _output = WithNamesForIds(output.ToString());
    }

    [Test]
    public void Spans_AreShownWithNameParentStatusAndAttributes() => Assert.That(Blocks("Activity.TraceId", SpanLine()), Is.EqualTo("""
        Activity.ParentSpanId:       cache.get_or_insert products
        Activity.DisplayName:        cache.tier get l1
            cache.name: products
            cache.tier.name: l1
            cache.tier.operation: get
            cache.fallback: false
            cache.outcome: miss

        Activity.ParentSpanId:       cache.get_or_insert products
        Activity.DisplayName:        cache.tier get l2
            cache.name: products
            cache.tier.name: l2
            cache.tier.operation: get
            cache.fallback: true
            cache.outcome: miss

        Activity.ParentSpanId:       cache.get_or_insert products
        Activity.DisplayName:        cache.load products
            cache.name: products
            error.type: System.TimeoutException
        StatusCode: Error

        Activity.DisplayName:        cache.get_or_insert products
            cache.name: products
            cache.operation: get_or_insert
            cache.outcome: error
            error.type: System.TimeoutException
        StatusCode: Error
        """));

    [Test]
    public void Logs_AreShownWithTextNameAndSpan() => Assert.That(Blocks("LogRecord.Timestamp", LogLine()), Is.EqualTo("""
        LogRecord.SpanId:                  cache.tier get l1
        LogRecord.Severity:                Debug
        LogRecord.Body:                    cache.miss products/l1 get in …
        LogRecord.EventName:               cache.miss

        LogRecord.SpanId:                  cache.tier get l2
        LogRecord.Severity:                Debug
        LogRecord.Body:                    cache.miss products/l2 get in …
        LogRecord.EventName:               cache.miss

        LogRecord.SpanId:                  cache.load products
        LogRecord.Severity:                Error
        LogRecord.Body:                    cache.load_error products in …: System.TimeoutException
        LogRecord.EventName:               cache.load_error

        LogRecord.SpanId:                  cache.get_or_insert products
        LogRecord.Severity:                Debug
        LogRecord.Body:                    cache.get_or_insert products error in …: System.TimeoutException
        LogRecord.EventName:               cache.get_or_insert
        """));

    [TestCase(TelemetryNames.OperationDuration, "cache.operation: get_or_insert cache.outcome: error error.type: System.TimeoutException")]
    [TestCase(TelemetryNames.TierDuration, "cache.outcome: miss cache.tier.name: l1 cache.tier.operation: get")]
    [TestCase(TelemetryNames.LoadDuration, "cache.outcome: error error.type: System.TimeoutException")]
    public void Metrics_AreShownWithUnitDescriptionAndPoints(string name, string point)
    {
        string shown = _output[_output.IndexOf($"Metric Name: {name}, Description: Duration of ", StringComparison.Ordinal)..];

        Assert.That(shown.Split('\n')[0], Does.EndWith(", Unit: s, Metric Type: Histogram"));
        Assert.That(shown, Does.Contain(point));
    }

    /// <summary>Puts the names of spans in place of their ids, and dots in place of what was measured.</summary>
    private static string WithNamesForIds(string output)
    {
        foreach (Match span in SpanIdAndName().Matches(output))
        {
            output = output.Replace(span.Groups[1].Value, span.Groups[2].Value, StringComparison.Ordinal);
        }

        return Measured().Replace(output, "in …");
    }

    /// <summary>The lines that matter of the paragraphs that begin with a text and tell of Cachet.</summary>
    private string Blocks(string beginning, Regex thatMatter) => string.Join("\n\n", _output
        .Split("\n\n")
        .Where(block => block.StartsWith(beginning, StringComparison.Ordinal) && block.Contains("    Name: Cachet", StringComparison.Ordinal))
        .Select(block => string.Join('\n', block.Split('\n').Where(line => thatMatter.IsMatch(line)))));

    [GeneratedRegex(@"Activity\.SpanId: +(\w{16})\n(?:Activity\..*\n)*?Activity\.DisplayName: +(.+)")]
    private static partial Regex SpanIdAndName();

    [GeneratedRegex(@"in [\d.]+ (ns|us|ms|s)\b")]
    private static partial Regex Measured();

    [GeneratedRegex(@"^(Activity\.(DisplayName|ParentSpanId):|StatusCode|    (cache|error)\.)")]
    private static partial Regex SpanLine();

    [GeneratedRegex(@"^LogRecord\.(SpanId|Severity|Body|EventName):")]
    private static partial Regex LogLine();
}
