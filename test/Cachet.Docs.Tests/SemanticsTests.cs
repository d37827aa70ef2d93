using System.Text.RegularExpressions;

namespace CachetTests;

/// <summary>Every guarantee of docs/semantics.md names the tests that show it.</summary>
public partial class SemanticsTests
{
    private static readonly string _page = Repository.Read("docs/semantics.md");

    private static IEnumerable<TestCaseData> Guarantees =>
        Guarantee.Of(_page).Select(static g => new TestCaseData(g).SetArgDisplayNames($"{g.Section}.{g.Number}"));

    [TestCaseSource(nameof(Guarantees))]
    public void Guarantee_EachOne_NamesTestsThatExist(object guarantee)
    {
        IReadOnlyList<string> tests = ((Guarantee)guarantee).Tests;

        Assert.That(tests, Is.Not.Empty, "tests that show the guarantee");
        Assert.That(tests.Where(static t => !TestNames.All.Contains(t)), Is.Empty, "names of tests that do not exist");
    }

    [Test]
    public void Guarantees_Numbers_AreConsecutive()
    {
        IReadOnlyList<Guarantee> all = Guarantee.Of(_page);
        IEnumerable<(int, int)> expected = all.GroupBy(static g => g.Section).SelectMany(static (s, i) => s.Select((_, j) => (i + 1, j + 1)));

        Assert.That(all.Select(static g => (g.Section, g.Number)), Is.EqualTo(expected));
        Assert.That(all, Has.Count.EqualTo(NumberedLine().Count(_page)), "paragraphs that begin with a number");
    }

    [Test]
    public void Of_APage_IsItsGuarantees()
    {
        const string Page = "# T\n\n**1.1** One\nof two lines.\n- Shown by `A.B`,\n  `C.D_E`.\n\n**1.2** Two `F.G`.\n\nText.\n- Shown by `H.I`\n";

        IReadOnlyList<Guarantee> all = Guarantee.Of(Page);

        Assert.That(all.Select(static g => (g.Section, g.Number)), Is.EqualTo(new[] { (1, 1), (1, 2) }));
        Assert.That(all[0].Tests, Is.EqualTo(new[] { "A.B", "C.D_E" }));
        Assert.That(all[1].Tests, Is.Empty);
    }

    [Test]
    public void Of_ASource_IsItsTests()
    {
        const string Source = "public class ATests\n{\n    [Test]\n    public void One() { }\n\n    [TestCase(1)]\n    [TestCase(\n        2)]\n"
            + "    public async Task Two(int n) { }\n\n    public void No() { }\n\n    [Test, Ignore(\"\")]\n    public void Off() { }\n\n    [SetUp]\n    public void S() { }\n}\n"
            + "public sealed class BTests\n{\n    [Test]\n    public Task Three() => null;\n}\n";

        Assert.That(TestNames.Of(Source), Is.EqualTo(new[] { "ATests.One", "ATests.Two", "BTests.Three" }));
    }

    [GeneratedRegex(@"^\*\*\d+\.\d+\*\*", RegexOptions.Multiline)]
    private static partial Regex NumberedLine();
}
