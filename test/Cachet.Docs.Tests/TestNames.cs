using System.Text.RegularExpressions;

namespace CachetTests;

/// <summary>The tests that there are, as <c>Fixture.Method</c>, read from the sources of all test projects.</summary>
internal static partial class TestNames
{
    public static IReadOnlySet<string> All { get; } =
        Repository.Sources("test").SelectMany(static f => Of(File.ReadAllText(f))).ToHashSet(StringComparer.Ordinal);

    /// <summary>The tests of a source file. One that is switched off is none.</summary>
    public static IEnumerable<string> Of(string source)
    {
        string? fixture = null;
        foreach (Match line in Declaration().Matches(source))
        {
            if (line.Groups["class"].Success) fixture = line.Groups["class"].Value;
            else if (IsTest().IsMatch(line.Groups["attributes"].Value)) yield return $"{fixture}.{line.Groups["method"].Value}";
        }
    }

    [GeneratedRegex(
        @"^(public|internal) (sealed |abstract |static )*(partial )?class (?<class>\w+)"
        + @"|^(?<attributes>( {4}\[[^\n]*\n( {8}[^\n]*\n)*)+)    public (async )?(Task|void) (?<method>\w+)(<\w+>)?\(",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\A(?!.*[\[,] *(Ignore|Explicit)\b).*\[(Test|TestCase|TestCaseSource|Theory|Combinatorial|Pairwise)\b", RegexOptions.Singleline)]
    private static partial Regex IsTest();
}
