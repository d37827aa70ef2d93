using CachetBenchmarks;

namespace CachetTests;

/// <summary>The streams of keys that hit ratios are measured on.</summary>
public class KeyStreamTests
{
    private const int Requests = 20_000;
    private const int Keys = 1_000;

    private static IEnumerable<TestCaseData> Drawn =>
    [
        new TestCaseData((Func<KeyStreams, int[]>)(static s => s.Zipf(0.9))).SetArgDisplayNames("Zipf"),
        new TestCaseData((Func<KeyStreams, int[]>)(static s => s.Scans())).SetArgDisplayNames("scans"),
        new TestCaseData((Func<KeyStreams, int[]>)(static s => s.News())).SetArgDisplayNames("news"),
        new TestCaseData((Func<KeyStreams, int[]>)(static s => s.Mixed())).SetArgDisplayNames("mixed"),
    ];

    [TestCaseSource(nameof(Drawn))]
    public void Stream_OfASeed_IsTheSameAgainAndOfAnotherAnother(Delegate made)
    {
        var make = (Func<KeyStreams, int[]>)made;
        int[] stream = make(new(1, Requests, Keys));

        Assert.That(stream, Has.Length.EqualTo(Requests));
        Assert.That(make(new(1, Requests, Keys)), Is.EqualTo(stream));
        Assert.That(make(new(2, Requests, Keys)), Is.Not.EqualTo(stream));
    }

    [Test]
    public void Zipf_MoreSkewed_AsksForFewerKeys()
    {
        int[] keys = [.. new[] { 0.7, 0.9, 1.1 }.Select(static e => new KeyStreams(1, Requests, Keys).Zipf(e).Distinct().Count())];

        Assert.That(keys, Is.Ordered.Descending);
        Assert.That(keys, Has.All.InRange(Keys / 2, Keys));
    }

    [Test]
    public void Scans_AFifthOfTheRequests_IsForKeysThatComeOnce()
    {
        int[] stream = new KeyStreams(1, Requests, Keys).Scans();

        int[] scanned = [.. stream.Where(static k => k >= Keys)];

        Assert.That(scanned, Has.Length.EqualTo(Requests / 5));
        Assert.That(scanned, Is.Unique);
        Assert.That(stream[400..500], Has.All.GreaterThanOrEqualTo(Keys));
        Assert.That(stream[500..900], Has.All.LessThan(Keys));
    }

    [Test]
    public void Loop_AFifthLongerThanTheCapacity_ComesRoundInTheSameOrder()
    {
        int[] stream = new KeyStreams(1, Requests, Keys).Loop(100);

        Assert.That(stream[..120], Is.Unique);
        Assert.That(stream[120..], Is.EqualTo(stream[..^120]));
    }

    [Test]
    public void News_KeysBecomeLessPopularAsTheyAge()
    {
        int[] stream = new KeyStreams(1, Requests, Keys).News();

        int[] ages = [.. stream.Select(static (k, i) => Keys + (i / 10) - k)];

        Assert.That(ages, Has.All.InRange(0, Keys - 1));
        int[] requests = [.. new[] { 0, 1, 10, 100 }.Select(age => ages.Count(a => a == age))];
        Assert.That(requests, Is.Ordered.Descending);
        Assert.That(requests[0], Is.EqualTo(requests[1] * Math.Pow(2, 0.9)).Within(10).Percent);
    }

    [Test]
    public void Mixed_OfTenParts_TwoAreScansAndTwoAreRounds()
    {
        int[] stream = new KeyStreams(1, Requests, Keys).Mixed();

        foreach (int[] ten in stream.Chunk(Keys))
        {
            Assert.That(ten.Chunk(Keys / 10).Count(static part => part[0] is >= Keys and < 2 * Keys && part.Distinct().Count() == 20), Is.EqualTo(2));
            Assert.That(ten.Chunk(Keys / 10).Count(static part => part.All(static k => k >= 2 * Keys)), Is.EqualTo(2));
        }

        Assert.That(stream.Where(static k => k >= 2 * Keys), Is.Unique);
    }

    [Test]
    public void Mixed_ThePopularKeys_BecomeOthers()
    {
        int[] stream = new KeyStreams(1, 100 * Keys, Keys).Mixed();

        int[] popular = [.. stream.Where(static k => k < Keys).Chunk(6 * Keys / 10).Select(static ten => ten.CountBy(static k => k).MaxBy(static k => k.Value).Key)];

        Assert.That(popular.Distinct().Count(), Is.GreaterThan(80));
    }
}
