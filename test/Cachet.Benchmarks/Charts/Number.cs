using System.Globalization;

namespace CachetBenchmarks;

/// <summary>Figures for people.</summary>
internal static class Number
{
    /// <summary>10, 100, 1 k, 10 k, 1 M.</summary>
    public static string Short(double value) => value switch
    {
        >= 1_000_000_000 => Text(value / 1_000_000_000, " G"),
        >= 1_000_000 => Text(value / 1_000_000, " M"),
        >= 1_000 => Text(value / 1_000, " k"),
        _ => Text(value, string.Empty),
    };

    private static string Text(double value, string unit) => value.ToString("0.###", CultureInfo.InvariantCulture) + unit;
}
