namespace CachetTests.Registry;

/// <summary>The tables of docs/telemetry.md are those of the registry.</summary>
/// <remarks>With <c>CACHET_REWRITE_TELEMETRY=1</c> they are rewritten from it instead of compared with it.</remarks>
public sealed class TelemetryPageTests
{
    private static readonly string _file = Path.Combine(Repository.Root, "docs", "telemetry.md");
    private static readonly bool _rewrite = Environment.GetEnvironmentVariable("CACHET_REWRITE_TELEMETRY") == "1";

    [Test]
    public void Page_ItsTables_AreThoseOfTheRegistry()
    {
        IReadOnlyDictionary<string, string> tables = PageTables.Of(TelemetryRegistry.Read());
        string page = File.ReadAllText(_file);

        string written = TelemetryPage.Rewrite(page, tables);

        Assert.That(TelemetryPage.Names(page), Is.EquivalentTo(tables.Keys));
        if (_rewrite) File.WriteAllText(_file, written);
        else Assert.That(page, Is.EqualTo(written), "Run the test once with CACHET_REWRITE_TELEMETRY=1.");
    }

    [Test]
    public void Rewrite_APage_ReplacesWhatStandsBetweenTheMarks()
    {
        const string Page = "# P\n\n<!-- registry: a -->\nold\n<!-- end -->\n\nText.\n<!-- registry: b -->\n<!-- end -->\n";
        Dictionary<string, string> tables = new() { ["a"] = "| A |\n", ["b"] = "| B |\n" };

        Assert.That(TelemetryPage.Names(Page), Is.EqualTo(["a", "b"]));
        Assert.That(
            TelemetryPage.Rewrite(Page, tables),
            Is.EqualTo("# P\n\n<!-- registry: a -->\n| A |\n<!-- end -->\n\nText.\n<!-- registry: b -->\n| B |\n<!-- end -->\n"));
        tables.Remove("b");
        Assert.That(() => TelemetryPage.Rewrite(Page, tables), Throws.InstanceOf<InvalidDataException>().With.Message.EqualTo("There is no table 'b'."));
    }
}
