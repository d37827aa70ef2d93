namespace CachetTests;

/// <summary>Every block of C# in the pages is code that is compiled, and most of it run, by this project.</summary>
/// <remarks>With <c>CACHET_REWRITE_SNIPPETS=1</c> the blocks are rewritten from the code instead of compared with it.</remarks>
public class SnippetTests
{
    /// <summary>A block that nobody compiles is an exception that somebody has to allow here.</summary>
    private const int MostNotCompiled = 0;

    private static readonly bool _rewrite = Environment.GetEnvironmentVariable("CACHET_REWRITE_SNIPPETS") == "1";

    private static IEnumerable<string> Pages => Repository.Pages;

    [TestCaseSource(nameof(Pages))]
    public void Blocks_OfAPage_AreTheCodeThatTheyName(string file)
    {
        string page = Repository.Read(file);
        IReadOnlyList<CodeBlock> blocks = CodeBlock.Of(page);
        Assert.That(blocks, Has.Count.EqualTo(CodeBlock.CountIn(page)), "blocks of C#, each at the beginning of its line as ```csharp");

        foreach (CodeBlock block in blocks.Reverse())
        {
            if (block.Reason is not null) continue;
            Assert.That(block.Snippet, Is.Not.Null, $"A comment 'snippet: name' is missing in front of:\n{block.Text}");
            Snippet? snippet = Snippet.All.SingleOrDefault(s => s.Name == block.Snippet);
            Assert.That(snippet, Is.Not.Null, $"There is no snippet '{block.Snippet}'.");
            if (_rewrite) page = page[..block.At] + snippet!.Text + page[(block.At + block.Text.Length)..];
            else Assert.That(block.Text, Is.EqualTo(snippet!.Text), $"Run the tests once with CACHET_REWRITE_SNIPPETS=1, or mend snippet '{block.Snippet}'.");
        }

        if (_rewrite) File.WriteAllText(Repository.PathOf(file), page);
    }

    [Test]
    public void Blocks_NotCompiled_AreFew() => Assert.That(
        Pages.SelectMany(static f => CodeBlock.Of(Repository.Read(f))).Where(static b => b.Reason is not null),
        Has.Exactly(MostNotCompiled).Items);

    [Test]
    public void Snippets_Names_AreUnique() => Assert.That(Snippet.All.Select(static s => s.Name), Is.Unique);

    [Test]
    public void Snippets_EachOne_IsShownSomewhere()
    {
        IEnumerable<string?> shown = Pages.SelectMany(static f => CodeBlock.Of(Repository.Read(f))).Select(static b => b.Snippet).Distinct();

        Assert.That(Snippet.All.Select(static s => s.Name), Is.SubsetOf(shown));
    }

    [Test]
    public void Snippets_Lines_FitIntoAPage() =>
        Assert.That(Snippet.All.SelectMany(static s => s.Text.Split('\n')), Has.All.Length.LessThanOrEqualTo(130));

    [Test]
    public void Of_MarkedSource_IsTheTextWithoutItsIndentation()
    {
        const string Source = "class C\n{\n    // snippet: one\n    void M()\n    {\n\n        A();\n    }\n    // end\n    // snippet: two\n    B();\n    // end\n}\n";

        Assert.That(
            Snippet.Of(Source),
            Is.EqualTo(new Snippet[] { new("one", "void M()\n{\n\n    A();\n}\n"), new("two", "B();\n") }));
    }

    [Test]
    public void Of_APage_IsItsBlocksWithWhatStandsInFrontOfThem()
    {
        const string Page = "<!-- snippet: one -->\n```csharp\nA();\n```\ntext\n```csharp\nB();\n```\n<!-- not compiled: old -->\n```csharp\n```\n- x\n  ```cs\n  ```\n";

        Assert.That(
            CodeBlock.Of(Page).Select(static b => (b.Snippet, b.Reason, b.Text)),
            Is.EqualTo(new (string?, string?, string)[] { ("one", null, "A();\n"), (null, null, "B();\n"), (null, "old", "") }));
        Assert.That(CodeBlock.CountIn(Page), Is.EqualTo(4));
    }
}
