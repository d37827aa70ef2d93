namespace CachetBenchmarks;

/// <summary>Draws ranks from 0 up, the rank <c>r</c> with a probability in proportion to <c>1 / (r + 1)^exponent</c>: exactly, by the inverse of the
/// cumulative distribution.</summary>
internal sealed class ZipfSampler
{
    private readonly double[] _cumulative;

    public ZipfSampler(int ranks, double exponent)
    {
        _cumulative = new double[ranks];
        double sum = 0;
        for (int rank = 0; rank < ranks; rank++) _cumulative[rank] = sum += Math.Pow(rank + 1, -exponent);
    }

    public int Next(Random random)
    {
        int at = Array.BinarySearch(_cumulative, random.NextDouble() * _cumulative[^1]);

        // A draw that equals a bound belongs to the rank behind it.
        return Math.Min(at < 0 ? ~at : at + 1, _cumulative.Length - 1);
    }
}
