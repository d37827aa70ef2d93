using Cachet.Examples;

namespace CachetTests;

public class ExamplesTests
{
    [TestCase("simple", """
        apples: 12, pears: 0, plums: not cached
        entries: 2
        pears, invalidated: False
        two minutes later, apples: not cached, plums: 7
        """)]
    [TestCase("get-or-insert", """
        name 1
        name 1
        reads: 1
        name 2
        name 3, for 5 minutes; nothing
        cached: 3 True, 4 False
        """)]
    [TestCase("two-tier", """
        p1, loaded here
        p1, loaded here
        in memory: 1 here, 1 there
        invalidated: False here, True there
        """)]
    [TestCase("multi-tier", """
        small: get hit memory, large: get hit region
        10 minutes later: get hit region, then get hit memory
        10 days later: get hit archive, then get hit memory
        30 days later: get miss
        """)]
    [TestCase("refresh", """
        at the beginning: rate 1
        8 minutes later: still rate 1, at once; a refresh begins
        the refresh ends: refreshed
        from then on: rate 2
        """)]
    [TestCase("custom-tier", """
        P1: a product
        on the shelf: p1
        """)]
    [TestCase("service-as-storage", """
          GET p1
          PUT p1
        p1, loaded
          GET p1
        p1, loaded
          DELETE p1
        """)]
    [TestCase("serialization", """
        as JSON: Fruit { Name = apple, Amount = 12 }
        as text: Fruit { Name = pear, Amount = 7 }
        as text: Fruit { Name = pear, Amount = 7 }
        l1 get invalid, l1 insert inserted, l1 get hit
        """)]
    [TestCase("type-mapping", """
        7 costs 3.50 EUR
        8 costs 4.25 EUR
        texts get hit, texts get invalid, texts insert inserted
        price/8 is now: 4.25 EUR
        """)]
    [TestCase("error-handling", """
        with a loader: p1, loaded
        without one: a miss
        but the events tell: l2 get error, l2 insert error, l2 get error
        an insert: TimeoutException
        in memory all the same: a product
        a loader: KeyNotFoundException
        a strict get: TimeoutException
        """)]
    [TestCase("stampede-protection", """
        five callers get 1, 1, 1, 1, 1
        the impatient: Canceled, the load: goes on
        the patient gets 2
        the bored: Canceled, and so is the load
        """)]
    [TestCase("testing", """
        2 tea: 7.00; the store was asked to get tea
        2 tea: 8.00; l1 evict evicted expired, l1 get expired, l2 get error, l1 insert inserted, l2 insert inserted
        waiting: True
        1 coffee: 4.00
        """)]
    public async Task RunAsync_Example_PrintsItsLines(string name, string expected)
    {
        List<string> lines = [];

        await Examples.All[name](lines.Add);

        Assert.That(lines, Is.EqualTo(expected.Split('\n')));
    }

    [Test]
    public void All_ExamplesOfTheProject_AreInItAndShort()
    {
        string[] files = Directory.GetFiles(Path.Combine(Repository.Root, "samples", "Cachet.Examples"), "*Example.cs");

        Assert.That(Examples.All.Values.Select(static e => $"{e.Method.DeclaringType!.Name}.cs"), Is.EquivalentTo(files.Select(Path.GetFileName)));
        Assert.That(files.Where(static f => File.ReadAllLines(f).Length > 60), Is.Empty);
    }

    [Test]
    public void Readme_EveryExample_IsInItsTable() => Assert.That(
        SampleProgram.Readme("Cachet.Examples").Split('\n').Where(static l => l.StartsWith("| `", StringComparison.Ordinal)).Select(static l => l.Split('`')[1]),
        Is.EqualTo(Examples.All.Keys));
}
