namespace CachetBenchmarks;

/// <summary>What one contender came to, by what grows.</summary>
/// <param name="Name">As the legend calls it.</param>
/// <param name="Points">In ascending order of X. Those whose Y is not a number are left out.</param>
internal sealed record Line(string Name, params (double X, double Y)[] Points);
