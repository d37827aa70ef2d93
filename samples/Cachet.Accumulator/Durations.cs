namespace Cachet.Accumulator;

/// <summary>Durations in a unit that fits: a hit in memory and a load are five powers of ten apart.</summary>
internal static class Durations
{
    public static string Text(long nanoseconds) => nanoseconds switch
    {
        < 1_000 => $"{nanoseconds} ns",
        < 999_500 => $"{Digits(nanoseconds / 1e3)} µs",
        < 999_500_000 => $"{Digits(nanoseconds / 1e6)} ms",
        _ => $"{Digits(nanoseconds / 1e9)} s",
    };

    private static string Digits(double number) => number switch
    {
        < 9.995 => $"{number:0.00}",
        < 99.95 => $"{number:0.0}",
        _ => $"{number:0}",
    };
}
