using Cachet;

namespace CachetTests;

public class CoalescerTests
{
    private Coalescer<string, Flight> _flights = null!;

    [SetUp]
    public void SetUp() => _flights = new();

    [Test]
    public void Board_NobodyFlies_StartsAFlight()
    {
        var mine = new Flight(cancellable: true);

        Assert.That(_flights.Board("k", () => mine, out bool leads), Is.SameAs(mine));
        Assert.That(leads, Is.True);
        Assert.That(_flights.Find("k"), Is.SameAs(mine));
        Assert.That(_flights.Count, Is.EqualTo(1));
    }

    [Test]
    public void Board_AFlightIsUnderWay_JoinsItAndMakesNone()
    {
        Flight first = Start("k");

        Flight joined = _flights.Board("k", static () => throw new InvalidOperationException("made"), out bool leads);

        Assert.That(joined, Is.SameAs(first));
        Assert.That(leads, Is.False);
    }

    [Test]
    public void Board_AnotherKeysFlightIsUnderWay_StartsItsOwn()
    {
        Flight other = Start("other");

        Assert.That(Start("k"), Is.Not.SameAs(other));
        Assert.That(_flights.Count, Is.EqualTo(2));
    }

    [Test]
    public void Board_EverybodyHasLeft_StartsAnother()
    {
        Flight left = Start("k");
        left.Leave();

        Flight mine = Start("k");

        Assert.That(mine, Is.Not.SameAs(left));
        Assert.That(_flights.Find("k"), Is.SameAs(mine));
    }

    [Test]
    public void Board_AnotherIsFasterMeanwhile_JoinsIt()
    {
        Flight faster = null!;

        Flight joined = _flights.Board("k", () =>
        {
            faster = Start("k");
            return new(cancellable: true);
        }, out bool leads);

        Assert.That(joined, Is.SameAs(faster));
        Assert.That(leads, Is.False);
        Assert.That(_flights.Find("k"), Is.SameAs(faster));
    }

    [Test]
    public void Board_AnotherIsFasterAndLeavesAgain_FliesTheOneThatItMade()
    {
        var made = new List<Flight>();

        Flight mine = _flights.Board("k", () =>
        {
            if (made.Count == 0) Start("k").Leave();
            made.Add(new(cancellable: true));
            return made[^1];
        }, out bool leads);

        Assert.That(leads, Is.True);
        Assert.That(made, Is.EqualTo(new[] { mine }));
        Assert.That(_flights.Find("k"), Is.SameAs(mine));
    }

    [Test]
    public void Remove_AnotherHasTakenItsPlace_LeavesThat()
    {
        Flight before = Start("k");
        _flights.Close("k");
        Flight after = Start("k");

        _flights.Remove("k", before);
        Assert.That(_flights.Find("k"), Is.SameAs(after));
        _flights.Remove("k", after);

        Assert.That(_flights.Find("k"), Is.Null);
    }

    [Test]
    public void Close_OneKey_LeavesTheOthers()
    {
        Start("k");
        Flight other = Start("other");

        _flights.Close("k");

        Assert.That(_flights.Find("k"), Is.Null);
        Assert.That(_flights.Find("other"), Is.SameAs(other));
    }

    [Test]
    public void CloseAll_TwoKeys_LeavesNone()
    {
        Start("k");
        Start("other");

        _flights.CloseAll();

        Assert.That(_flights.Count, Is.Zero);
    }

    private Flight Start(string key)
    {
        Flight flight = _flights.Board(key, static () => new(cancellable: true), out bool leads);
        Assert.That(leads, Is.True);
        return flight;
    }
}
