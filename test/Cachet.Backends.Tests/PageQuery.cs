using System.Text.RegularExpressions;

namespace CachetTests;

/// <summary>A block of PromQL in a page, by the name in the comment in front of it.</summary>
internal sealed partial record PageQuery(string Name, string Text)
{
    private static readonly string[] _pages = ["README.md", "docs/observability.md"];

    /// <summary>The queries of all pages that show some.</summary>
    public static IReadOnlyList<PageQuery> All { get; } = [.. _pages.SelectMany(static p => Of(Read(p)))];

    /// <summary>How many blocks of PromQL the pages have, whether they have a name or not.</summary>
    public static int Blocks { get; } = _pages.Sum(static p => Block().Count(Read(p)));

    private static IEnumerable<PageQuery> Of(string page) =>
        NamedBlock().Matches(page).Select(static m => new PageQuery(m.Groups["name"].Value, m.Groups["text"].Value));

    private static string Read(string page) => File.ReadAllText(Path.Combine(Repository.Root, page));

    [GeneratedRegex(@"^<!-- promql: (?<name>[a-z0-9-]+) -->\n```promql\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex NamedBlock();

    [GeneratedRegex("^ *(```|~~~) *promql", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Block();
}
