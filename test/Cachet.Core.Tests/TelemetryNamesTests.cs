using Cachet;

namespace CachetTests;

public class TelemetryNamesTests
{
    [Test]
    public void Of_EveryMember_IsItsNameInSnakeCase()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (CacheOperation o in Enum.GetValues<CacheOperation>()) Assert.That(TelemetryNames.Of(o), Is.EqualTo(Snake(o)));
            foreach (CacheOutcome o in Enum.GetValues<CacheOutcome>()) Assert.That(TelemetryNames.Of(o), Is.EqualTo(Snake(o)));
            foreach (EvictionReason r in Enum.GetValues<EvictionReason>()) Assert.That(TelemetryNames.Of(r), Is.EqualTo(Snake(r)));
            foreach (CacheEvent e in Enum.GetValues<CacheEvent>()) Assert.That(TelemetryNames.Of(e), Is.EqualTo("cache." + Snake(e)));
        }

        static string Snake(Enum member) =>
            string.Concat(member.ToString().Select(static (c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : $"{c}"));
    }

    [Test]
    public void SpanOf_EveryOperationOfACache_IsCacheDotVerb()
    {
        foreach (CacheOperation operation in Enum.GetValues<CacheOperation>())
        {
            if (operation == CacheOperation.Evict) Assert.That(() => TelemetryNames.SpanOf(operation), Throws.InstanceOf<ArgumentOutOfRangeException>());
            else Assert.That(TelemetryNames.SpanOf(operation), Is.EqualTo("cache." + TelemetryNames.Of(operation)));
        }
    }

    [Test]
    public void Of_NoSuchMember_Throws()
    {
        Assert.That(() => TelemetryNames.Of((CacheOperation)99), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => TelemetryNames.Of((CacheOutcome)99), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => TelemetryNames.Of((EvictionReason)99), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => TelemetryNames.Of((CacheEvent)99), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Constants_Names_AreUnique()
    {
        string[] names = [.. typeof(TelemetryNames).GetFields().Where(static f => f.IsLiteral).Select(static f => (string)f.GetRawConstantValue()!)];

        Assert.That(names, Is.Unique.And.Length.GreaterThan(10));
    }
}
