using System.Text.RegularExpressions;

namespace CachetTests;

/// <summary>The files that docs/observability.md shows are what the programs that read them understand.</summary>
public sealed partial class PageFileTests
{
    private static readonly IReadOnlyDictionary<string, string> _files = Shown().Matches(ObservabilityPage.Text)
        .ToDictionary(static m => m.Groups["name"].Value, static m => m.Groups["text"].Value);

    [Test]
    public void Files_OfThePage_AreThoseThatComposeMounts() => Assert.That(
        Mounted().Matches(_files["compose.yaml"]).Select(static m => m.Groups["name"].Value).Append("compose.yaml"), Is.EquivalentTo(_files.Keys));

    [Test]
    public async Task Promtool_CheckConfigAndItsRules_FindsTwoRulesAndNoFault()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cachet-page-");
        try
        {
            foreach ((string name, string text) in _files) await File.WriteAllTextAsync(Path.Combine(folder.FullName, name), text);

            await using ChildProcess promtool = ChildProcess.Start("promtool", ["check", "config", Path.Combine(folder.FullName, "prometheus.yml")]);
            int code = await promtool.ExitAsync(TimeSpan.FromSeconds(30));

            Assert.That(code, Is.Zero, promtool.ToString());
            Assert.That(promtool.Output, Has.Some.Contain("2 rules found"));
            Assert.That(promtool.Error, Is.Empty);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestCase("tier-error-ratio")]
    [TestCase("refresh-error-ratio")]
    public void Rules_OfThePage_AreItsQueriesWithALimit(string query) => Assert.That(
        Spaced(_files["cachet.rules.yml"]), Does.Contain($"{Spaced(PageQuery.All.Single(q => q.Name == query).Text)} > "));

    private static string Spaced(string text) => Space().Replace(text.Trim(), " ");

    [GeneratedRegex(@"^<!-- file: (?<name>[a-z.]+) -->\n```yaml\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Shown();

    [GeneratedRegex(@"""\./(?<name>[a-z.]+):")]
    private static partial Regex Mounted();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
