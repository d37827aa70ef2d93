using CachetBenchmarks;

namespace CachetTests;

public class ZipfSamplerTests
{
    [TestCase(0.7)]
    [TestCase(0.9)]
    [TestCase(1.1)]
    public void Next_OverManyDraws_IsAsOftenAsTheoryHasIt(double exponent)
    {
        const int Draws = 500_000;
        const int Ranks = 100;
        var sampler = new ZipfSampler(Ranks, exponent);
        var random = new Random(42);
        int[] drawn = new int[Ranks];

        for (int i = 0; i < Draws; i++) drawn[sampler.Next(random)]++;

        double sum = Enumerable.Range(1, Ranks).Sum(r => Math.Pow(r, -exponent));
        for (int rank = 0; rank < Ranks; rank++)
        {
            double expected = Draws * Math.Pow(rank + 1, -exponent) / sum;
            Assert.That(drawn[rank], Is.EqualTo(expected).Within(4.5 * Math.Sqrt(expected)), $"rank {rank}");
        }
    }

    [TestCase(0, 0)]
    [TestCase(0.66, 0)]
    [TestCase(0.67, 1)]
    [TestCase(0.999999999, 1)]
    public void Next_OfADraw_IsTheRankWhoseShareItFallsInto(double draw, int rank) =>
        Assert.That(new ZipfSampler(2, 1).Next(new Drawn(draw)), Is.EqualTo(rank)); // two thirds, one third

    private sealed class Drawn(double draw) : Random
    {
        public override double NextDouble() => draw;
    }
}
