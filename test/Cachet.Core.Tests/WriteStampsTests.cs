using Cachet;

namespace CachetTests;

public class WriteStampsTests
{
    private WriteStamps<int> _stamps = null!;

    [SetUp]
    public void SetUp() => _stamps = new();

    [Test]
    public void Holds_NothingWasWritten_IsTrue() => Assert.That(_stamps.Holds(_stamps.Capture(1)), Is.True);

    [Test]
    public void Holds_WrittenInBetween_IsFalse()
    {
        WriteStamp stamp = _stamps.Capture(1);

        _stamps.BeginWrite(1);
        Assert.That(_stamps.Holds(stamp), Is.False);
        _stamps.EndWrite(1);

        Assert.That(_stamps.Holds(stamp), Is.False);
        Assert.That(_stamps.Holds(_stamps.Capture(1)), Is.True, "What begins now.");
    }

    [Test]
    public void Holds_CapturedDuringAWrite_IsFalse()
    {
        _stamps.BeginWrite(1);
        WriteStamp stamp = _stamps.Capture(1);

        Assert.That(_stamps.Holds(stamp), Is.False);
        _stamps.EndWrite(1);

        Assert.That(_stamps.Holds(stamp), Is.False);
    }

    [Test]
    public void Holds_CapturedDuringTheSecondOfTwoWrites_IsFalse()
    {
        _stamps.BeginWrite(1);
        _stamps.BeginWrite(1);
        _stamps.EndWrite(1);

        Assert.That(_stamps.Holds(_stamps.Capture(1)), Is.False);
        _stamps.EndWrite(1);

        Assert.That(_stamps.Holds(_stamps.Capture(1)), Is.True);
    }

    [Test]
    public void Holds_ClearedInBetween_IsFalseForEveryKey()
    {
        WriteStamp one = _stamps.Capture(1), two = _stamps.Capture(2);

        _stamps.BeginClear();
        Assert.That(_stamps.Holds(one), Is.False);
        _stamps.EndClear();

        Assert.That(_stamps.Holds(one), Is.False);
        Assert.That(_stamps.Holds(two), Is.False);
        Assert.That(_stamps.Holds(_stamps.Capture(1)), Is.True, "What begins now.");
    }

    [Test]
    public void Holds_CapturedDuringAClear_IsFalse()
    {
        _stamps.BeginClear();
        WriteStamp stamp = _stamps.Capture(1);

        Assert.That(_stamps.Holds(stamp), Is.False);
        _stamps.EndClear();

        Assert.That(_stamps.Holds(stamp), Is.False);
    }

    [Test]
    public void Holds_OtherKeysWritten_IsTrueForNearlyAll()
    {
        WriteStamp[] stamps = [.. Enumerable.Range(0, 1_000).Select(k => _stamps.Capture(k))];

        _stamps.BeginWrite(0);
        _stamps.EndWrite(0);

        Assert.That(Enumerable.Range(0, 1_000).Count(k => !_stamps.Holds(stamps[k])), Is.InRange(1, 10));
    }
}
