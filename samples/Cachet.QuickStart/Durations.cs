namespace Cachet.QuickStart;

/// <summary>Durations in a unit that fits: a hit in memory and a call over the network are three powers of thousand apart.</summary>
internal static class Durations
{
    public static string Text(double seconds) => seconds switch
    {
        < 0.9995e-6 => $"{seconds * 1e9:0} ns",
        < 0.9995e-3 => $"{Digits(seconds * 1e6)} µs",
        < 0.9995 => $"{Digits(seconds * 1e3)} ms",
        _ => $"{Digits(seconds)} s",
    };

    private static string Digits(double number) => number switch
    {
        < 9.995 => $"{number:0.00}",
        < 99.95 => $"{number:0.0}",
        _ => $"{number:0}",
    };
}
