namespace CachetTests.Registry;

/// <summary>The tables of docs/telemetry.md, and of the package's page, are those of the registry.</summary>
/// <remarks>With <c>CACHET_REWRITE_TELEMETRY=1</c> they are rewritten from it instead of compared with it.</remarks>
public sealed class TelemetryPageTests
{
    private const string Page = "docs/telemetry.md";
    private const string Source = "registry";

    private static readonly IReadOnlyDictionary<string, string> _tables = PageTables.Of(TelemetryRegistry.Read());
    private static readonly bool _rewrite = Environment.GetEnvironmentVariable("CACHET_REWRITE_TELEMETRY") == "1";

    [Test]
    public void Page_HasEveryTable() => Assert.That(WrittenPage.Names(File.ReadAllText(PathOf(Page)), Source), Is.EquivalentTo(_tables.Keys));

    [TestCase(Page)]
    [TestCase("src/Cachet.OpenTelemetry/README.md")]
    public void Tables_OfAPage_AreThoseOfTheRegistry(string file)
    {
        string page = File.ReadAllText(PathOf(file));

        string written = WrittenPage.Rewrite(page, Source, _tables);

        Assert.That(WrittenPage.Names(page, Source), Is.Not.Empty);
        if (_rewrite) File.WriteAllText(PathOf(file), written);
        else Assert.That(page, Is.EqualTo(written), "Run the test once with CACHET_REWRITE_TELEMETRY=1.");
    }

    [Test]
    public void Rewrite_APage_ReplacesWhatStandsBetweenTheMarks()
    {
        const string Other = "<!-- other: a -->\nits\n<!-- end -->\n";
        const string Text = "# P\n\n<!-- registry: a -->\nold\n<!-- end -->\n\nText.\n<!-- registry: b -->\n<!-- end -->\n" + Other;
        Dictionary<string, string> tables = new() { ["a"] = "| A |\n", ["b"] = "| B |\n" };

        Assert.That(WrittenPage.Names(Text, Source), Is.EqualTo(["a", "b"]));
        Assert.That(
            WrittenPage.Rewrite(Text, Source, tables),
            Is.EqualTo("# P\n\n<!-- registry: a -->\n| A |\n<!-- end -->\n\nText.\n<!-- registry: b -->\n| B |\n<!-- end -->\n" + Other));
        tables.Remove("b");
        Assert.That(
            () => WrittenPage.Rewrite(Text, Source, tables),
            Throws.InstanceOf<InvalidDataException>().With.Message.EqualTo("There is no 'b' in the registry."));
    }

    private static string PathOf(string file) => Path.Combine(Repository.Root, file);
}
