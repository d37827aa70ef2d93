using System.Globalization;
using Cachet;

namespace CachetTests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class KeyRecordingTests
{
    private readonly Logs _logs = new();

    [Test]
    public async Task None_OfALog_IsTheDefaultAndLeavesKeysOut()
    {
        await RunAsync(null);

        Assert.That(_logs.Names, Is.EqualTo(new[]
        {
            "cache.miss", "cache.load_error", "cache.get_or_insert", "cache.inserted", "cache.insert", "cache.cleared", "cache.clear",
        }));
        Assert.That(_logs.Text, Does.Not.Contain("secret").And.Not.Contain("cache.key"));
    }

    [Test]
    public async Task Full_OfALog_IsOnEveryRecordSaveThoseOfAClear()
    {
        await RunAsync(KeyRecording.Full);

        Assert.That(_logs.Keys, Is.EqualTo(new[] { "secret\n", "secret\n", "secret\n", "secret\n", "secret\n", "-", "-" }));
    }

    [Test]
    public async Task Full_OfALog_IsAnAttributeAndNeverText()
    {
        await RunAsync(KeyRecording.Full);

        Assert.That(_logs.Messages, Has.None.Contains("secret"));
    }

    [Test]
    public async Task Hash_OfALog_IsOneTextForOneKey()
    {
        await RunAsync(KeyRecording.Hash);

        Assert.That(_logs.Keys.Take(5).Distinct().Single(), Does.Match("^[0-9a-f]{16}$"));
        Assert.That(_logs.Keys.Skip(5), Is.All.EqualTo("-"));
        Assert.That(_logs.Text, Does.Not.Contain("secret"));
    }

    [Test]
    public async Task Redact_OfALog_IsWhatTheFunctionGives()
    {
        await RunAsync(KeyRecording.Redact<string>(static key => key[..2] + "…"));

        Assert.That(_logs.Keys, Is.EqualTo(new[] { "se…", "se…", "se…", "se…", "se…", "-", "-" }));
    }

    [Test]
    public async Task Redact_FunctionThrows_LeavesTheKeyOutAndReportsItOnce()
    {
        using var faults = new FaultListener("KeyRecordingFault");

        await RunAsync(KeyRecording.Redact<string>(static _ => throw new InsufficientMemoryException("secret")));

        Assert.That(_logs.Keys, Has.Count.EqualTo(7).And.All.EqualTo("-"));
        Assert.That(faults.Of(nameof(InsufficientMemoryException)), Is.EqualTo(new[] { "System.String System.InsufficientMemoryException" }));
    }

    [Test]
    public async Task Clear_KeysAreStructs_HasNoKey()
    {
        ICache<int, string> cache =
            Cache.Builder<int, string>("c").Tier(new FakeCacheTier<int, string>()).EnableLogs(_logs.Factory, static o => o.KeyRecording = KeyRecording.Full).Build();

        await cache.InvalidateAsync(0);
        await cache.ClearAsync();

        Assert.That(_logs.Keys, Is.EqualTo(new[] { "0", "0", "-", "-" }));
    }

    [Test]
    public async Task Redact_NobodyListens_IsNotCalled()
    {
        int calls = 0;
        _logs.SetMinimum(Microsoft.Extensions.Logging.LogLevel.None);

        await RunAsync(KeyRecording.Redact<string>(_ => $"{++calls}"));

        Assert.That(calls, Is.Zero);
    }

    [Test]
    public void TextOf_Full_IsTheInvariantFormatting()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NegativeSign = "minus";
        CultureInfo.CurrentCulture = culture; // of this test; the framework restores it
        var guid = Guid.NewGuid();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(KeyRecording.Full.TextOf("key"), Is.EqualTo("key"));
            Assert.That(KeyRecording.Full.TextOf(-1.5), Is.EqualTo("-1.5"));
            Assert.That(KeyRecording.Full.TextOf(guid), Is.EqualTo(guid.ToString()));
            Assert.That(KeyRecording.Full.TextOf(new Compound("a", -1)), Is.EqualTo("a/-1"));
            Assert.That(KeyRecording.Full.TextOf(new Silent()), Is.Null);
            Assert.That(KeyRecording.Full.TextOf<string>(null), Is.Null);
        }
    }

    [Test]
    public void TextOf_Hash_DependsOnTheTextAlone()
    {
        string? hash = KeyRecording.Hash.TextOf(12);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(hash, Does.Match("^[0-9a-f]{16}$"));
            Assert.That(KeyRecording.Hash.TextOf(12), Is.EqualTo(hash));
            Assert.That(KeyRecording.Hash.TextOf("12"), Is.EqualTo(hash));
            Assert.That(KeyRecording.Hash.TextOf(13), Is.Not.EqualTo(hash));
            Assert.That(KeyRecording.Hash.TextOf(new Silent()), Is.Null);
            Assert.That(KeyRecording.Hash.TextOf<string>(null), Is.Null);
        }
    }

    [Test]
    public void TextOf_Redact_IsGivenKeysOfItsTypeOnly()
    {
        KeyRecording numbers = KeyRecording.Redact<int>(static key => $"#{key}"), any = KeyRecording.Redact<object>(static key => key.GetType().Name);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(numbers.TextOf(1), Is.EqualTo("#1"));
            Assert.That(numbers.TextOf("1"), Is.Null);
            Assert.That(any.TextOf(1), Is.EqualTo("Int32"));
            Assert.That(any.TextOf("1"), Is.EqualTo("String"));
            Assert.That(any.TextOf<string>(null), Is.Null);
        }
    }

    [Test]
    public void Redact_NoFunction_Throws() =>
        Assert.That(static () => KeyRecording.Redact<string>(null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("redactor"));

    private async Task RunAsync(KeyRecording? recording)
    {
        ICache<string, string> cache = Cache.Builder<string, string>("c").Tier(new FakeCacheTier<string, string>()).EnableLogs(_logs.Factory, o =>
        {
            if (recording is not null) o.KeyRecording = recording;
        }).Build();

        await cache.GetOrInsertAsync("secret\n", static (_, _) => throw new TimeoutException()).FaultAsync();
        await cache.InsertAsync("secret\n", "v");
        await cache.ClearAsync();
    }

    private sealed record Compound(string Name, int Number) : IFormattable
    {
        public string ToString(string? format, IFormatProvider? formatProvider) => string.Create(formatProvider, $"{Name}/{Number}");
    }

    private sealed class Silent
    {
        public override string? ToString() => null;
    }
}
