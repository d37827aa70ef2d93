using System.Text.RegularExpressions;

namespace CachetTests;

/// <summary>A block of C# in a page, and what the comment in front of it says of it.</summary>
/// <param name="Snippet">The snippet that it shows, or <see langword="null"/>.</param>
/// <param name="Reason">Why it shows none, or <see langword="null"/>.</param>
/// <param name="Text">The code.</param>
/// <param name="At">Where the code begins in the page.</param>
internal sealed partial record CodeBlock(string? Snippet, string? Reason, string Text, int At)
{
    public static IReadOnlyList<CodeBlock> Of(string page) => [.. Block().Matches(page).Select(static m => new CodeBlock(
        Found(m.Groups["snippet"]), Found(m.Groups["reason"]), m.Groups["text"].Value, m.Groups["text"].Index))];

    private static string? Found(Group group) => group.Success ? group.Value : null;

    // A block may be indented, below a list's item, say: then it does not begin its line, is no match, and CountIn tells.
    [GeneratedRegex(
        @"(^<!-- (snippet: (?<snippet>[a-z0-9-]+)|not compiled: (?<reason>[^\n]+)) -->\n)?^```csharp\n(?<text>.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    /// <summary>How many blocks of C# there are, whatever their shape.</summary>
    public static int CountIn(string page) => AnyBlock().Count(page);

    [GeneratedRegex(@"^ *(```|~~~) *(cs|csharp|c#)\b", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex AnyBlock();
}
