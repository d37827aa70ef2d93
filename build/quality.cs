// Reads the reports of build/coverage.sh and build/mutation.sh, tells what is worst in them, and writes their figures into docs/quality.md.
//
//   dotnet run build/quality.cs -- coverage REPORT [--write]    a Cobertura file, merged
//   dotnet run build/quality.cs -- mutation FOLDER REPORT       a Stryker report (JSON) of one folder of src/Cachet.Core
//   dotnet run build/quality.cs -- check                        whether the page has a passing score for each folder, and of code that is still much the same
#:property PublishAot=false
#:property NoWarn=$(NoWarn);CA1303;CA1515;CA1852;CA1812

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

const string Page = "docs/quality.md";
const int PassingScore = 85;
const string Outdated = ", outdated"; // after a commit: known to be of code that has changed much since
const int MostChanged = 10; // percent of a folder's lines, since its score was measured
string[] folders = ["Coalescing", "Pipeline", "Serialization"];
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

return args switch
{
    ["coverage", string report] => Coverage(report, write: false),
    ["coverage", string report, "--write"] => Coverage(report, write: true),
    ["mutation", string folder, string report] => Mutation(folder, report),
    ["check"] => Check(),
    _ => Fail("usage: coverage REPORT [--write] | mutation FOLDER REPORT | check"),
};

int Coverage(string report, bool write)
{
    if (!File.Exists(report)) return Fail($"There is no report {report}.");
    using var reader = XmlReader.Create(report, new() { DtdProcessing = DtdProcessing.Ignore });
    XElement root = XDocument.Load(reader).Root!;

    Console.WriteLine("The least covered files:");
    IEnumerable<Covered> files = root.Descendants("class").GroupBy(static c => (string)c.Attribute("filename")!, Sum);
    foreach (Covered file in files.Where(static f => f.LinesMissed + f.BranchesMissed > 0)
        .OrderByDescending(static f => f.LinesMissed + f.BranchesMissed).ThenBy(static f => f.Name, StringComparer.Ordinal).Take(15))
    {
        string name = Path.GetRelativePath(Directory.GetCurrentDirectory(), file.Name);
        Console.WriteLine($"  {file.LinesMissed,3} of {file.Lines,3} lines, {file.BranchesMissed,3} of {file.Branches,3} branches missed: {name}");
    }

    List<string> missing = [];
    List<Covered> rows = [];
    foreach (string assembly in Directory.GetDirectories("src").Select(static d => Path.GetFileName(d)!).Order(StringComparer.Ordinal))
    {
        XElement? package = root.Descendants("package").FirstOrDefault(p => (string?)p.Attribute("name") == assembly);
        if (package is null) missing.Add(assembly);
        else rows.Add(Sum(assembly, package.Descendants("class")));
    }

    if (missing.Count > 0) return Fail($"Nothing was measured of {string.Join(", ", missing)}.");
    rows.Add(new("all", rows.Sum(static r => r.Lines), rows.Sum(static r => r.LinesMissed), rows.Sum(static r => r.Branches), rows.Sum(static r => r.BranchesMissed)));
    foreach (Covered row in rows)
    {
        string figures = $"{Percent(row.Lines - row.LinesMissed, row.Lines)} | {Percent(row.Branches - row.BranchesMissed, row.Branches)}";
        Console.WriteLine($"{row.Name}: lines | branches {figures}");
        if (write) WriteRow("coverage", row.Name, $"{figures} | {Today()} | {Commit()}");
    }

    return 0;
}

// One line of several classes in one file, or of several instances of a generic class, counts once, by the best of them.
static Covered Sum(string name, IEnumerable<XElement> classes)
{
    var lines = new Dictionary<(string File, int Line), (bool Hit, int Branches, int Taken)>();
    foreach (XElement type in classes)
    {
        foreach (XElement line in type.Element("lines")!.Elements("line"))
        {
            var at = ((string)type.Attribute("filename")!, (int)line.Attribute("number")!);
            string conditions = (string?)line.Attribute("condition-coverage") ?? "(0/0)";
            string[] parts = conditions[(conditions.IndexOf('(', StringComparison.Ordinal) + 1)..^1].Split('/');
            (bool hit, int branches, int taken) = lines.GetValueOrDefault(at);
            lines[at] = (hit || (long)line.Attribute("hits")! > 0,
                Math.Max(branches, int.Parse(parts[1], CultureInfo.InvariantCulture)), Math.Max(taken, int.Parse(parts[0], CultureInfo.InvariantCulture)));
        }
    }

    return new(name, lines.Count, lines.Values.Count(static l => !l.Hit), lines.Values.Sum(static l => l.Branches), lines.Values.Sum(static l => l.Branches - l.Taken));
}

int Mutation(string folder, string report)
{
    if (!File.Exists(report)) return Fail($"There is no report {report}.");
    using JsonDocument document = JsonDocument.Parse(File.ReadAllText(report));
    var counts = new Dictionary<string, int>();
    foreach (JsonProperty file in document.RootElement.GetProperty("files").EnumerateObject())
    {
        foreach (JsonElement mutant in file.Value.GetProperty("mutants").EnumerateArray())
        {
            string status = mutant.GetProperty("status").GetString()!;
            counts[status] = counts.GetValueOrDefault(status) + 1;
            if (status is not ("Survived" or "NoCoverage")) continue;
            JsonElement start = mutant.GetProperty("location").GetProperty("start");
            string replacement = string.Join(' ', mutant.GetProperty("replacement").GetString()!.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            Console.WriteLine($"{status}: {Path.GetFileName(file.Name)}({start.GetProperty("line")},{start.GetProperty("column")}) "
                + $"{mutant.GetProperty("mutatorName").GetString()}: {replacement}");
        }
    }

    int killed = counts.GetValueOrDefault("Killed"), timeout = counts.GetValueOrDefault("Timeout");
    int survived = counts.GetValueOrDefault("Survived"), uncovered = counts.GetValueOrDefault("NoCoverage");
    int all = killed + timeout + survived + uncovered;
    if (all == 0) return Fail($"{report} has no mutant in it.");
    double score = 100.0 * (killed + timeout) / all;
    string figures = $"{Percent(killed + timeout, all)} | {killed} | {timeout} | {survived} | {uncovered}";
    Console.WriteLine($"{folder}: score | killed | timeout | survived | no coverage: {figures}");
    WriteRow("mutation", folder, $"{figures} | {Today()} | {Commit()}");
    return score >= PassingScore ? 0 : Fail($"{folder}: the score is below {PassingScore} %.");
}

int Check()
{
    string[] lines = File.ReadAllLines(Page);
    foreach (string folder in folders)
    {
        string[]? cells = lines.FirstOrDefault(l => l.StartsWith($"| {folder} |", StringComparison.Ordinal))?.Split('|', StringSplitOptions.TrimEntries);
        if (cells is null || !double.TryParse(cells[2].TrimEnd('%', ' '), out double score)) return Fail($"{Page} has no mutation score of {folder}: run build/mutation.sh.");
        if (score < PassingScore) return Fail($"{Page}: the mutation score of {folder} is {score} %, below {PassingScore} %.");
        bool outdated = cells[^2].EndsWith(Outdated, StringComparison.Ordinal);
        string commit = outdated ? cells[^2][..^Outdated.Length] : cells[^2];
        if (Changed(folder, commit) is not { } changed)
        {
            if (Git("rev-parse", "--is-shallow-repository") != "true") return Fail($"{Page}: the score of {folder} was measured at {commit}, which is no commit of this history.");
            Console.WriteLine($"{folder}: {score} %, measured on {cells[^3]} at {commit}; how much has changed since cannot be told in a shallow clone");
            continue;
        }

        string since = $"{changed} % of its lines changed since";
        if (outdated) since += ": outdated, as the page says, and to be measured again";
        else if (changed > MostChanged) return Fail($"{Page}: the score of {folder} was measured at {commit}, {since}: run build/mutation.sh {folder}.");
        Console.WriteLine($"{folder}: {score} %, measured on {cells[^3]} at {commit}, {since}");
    }

    return 0;
}

// How much of a folder is other than at a commit, in percent of its present lines, rounded up; null if there is no such commit.
static int? Changed(string folder, string commit)
{
    string path = $"src/Cachet.Core/{folder}";
    if (Git("cat-file", "-t", commit) != "commit") return null;
    int changed = Git("diff", "--numstat", commit, "--", path).Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(static l => l.Split('\t')).Sum(static c => Math.Max(int.Parse(c[0], CultureInfo.InvariantCulture), int.Parse(c[1], CultureInfo.InvariantCulture)));
    int lines = Directory.GetFiles(path, "*.cs", SearchOption.AllDirectories).Sum(static f => File.ReadLines(f).Count());
    return ((100 * changed) + lines - 1) / lines;
}

// Replaces the row, or adds it where the table's end is marked.
static void WriteRow(string table, string name, string cells)
{
    List<string> lines = [.. File.ReadAllLines(Page)];
    int begin = lines.IndexOf($"<!-- {table}: written by build/{table}.sh -->");
    int end = lines.FindIndex(begin + 1, static l => !l.StartsWith('|'));
    int at = lines.FindIndex(begin + 1, end - begin - 1, l => l.StartsWith($"| {name} |", StringComparison.Ordinal));
    if (at < 0) lines.Insert(end, $"| {name} | {cells} |");
    else lines[at] = $"| {name} | {cells} |";
    File.WriteAllLines(Page, lines);
}

// Down, never up: 84.96 is not 85.
static string Percent(int part, int whole) =>
    whole == 0 ? "100.0 %" : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(1000.0 * part / whole) / 10:F1} %");

static string Today() => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

static string Commit() => Git("rev-parse", "--short", "HEAD") + (Git("status", "--porcelain", "--", "src", "test").Length > 0 ? ", with changes" : "");

static string Git(params string[] arguments)
{
    using Process git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true })!;
    string output = git.StandardOutput.ReadToEnd();
    git.WaitForExit();
    return output.Trim();
}

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 1;
}

internal sealed record Covered(string Name, int Lines, int LinesMissed, int Branches, int BranchesMissed);
