using System.Globalization;
using System.Net;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Cachet;
using CsCheck;

namespace CachetTests;

/// <summary>Different keys have different texts, equal keys the same, whatever the culture.</summary>
public class KeyEncoderTests
{
    [Flags]
    internal enum Access
    {
        None = 0,
        Read = 1,
        Write = 2,
    }

    [Test]
    public void For_TypesOfTheFramework_GivesTextThatDependsOnNoCulture()
    {
        // Flows with this test's execution context and ends with it.
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NegativeSign = "minus";
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NaNSymbol = "no number";
        culture.DateTimeFormat.DateSeparator = ".";
        CultureInfo.CurrentCulture = culture;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Text("a:b"), Is.EqualTo("a:b"));
            Assert.That(Text('x'), Is.EqualTo("x"));
            Assert.That(Text(new Rune(0x1F600)), Is.EqualTo("\U0001F600"));
            Assert.That(Text(-5), Is.EqualTo("-5"));
            Assert.That(Text((nint)(-5)), Is.EqualTo("-5"));
            Assert.That(Text(Int128.MinValue), Is.EqualTo("-170141183460469231731687303715884105728"));
            Assert.That(Text(BigInteger.Pow(-10, 501)), Is.EqualTo("-1" + new string('0', 501)));
            Assert.That(Text(-1.5m), Is.EqualTo("-1.5"));
            Assert.That(Text(-1.5), Is.EqualTo("-1.5"));
            Assert.That(Text(0.1f), Is.EqualTo("0.1"));
            Assert.That(Text((Half)0.5), Is.EqualTo("0.5"));
            Assert.That(Text(double.NaN), Is.EqualTo("NaN"));
            Assert.That(Text(Guid.Empty), Is.EqualTo(new string('0', 32)));
            Assert.That(Text(new DateOnly(2026, 3, 1)), Is.EqualTo("2026-03-01"));
            Assert.That(Text(new TimeOnly(1, 2, 3)), Is.EqualTo("01:02:03.0000000"));
            Assert.That(Text(new DateTime(2026, 3, 1, 1, 2, 3)), Is.EqualTo("2026-03-01T01:02:03.0000000"));
            Assert.That(Text(new DateTimeOffset(2026, 3, 1, 1, 2, 3, TimeSpan.FromHours(1))), Is.EqualTo("2026-03-01T00:02:03.0000000Z"));
            Assert.That(Text(TimeSpan.FromMilliseconds(-1)), Is.EqualTo("-00:00:00.0010000"));
            Assert.That(Text(new Version(1, 2)), Is.EqualTo("1.2"));
            Assert.That(Text(IPAddress.IPv6Loopback), Is.EqualTo("::1"));
            Assert.That(Text(DayOfWeek.Friday), Is.EqualTo("Friday"));
            Assert.That(Text(Access.Read | Access.Write), Is.EqualTo("Read, Write"));
            Assert.That(Text((Access)12), Is.EqualTo("12"));
        }
    }

    [Test]
    public void For_EqualKeysThatLookDifferent_GivesOneText()
    {
        var instant = new DateTime(2026, 3, 1, 1, 2, 3, DateTimeKind.Utc);

        using (Assert.EnterMultipleScope())
        {
            AssertOneText(instant, DateTime.SpecifyKind(instant, DateTimeKind.Local));
            AssertOneText(instant, DateTime.SpecifyKind(instant, DateTimeKind.Unspecified));
            AssertOneText(new DateTimeOffset(instant), new DateTimeOffset(instant).ToOffset(TimeSpan.FromHours(5)));
            AssertOneText(1.10m, 1.1m);
            AssertOneText(100m, 100.00m);
            AssertOneText(0m, -0.0m);
            AssertOneText(0.0, -0.0);
            AssertOneText(0f, -0f);
            AssertOneText(Half.Zero, Half.NegativeZero);
            AssertOneText(double.NaN, BitConverter.Int64BitsToDouble(-1));
        }
    }

    [Test]
    public void For_AnyTwoKeys_GivesOneTextIfAndOnlyIfTheyAreEqual()
    {
        AssertOneToOne(Gen.String);
        AssertOneToOne(Gen.Char);
        AssertOneToOne(Gen.Int[-20, 20]);
        AssertOneToOne(Gen.Long);
        AssertOneToOne(Gen.Guid);
        AssertOneToOne(Gen.Double);
        AssertOneToOne(Gen.Float);
        AssertOneToOne(Gen.Decimal);
        AssertOneToOne(Gen.Select(Gen.Int[-50, 50], Gen.Byte[0, 3], static (n, scale) => new decimal(Math.Abs(n), 0, 0, n < 0, scale)));
        AssertOneToOne(Gen.DateTime);
        AssertOneToOne(Gen.DateTimeOffset);
        AssertOneToOne(Gen.DateOnly);
        AssertOneToOne(Gen.TimeOnly);
        AssertOneToOne(Gen.TimeSpan);
        AssertOneToOne(Gen.Int[-1, 8].Select(static n => (DayOfWeek)n));
        AssertOneToOne(Gen.Int[-1, 8].Select(static n => (Access)n));
    }

    [Test]
    public async Task For_TypeOfOnesOwn_FormatsWithoutAFormatInTheInvariantCulture()
    {
        using var store = new FakeStore();
        await using ICache<Place, string> cache = Cache.Builder<Place, string>("c").Distributed(store).Build();
        await cache.InsertAsync(new("berlin", 1.5m), "v");

        Assert.That(store.EntryKey, Does.EndWith(":berlin/1.5"));
        Assert.That((await cache.GetAsync(new("berlin", 1.5m)))?.Value, Is.EqualTo("v"));
        Assert.That(Text(new Place(new('x', 10_000), 1)), Has.Length.EqualTo(10_002));
    }

    [Test]
    public void For_TypesWhoseTextMaySayTooLittle_IsNull()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(KeyEncoders.For<Uri>(), Is.Null);
            Assert.That(KeyEncoders.For<Complex>(), Is.Null);
            Assert.That(KeyEncoders.For<NFloat>(), Is.Null);
            Assert.That(KeyEncoders.For<object>(), Is.Null);
            Assert.That(KeyEncoders.For<ISpanFormattable>(), Is.Null);
            Assert.That(KeyEncoders.For<Enum>(), Is.Null);
            Assert.That(KeyEncoders.For<byte[]>(), Is.Null);
            Assert.That(KeyEncoders.For<(int, int)>(), Is.Null);
            Assert.That(KeyEncoders.For<Product>(), Is.Null);
        }
    }

    [Test]
    public void Build_KeyTypeThatNeedsAnEncoder_SaysWhichDoNot() => Assert.That(
        static () => Cache.Builder<Uri, int>("c").Distributed(Stores.Memory()).Build(),
        Throws.InvalidOperationException.With.Message.Contains("System.Uri").And.Message.Contains("'l1'").And.Message.Contains("enums")
            .And.Message.Contains("ISpanFormattable").And.Message.Contains("KeyEncoder"));

    private static string Text<TKey>(TKey key)
        where TKey : notnull
    {
        string text = KeyEncoders.For<TKey>()!("prefix:", key);
        Assert.That(text, Does.StartWith("prefix:"));
        return text["prefix:".Length..];
    }

    private static void AssertOneText<TKey>(TKey one, TKey other)
        where TKey : notnull
    {
        Assert.That(one, Is.EqualTo(other), "The test is about equal keys.");
        Assert.That(Text(one), Is.EqualTo(Text(other)), $"{typeof(TKey)}");
    }

    private static void AssertOneToOne<TKey>(Gen<TKey> keys)
        where TKey : notnull
    {
        Func<string, TKey, string> compose = KeyEncoders.For<TKey>()!;
        Gen.Select(keys, keys).Sample((one, other) => one.Equals(other) == (compose("p", one) == compose("p", other)), iter: 2_000);
    }

    private readonly record struct Place(string City, decimal Zone) : ISpanFormattable
    {
        public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
        {
            Assert.That(format.Length, Is.Zero);
            Assert.That(provider, Is.SameAs(CultureInfo.InvariantCulture));
            return destination.TryWrite(provider, $"{City}/{Zone}", out charsWritten);
        }

        public string ToString(string? format, IFormatProvider? formatProvider) => throw new NotSupportedException();
    }
}
