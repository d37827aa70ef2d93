using System.Text.RegularExpressions;

namespace CachetTests;

/// <summary>A sample, run as its readers run it.</summary>
internal static partial class SampleProgram
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a sample to its end.</summary>
    /// <returns>Its exit code, and what it said, line by line.</returns>
    public static async Task<(int Code, IReadOnlyList<string> Output, IReadOnlyList<string> Error)> RunAsync(string name, params string[] arguments)
    {
        await using ChildProcess process = ChildProcess.Start("dotnet", [Repository.Sample(name), .. arguments]);
        int code = await process.ExitAsync(_limit);
        return (code, process.Output, process.Error);
    }

    /// <summary>The lines of the first block in a sample's README that shows what it prints.</summary>
    public static IReadOnlyList<string> ReadmeBlock(string name)
    {
        string readme = Readme(name);
        Match block = TextBlock().Match(readme);
        return block.Success ? block.Groups[1].Value.Split('\n') : throw new InvalidDataException($"The README of {name} has no ```text block.");
    }

    public static string Readme(string name) => File.ReadAllText(Path.Combine(Repository.Root, "samples", name, "README.md"));

    /// <summary>A line with every duration as <c>T</c>.</summary>
    public static string WithoutTimes(string line) => Time().Replace(line, "T");

    [GeneratedRegex(@"\b\d+(\.\d+)? (ns|µs|ms|s)\b")]
    private static partial Regex Time();

    [GeneratedRegex(@"^```text\n(.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex TextBlock();
}
