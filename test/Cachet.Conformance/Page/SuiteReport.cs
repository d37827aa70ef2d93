using System.Text;

namespace CachetTests;

/// <summary>What the page says of a suite: which implementation passes what, as their fixtures declare and the facts check.</summary>
internal sealed class SuiteReport(Type suite)
{
    private readonly IReadOnlyList<Implementation> _implementations = Implementation.On(suite);

    /// <summary>Every fact that one of the implementations is tried on.</summary>
    public IReadOnlyList<Fact> Facts => [.. _implementations.SelectMany(static i => Fact.Of(i.Fixture)).DistinctBy(static f => (f.Fixture, f.Name))];

    /// <summary>What was tried.</summary>
    public string Implementations() => MarkdownTable.Of(
        ["implementation", "package", "version"],
        _implementations.Select(static i => new[] { i.Name, i.Package, i.IsCachets ? "this one" : i.Version }));

    /// <summary>A row for each fact, documented ones first.</summary>
    public string Table() => MarkdownTable.Of(
        ["fact", "is", .. _implementations.Select(static i => i.Name)],
        Facts.OrderBy(static f => f.Attribute is ChoiceAttribute).Select(f => new[]
        {
            f.Says,
            f.Attribute is ChoiceAttribute ? "choice" : "documented",
        }.Concat(_implementations.Select(i => Cell(Standing(i, f).Verdict))).ToArray()));

    /// <summary>Who does not do what is documented, and what is done instead.</summary>
    public string Deviations() => Told(Verdict.Deviates, Facts.Where(static f => f.Attribute is DocumentedAttribute), static _ => "");

    /// <summary>Facts that the documentation leaves open, and that not all have: what Cachet does, why, and what the others do.</summary>
    public string Choices() => Told(
        Verdict.Deviates, Facts.Where(static f => f.Attribute is ChoiceAttribute), static f => $" {((ChoiceAttribute)f.Attribute).Reason}");

    /// <summary>What was not run, and why.</summary>
    public string NotRun() => Told(Verdict.NotRun, Facts, static _ => "");

    /// <summary>What an implementation has nothing of.</summary>
    public string NotApplicable() => Told(Verdict.NotApplicable, Facts, static _ => "");

    private static string Cell(Verdict verdict) => verdict switch
    {
        Verdict.Passes => "pass",
        Verdict.Deviates => "**deviates**",
        Verdict.NotApplicable => "–",
        _ => "not run",
    };

    // A fact of a suite that the implementation has not is about something that it has not.
    private static Standing Standing(Implementation implementation, Fact fact) =>
        fact.Fixture.IsAssignableFrom(implementation.Fixture) ? implementation.Of(fact.Name) : new(Verdict.NotApplicable, "");

    private string Told(Verdict verdict, IEnumerable<Fact> facts, Func<Fact, string> reason)
    {
        var text = new StringBuilder();
        foreach (Fact fact in facts)
        {
            (Implementation Who, Standing Standing)[] those =
                [.. _implementations.Select(i => (i, Standing(i, fact))).Where(x => x.Item2.Verdict == verdict && x.Item2.Why.Length > 0)];
            if (those.Length == 0) continue;
            text.Append("- ").Append(fact.Says).Append(reason(fact)).Append('\n');
            foreach (IGrouping<string, Implementation> same in those.GroupBy(static t => t.Standing.Why, static t => t.Who))
            {
                text.Append("  - ").AppendJoin("; ", same.Select(static i => i.Name)).Append(": ").Append(same.Key).Append('\n');
            }
        }

        return text.Length == 0 ? "Nothing.\n" : text.ToString();
    }
}
