using System.Text.RegularExpressions;

namespace CachetTests.Registry;

/// <summary>A page with tables that are written from the registry, each between <c>&lt;!-- registry: name --&gt;</c> and <c>&lt;!-- end --&gt;</c>.</summary>
internal static partial class TelemetryPage
{
    /// <summary>The names of the tables that a page has, in order.</summary>
    public static IReadOnlyList<string> Names(string page) => [.. Block().Matches(page).Select(static m => m.Groups["name"].Value)];

    /// <summary>The page with its tables as the registry has them.</summary>
    public static string Rewrite(string page, IReadOnlyDictionary<string, string> tables) => Block().Replace(page, m =>
        tables.TryGetValue(m.Groups["name"].Value, out string? table)
            ? $"{m.Groups["begin"].Value}{table}{m.Groups["end"].Value}"
            : throw new InvalidDataException($"There is no table '{m.Groups["name"].Value}'."));

    [GeneratedRegex(@"(?<begin>^<!-- registry: (?<name>[a-z-]+) -->\n)(?<table>.*?)(?<end>^<!-- end -->$)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
