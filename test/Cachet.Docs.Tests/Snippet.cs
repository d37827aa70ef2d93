using System.Text.RegularExpressions;

namespace CachetTests;

/// <summary>A piece of the code in <c>Snippets</c>, between <c>// snippet: name</c> and <c>// end</c>, without the indentation that all its lines have.</summary>
internal sealed partial record Snippet(string Name, string Text)
{
    public static IReadOnlyList<Snippet> All { get; } =
        [.. Repository.Sources("test/Cachet.Docs.Tests/Snippets").SelectMany(static f => Of(File.ReadAllText(f)))];

    /// <summary>The snippets of a source file.</summary>
    public static IEnumerable<Snippet> Of(string source)
    {
        foreach (Match found in Marked().Matches(source))
        {
            string[] lines = found.Groups["text"].Value.TrimEnd('\n').Split('\n');
            int indent = lines.Where(static l => l.Length > 0).Min(static l => l.Length - l.TrimStart(' ').Length);
            yield return new(found.Groups["name"].Value, string.Join('\n', lines.Select(l => l.Length == 0 ? l : l[indent..])) + "\n");
        }
    }

    [GeneratedRegex(@"^ *// snippet: (?<name>[a-z0-9-]+)\n(?<text>.*?)^ *// end\n", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Marked();
}
