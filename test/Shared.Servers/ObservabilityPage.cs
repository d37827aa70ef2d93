namespace CachetTests;

/// <summary>What docs/observability.md says, for tests that hold it to its word.</summary>
internal static class ObservabilityPage
{
    public static string Text { get; } = File.ReadAllText(Path.Combine(Repository.Root, "docs", "observability.md"));

    /// <summary>The one sentence that begins so, without its full stop.</summary>
    public static string Sentence(string beginning)
    {
        string text = Text.ReplaceLineEndings(" ");
        int from = text.IndexOf(beginning, StringComparison.Ordinal);
        Assert.That(from, Is.Not.Negative, $"'{beginning}' is not on the page");
        return text[from..text.IndexOf(". ", from, StringComparison.Ordinal)];
    }

    /// <summary>The rows of the table that begins so: without its head, each as its trimmed cells.</summary>
    public static IReadOnlyList<string[]> Table(string head) =>
    [
        .. Text.Split('\n')
            .SkipWhile(l => !l.StartsWith(head, StringComparison.Ordinal))
            .TakeWhile(static l => l.StartsWith('|'))
            .Skip(2)
            .Select(static l => l.Trim('|').Split('|').Select(static c => c.Trim()).ToArray()),
    ];
}
