namespace CachetTests.Consumers;

/// <summary>docs/adopt.md, whose traces are those that these tests see.</summary>
internal static class AdoptionPage
{
    public static string Text { get; } = File.ReadAllText(Path.Combine(Repository.Root, "docs", "adopt.md"));
}
