using Cachet;

namespace CachetTests;

public class SettingsReaderTests
{
    private List<string> _failures = null!;

    [SetUp]
    public void SetUp() => _failures = [];

    [TestCase("00:00:30", 30_000)]
    [TestCase("1.12:00:00", 36 * 3_600_000L)]
    [TestCase("00:00:00.250", 250)]
    [TestCase("00:00:00", 0)]
    [TestCase("-00:00:00.001", -1)]
    [TestCase("-00:00:05", -5_000)]
    [TestCase("infinite", -1)]
    [TestCase("Infinite", -1)]
    public void Time_Good_IsSet(string text, double milliseconds)
    {
        TimeSpan? time = null;

        Reader(text).Time("Option", v => time = v);

        Assert.That(time, Is.EqualTo(TimeSpan.FromMilliseconds(milliseconds)));
        Assert.That(_failures, Is.Empty);
    }

    [TestCase("30")] // thirty days
    [TestCase("00:30")] // half an hour
    [TestCase("24:00:00")] // twenty-four days
    [TestCase("00:00:60")]
    [TestCase("30s")]
    [TestCase("never")]
    [TestCase("")]
    [TestCase(" ")]
    public void Time_CouldBeMistaken_IsAFailure(string text)
    {
        Reader(text).Time("Option", static _ => Assert.Fail("It was set."));

        Assert.That(_failures, Is.EqualTo(new[]
        {
            $"'Cachet:products:Option' is '{text}': "
            + "it should be a time as [days.]hours:minutes:seconds, such as 00:00:30 or 1.12:00:00, or 'infinite'",
        }));
    }

    [TestCase("12", 12)]
    [TestCase("-3", -3)]
    [TestCase("0", 0)]
    public void Whole_Good_IsSet(string text, int expected)
    {
        int? number = null;

        Reader(text).Whole<int>("Option", v => number = v);

        Assert.That(number, Is.EqualTo(expected));
        Assert.That(_failures, Is.Empty);
    }

    [TestCase("1.5")]
    [TestCase("1,000")]
    [TestCase("1e3")]
    [TestCase("2147483648")]
    [TestCase("many")]
    [TestCase("")]
    public void Whole_Bad_IsAFailure(string text)
    {
        Reader(text).Whole<int>("Option", static _ => Assert.Fail("It was set."));

        Assert.That(_failures, Is.EqualTo(new[] { $"'Cachet:products:Option' is '{text}': it should be a whole number, at most 2147483647" }));
    }

    [Test]
    public void Whole_OfAWiderType_HasItsRange()
    {
        long? number = null;

        Reader("2147483648").Whole<long>("Option", v => number = v);

        Assert.That(number, Is.EqualTo(2_147_483_648));
    }

    [TestCase("0.25", 0.25)]
    [TestCase("1", 1)]
    [TestCase("-1e-2", -0.01)]
    public void Fraction_Good_IsSet(string text, double expected)
    {
        double? number = null;

        Reader(text).Fraction("Option", v => number = v);

        Assert.That(number, Is.EqualTo(expected));
        Assert.That(_failures, Is.Empty);
    }

    [TestCase("0,5")] // five
    [TestCase("NaN")]
    [TestCase("Infinity")]
    [TestCase("1e999")]
    [TestCase("half")]
    public void Fraction_Bad_IsAFailure(string text)
    {
        Reader(text).Fraction("Option", static _ => Assert.Fail("It was set."));

        Assert.That(_failures, Is.EqualTo(new[] { $"'Cachet:products:Option' is '{text}': it should be a number, with a point before its decimals" }));
    }

    [TestCase("true", true)]
    [TestCase("False", false)]
    public void Flag_Good_IsSet(string text, bool expected)
    {
        bool? flag = null;

        Reader(text).Flag("Option", v => flag = v);

        Assert.That(flag, Is.EqualTo(expected));
        Assert.That(_failures, Is.Empty);
    }

    [TestCase("1")]
    [TestCase("on")]
    public void Flag_Bad_IsAFailure(string text)
    {
        Reader(text).Flag("Option", static _ => Assert.Fail("It was set."));

        Assert.That(_failures, Is.EqualTo(new[] { $"'Cachet:products:Option' is '{text}': it should be true or false" }));
    }

    [TestCase("Throw")]
    [TestCase("throw")]
    public void OneOf_WordOfTheEnum_IsSet(string text)
    {
        TierErrorPolicy? policy = null;

        Reader(text).OneOf<TierErrorPolicy>("Option", v => policy = v);

        Assert.That(policy, Is.EqualTo(TierErrorPolicy.Throw));
        Assert.That(_failures, Is.Empty);
    }

    [TestCase("1")]
    [TestCase("Absorb,Throw")]
    [TestCase("")]
    public void OneOf_AnythingElse_IsAFailureThatNamesTheWords(string text)
    {
        Reader(text).OneOf<TierErrorPolicy>("Option", static _ => Assert.Fail("It was set."));

        Assert.That(_failures, Is.EqualTo(new[] { $"'Cachet:products:Option' is '{text}': it should be Absorb or Throw" }));
    }

    [Test]
    public void Text_Any_IsSetAsItIs([Values("", " a:b ")] string text)
    {
        string? set = null;

        Reader(text).Text("Option", v => set = v);

        Assert.That(set, Is.EqualTo(text));
    }

    [Test]
    public void Option_NotThere_IsNotSet()
    {
        SettingsReader reader = Reader("1", "Another");

        reader.Whole<int>("Option", static _ => Assert.Fail("It was set."));

        Assert.That(_failures, Is.Empty);
    }

    [Test]
    public void Option_Null_IsAFailure()
    {
        Reader(null).Flag("Option", static _ => Assert.Fail("It was set."));

        Assert.That(_failures, Is.EqualTo(new[] { "'Cachet:products:Option' is null: it should be true or false, or be left out" }));
    }

    [Test]
    public void Option_ThatIsASection_IsAFailure()
    {
        Reader("true", "Option:Inner").Flag("Option", static _ => Assert.Fail("It was set."));

        Assert.That(_failures, Is.EqualTo(new[] { "'Cachet:products:Option' is a section: it should be true or false" }));
    }

    [Test]
    public void RefuseTheRest_AllAskedFor_IsContent([Values("Option", "OPTION")] string key)
    {
        SettingsReader reader = Reader("1", key);
        reader.Whole<int>("Option", static _ => { });

        reader.RefuseTheRest();

        Assert.That(_failures, Is.Empty);
    }

    [Test]
    public void RefuseTheRest_SomethingLeft_NamesItsPathAndWhatIsKnown()
    {
        SettingsReader reader = Reader("1", "Optoin");
        reader.Whole<int>("Option", static _ => { });
        reader.Section("Part", "a part");

        reader.RefuseTheRest();

        Assert.That(
            _failures, Is.EqualTo(new[] { "'Cachet:products:Optoin' is nothing that can be set for cache 'products': configuration can set Option, Part" }));
    }

    private SettingsReader Reader(string? value, string key = "Option") => new(Sections.Products((key, value)), "cache 'products'", _failures);
}
