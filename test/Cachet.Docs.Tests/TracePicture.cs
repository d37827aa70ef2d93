using System.Text.RegularExpressions;

namespace CachetTests;

/// <summary>A drawn trace in a page, by the name in the comment in front of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Text">The drawing.</param>
/// <param name="At">Where the drawing begins in the page.</param>
internal sealed partial record TracePicture(string Name, string Text, int At)
{
    public static IReadOnlyList<TracePicture> Of(string page) => [.. Block().Matches(page).Select(static m => new TracePicture(
        m.Groups["name"].Value, m.Groups["text"].Value, m.Groups["text"].Index))];

    /// <summary>A drawing without what differs from run to run: the ids of spans.</summary>
    public static string WithoutIds(string drawing) => Id().Replace(drawing, "ID");

    [GeneratedRegex(@"^<!-- trace: (?<name>[a-z0-9-]+) -->\n```text\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\b(?<=span |cache\.\w+ )[0-9a-f]{6}\b")]
    private static partial Regex Id();
}
