using System.Text.RegularExpressions;

namespace CachetTests;

/// <summary>A page of which parts are written by tests, each between <c>&lt;!-- source: name --&gt;</c> and <c>&lt;!-- end --&gt;</c>.</summary>
internal static partial class WrittenPage
{
    /// <summary>The names of a source's parts in a page, in order.</summary>
    public static IReadOnlyList<string> Names(string page, string source) =>
        [.. Block().Matches(page).Where(m => m.Groups["source"].Value == source).Select(static m => m.Groups["name"].Value)];

    /// <summary>The page with a source's parts as they should be.</summary>
    public static string Rewrite(string page, string source, IReadOnlyDictionary<string, string> parts) => Block().Replace(page, m =>
        m.Groups["source"].Value != source ? m.Value
        : parts.TryGetValue(m.Groups["name"].Value, out string? part) ? $"{m.Groups["begin"].Value}{part}{m.Groups["end"].Value}"
        : throw new InvalidDataException($"There is no '{m.Groups["name"].Value}' in the {source}."));

    [GeneratedRegex(
        @"(?<begin>^<!-- (?<source>[a-z]+): (?<name>[a-z-]+) -->\n)(?<part>.*?)(?<end>^<!-- end -->$)",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
