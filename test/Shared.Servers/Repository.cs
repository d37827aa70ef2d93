namespace CachetTests;

/// <summary>Where things are in the work tree that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder that holds Cachet.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Debug or Release: that of the tests, so that what they start was built along with them.</summary>
    private static string Configuration { get; } =
        new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Parent!.Name;

    /// <summary>The assembly of a sample.</summary>
    public static string Sample(string name)
    {
        string path = Path.Combine(Root, "samples", name, "bin", Configuration, "net10.0", $"{name}.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not there: the test project's reference should have built it.");
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Cachet.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No Cachet.sln above {AppContext.BaseDirectory}.");
    }
}
