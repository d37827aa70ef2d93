using System.Text.RegularExpressions;

namespace CachetTests;

/// <summary>One numbered paragraph of docs/semantics.md, and the tests that it names in the line below it.</summary>
internal sealed partial record Guarantee(int Section, int Number, IReadOnlyList<string> Tests)
{
    public static IReadOnlyList<Guarantee> Of(string page) => [.. Paragraph().Matches(page).Select(static m => new Guarantee(
        int.Parse(m.Groups["section"].Value), int.Parse(m.Groups["number"].Value), [.. Name().Matches(m.Groups["tests"].Value).Select(static n => n.Value)]))];

    [GeneratedRegex(
        @"^\*\*(?<section>\d+)\.(?<number>\d+)\*\* (?<text>(?!\*\*)[^\n]+\n(?!\*\*)([^\n]+\n)*?)(?<tests>- Shown by ([^\n]+\n?)+)?(?=\n|\z)", RegexOptions.Multiline)]
    private static partial Regex Paragraph();

    [GeneratedRegex(@"(?<=`)\w+\.\w+(?=`)")]
    private static partial Regex Name();
}
