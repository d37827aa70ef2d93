namespace CachetTests;

/// <summary>docs/conformance.md says what the fixtures declare, which is what the facts come to: a fact that comes to something else fails.</summary>
/// <remarks>With <c>CACHET_REWRITE_CONFORMANCE=1</c> the page is rewritten instead of compared.</remarks>
public class ConformancePageTests
{
    private const string Source = "conformance";

    private static readonly string _path = Path.Combine(Repository.Root, "docs/conformance.md");
    private static readonly bool _rewrite = Environment.GetEnvironmentVariable("CACHET_REWRITE_CONFORMANCE") == "1";

    private static readonly Dictionary<string, Type> _suites = new()
    {
        ["distributed"] = typeof(DistributedCacheConformance),
        ["buffers"] = typeof(BufferDistributedCacheConformance),
        ["hybrid"] = typeof(HybridCacheConformance),
    };

    private static IEnumerable<Type> Fixtures => typeof(ConformancePageTests).Assembly.GetTypes()
        .Where(static t => !t.IsAbstract && _suites.Values.Any(t.IsSubclassOf));

    [Test]
    public void Page_OfTheSuites_IsWhatTheyComeTo()
    {
        Dictionary<string, string> parts = _suites.SelectMany(static s => Parts(s.Key, new(s.Value))).ToDictionary();
        string page = File.ReadAllText(_path);

        string written = WrittenPage.Rewrite(page, Source, parts);

        Assert.That(WrittenPage.Names(page, Source), Is.EquivalentTo(parts.Keys));
        if (_rewrite) File.WriteAllText(_path, written);
        else Assert.That(page, Is.EqualTo(written), "Run the test once with CACHET_REWRITE_CONFORMANCE=1.");
    }

    [TestCaseSource(nameof(Fixtures))]
    public void Declared_OfAFixture_AreFactsThatItHas(Type fixture)
    {
        IEnumerable<string> declared = new Implementation(fixture).Declared.Select(static d => d.Fact);

        Assert.That(declared, Is.Unique);
        Assert.That(declared, Is.SubsetOf(Fact.Of(fixture).Select(static f => f.Name)));
    }

    [Test]
    public void Facts_OfASuite_HaveNamesAndSentencesOfTheirOwn()
    {
        foreach (Type suite in _suites.Values)
        {
            IReadOnlyList<Fact> facts = new SuiteReport(suite).Facts;

            Assert.That(facts.Select(static f => f.Name), Is.Unique);
            Assert.That(facts.Select(static f => f.Says), Is.Unique);
            Assert.That(facts.Select(static f => f.Says), Has.All.EndsWith("."));
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Parts(string name, SuiteReport report) =>
    [
        new($"{name}-implementations", report.Implementations()),
        new($"{name}-table", report.Table()),
        new($"{name}-deviations", report.Deviations()),
        new($"{name}-choices", report.Choices()),
        new($"{name}-not-run", report.NotRun()),
        new($"{name}-not-applicable", report.NotApplicable()),
    ];
}
