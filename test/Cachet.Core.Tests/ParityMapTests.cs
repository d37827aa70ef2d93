using System.Reflection;
using System.Text.RegularExpressions;

namespace CachetTests;

/// <summary>The map of parity (<c>docs/parity.md</c>) names tests for every behaviour, and tests that exist.</summary>
public partial class ParityMapTests
{
    private const int FewestRows = 150;

    private static readonly string _root = Root();

    [Test]
    public void Rows_Each_NameATest() =>
        Assert.That(Rows().Where(static row => !Tests(row).Any()), Is.Empty);

    [Test]
    public void Rows_Each_NameTestsThatExist() =>
        Assert.That(Rows().SelectMany(Tests).Distinct().Where(static test => !IsHere(test) && !IsElsewhere(test)), Is.Empty);

    [Test]
    public void Rows_OfThePage_AreAllFound() =>
        Assert.That(Rows().Count(), Is.GreaterThanOrEqualTo(FewestRows));

    /// <summary>The rows of all tables, without their heads.</summary>
    private static IEnumerable<string> Rows()
    {
        string[] lines = File.ReadAllLines(Path.Combine(_root, "docs", "parity.md"));
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith('|') || lines[i].StartsWith("|--", StringComparison.Ordinal)) continue;
            if (i + 1 < lines.Length && lines[i + 1].StartsWith("|--", StringComparison.Ordinal)) continue;
            yield return lines[i];
        }
    }

    /// <summary>What the last cell of a row names.</summary>
    private static IEnumerable<(string Fixture, string Method)> Tests(string row) =>
        TestName.Matches(row[row.TrimEnd('|', ' ').LastIndexOf('|')..]).Select(static m => (m.Groups[1].Value, m.Groups[2].Value));

    private static bool IsHere((string Fixture, string Method) test) => typeof(ParityMapTests).Assembly.GetTypes()
        .Where(type => type.Name == test.Fixture)
        .SelectMany(static type => type.GetMethods())
        .Any(method => method.Name == test.Method && method.GetCustomAttributes().Any(static a => a is TestAttribute or TestCaseAttribute or TestCaseSourceAttribute));

    /// <summary>In another project's sources: this one cannot refer to them all.</summary>
    private static bool IsElsewhere((string Fixture, string Method) test) =>
        Directory.EnumerateFiles(Path.Combine(_root, "test"), $"{test.Fixture}.cs", SearchOption.AllDirectories)
            .Select(File.ReadAllText)
            .Any(source => Regex.IsMatch(source, $@"\]\s+public (async Task|Task|void) {test.Method}\(")); // Behind an attribute.

    private static string Root()
    {
        string? folder = TestContext.CurrentContext.TestDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Cachet.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }

    [GeneratedRegex(@"`(\w+)\.(\w+)`")]
    private static partial Regex TestName { get; }
}
