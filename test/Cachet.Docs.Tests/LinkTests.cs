using System.Text.RegularExpressions;

namespace CachetTests;

/// <summary>Links within the documentation lead somewhere.</summary>
public partial class LinkTests
{
    private static readonly string[] _pages =
    [
        "docs/guide.md", "docs/semantics.md", "docs/configuration.md", "docs/telemetry.md", "docs/observability.md", "docs/adopt.md", "docs/conformance.md",
        "docs/parity.md", "docs/quality.md", "docs/performance.md", "docs/performance/hit-ratio.md", "README.md",
    ];

    [TestCaseSource(nameof(_pages))]
    public void Links_ToFilesAndHeadings_LeadSomewhere(string page)
    {
        IEnumerable<string> broken = Link().Matches(Repository.Read(page)).Select(static m => m.Groups["to"].Value)
            .Where(static to => !to.StartsWith("http", StringComparison.Ordinal))
            .Where(to => !Exists(page, to));

        Assert.That(broken, Is.Empty);
    }

    private static bool Exists(string page, string link)
    {
        string[] parts = link.Split('#', 2);
        string target = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, parts[0]);
        string path = Repository.PathOf(target);
        return (File.Exists(path) || Directory.Exists(path)) && (parts.Length == 1 || Headings(File.ReadAllText(path)).Contains(parts[1]));
    }

    // As GitHub makes anchors of headings.
    private static IEnumerable<string> Headings(string page) => Heading().Matches(page)
        .Select(static m => NotInAnchors().Replace(m.Groups["text"].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"(?<!!)\[[^\]]+\]\((?<to>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>[^\n]+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();
}
