namespace CachetTests;

/// <summary>The work tree that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder that holds Cachet.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The pages whose code blocks have to be real code.</summary>
    public static IReadOnlyList<string> Pages { get; } =
    [
        "README.md", "docs/guide.md", "docs/semantics.md", "docs/configuration.md", "docs/observability.md", "docs/adopt.md",
        .. Directory.GetDirectories(PathOf("src")).Select(static d => Path.GetRelativePath(Root, Path.Combine(d, "README.md"))).Order(StringComparer.Ordinal),
    ];

    /// <summary>The source files of a folder, those that the build made excepted.</summary>
    public static IEnumerable<string> Sources(string folder) => Directory
        .EnumerateFiles(PathOf(folder), "*.cs", SearchOption.AllDirectories)
        .Where(static f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    public static string PathOf(string file) => Path.Combine(Root, file);

    public static string Read(string file) => File.ReadAllText(PathOf(file));

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Cachet.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No Cachet.sln above {AppContext.BaseDirectory}.");
    }
}
