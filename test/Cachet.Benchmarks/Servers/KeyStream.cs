namespace CachetBenchmarks;

/// <summary>10,000 keys, asked for as popular things are: by Zipf's law with the exponent 0.9. Always the same, drawn beforehand.</summary>
internal static class KeyStream
{
    public const int Keys = 10_000;

    private const double Exponent = 0.9;
    private const int Length = 1 << 18;
    private const int Seed = 42;

    private static readonly string[] _keys = [.. Enumerable.Range(0, Keys).Select(static i => $"product:{i:D8}")];
    private static readonly ushort[] _drawn = Draw();

    public static IReadOnlyList<string> All => _keys;

    /// <summary>Where a caller begins: all of them apart.</summary>
    public static int Start(int caller, int callers) => (int)((long)caller * Length / callers);

    public static string At(int position) => _keys[_drawn[position & (Length - 1)]];

    private static ushort[] Draw()
    {
        var ranks = new ZipfSampler(Keys, Exponent);
        var random = new Random(Seed);
        ushort[] drawn = new ushort[Length];
        for (int i = 0; i < Length; i++) drawn[i] = (ushort)ranks.Next(random);
        return drawn;
    }
}
