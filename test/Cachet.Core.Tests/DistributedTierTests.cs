using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Cachet;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

public class DistributedTierTests
{
    private readonly CacheEventRecorder _events = new();
    private FakeTimeProvider _clock = null!;
    private FakeStore _store = null!;

    [SetUp]
    public void SetUp()
    {
        _clock = new(Rig.Start);
        _store = new();
        _events.Clear();
    }

    [TearDown]
    public void TearDown() => _store.Dispose();

    [Test]
    public async Task Values_OfManyTypes_ComeBackAsTheyWere()
    {
        using (Assert.EnterMultipleScope())
        {
            await AssertRoundTrip<string?>(null);
            await AssertRoundTrip("");
            await AssertRoundTrip("grüße \u0000 \U0001F600 \"quoted\" </script>");
            await AssertRoundTrip(0);
            await AssertRoundTrip(long.MinValue);
            await AssertRoundTrip<int?>(null);
            await AssertRoundTrip<int?>(3);
            await AssertRoundTrip(double.NaN);
            await AssertRoundTrip(double.PositiveInfinity);
            await AssertRoundTrip(double.NegativeInfinity);
            await AssertRoundTrip(0.1 + 0.2);
            await AssertRoundTrip(decimal.MaxValue);
            await AssertRoundTrip((1, "two", 3.5));
            await AssertRoundTrip(new Product("p1", 9.95m, ["a", "b"], new(2026, 1, 1)));
            await AssertRoundTrip<Product?>(null);
            await AssertRoundTrip(new[] { 1, 2, 3 });
            await AssertRoundTrip(new Dictionary<string, int> { ["a"] = 1 });
            await AssertRoundTrip(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.FromHours(5)));
            await AssertRoundTrip(TimeSpan.MaxValue);
            await AssertRoundTrip(Guid.Parse("01234567-89ab-cdef-0123-456789abcdef"));
            await AssertRoundTrip(new string('x', 200_000));
        }
    }

    [Test]
    public async Task Values_LoneSurrogate_IsNeverAWrongValue()
    {
        ICache<string, string> cache = Over<string, string>(_store);

        await cache.InsertAsync("k", "a\ud800b").FaultAsync(); // It may be refused, but not mended in silence.

        Assert.That((await cache.GetAsync("k"))?.Value, Is.Null.Or.EqualTo("a\ud800b"));
    }

    [Test]
    public async Task GetAsync_MemoryDistributedCache_RoundTripsThroughTheRealStore()
    {
        var store = Stores.Memory();
        await Over<string, string>(store).InsertEntryAsync("k", new("v", Rig.Start - TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(1)));

        CacheEntry<string>? found = await Over<string, string>(store).GetAsync("k");

        Assert.That(found?.Value, Is.EqualTo("v"));
        Assert.That(found!.CachedAt, Is.EqualTo(Rig.Start - TimeSpan.FromSeconds(3)));
        Assert.That(found.TimeToLive, Is.EqualTo(TimeSpan.FromMinutes(1)));
    }

    [TestCase("")]
    [TestCase("k")]
    [TestCase("a:b:c ~generation \n \0")]
    [TestCase("grüße 日本 \U0001F600")]
    public async Task Keys_Strings_AreKeptApartAndReadBack(string key)
    {
        await Over<string, string>(_store).InsertAsync(key, "v");

        Assert.That((await Over<string, string>(_store).GetAsync(key))?.Value, Is.EqualTo("v"));
        Assert.That(await Over<string, string>(_store).GetAsync(key + "x"), Is.Null);
        Assert.That(_store.EntryKey, Does.StartWith("c:").And.EndsWith(":" + key));
    }

    [Test]
    public async Task Keys_IntegersAndGuids_NeedNoEncoder()
    {
        using (Assert.EnterMultipleScope())
        {
            await AssertKey(int.MinValue, int.MaxValue, "-2147483648");
            await AssertKey(long.MinValue, long.MaxValue, "-9223372036854775808");
            await AssertKey(0u, uint.MaxValue, "0");
            await AssertKey(ulong.MaxValue, 0ul, "18446744073709551615");
            await AssertKey(short.MinValue, (short)1, "-32768");
            await AssertKey((ushort)1, ushort.MaxValue, "1");
            await AssertKey((byte)255, (byte)0, "255");
            await AssertKey((sbyte)-1, (sbyte)1, "-1");
            await AssertKey((nint)(-5), (nint)5, "-5");
            await AssertKey((nuint)5, (nuint)6, "5");
            await AssertKey(Int128.MinValue, Int128.MaxValue, Int128.MinValue.ToString());
            await AssertKey(UInt128.MaxValue, UInt128.Zero, UInt128.MaxValue.ToString());
            await AssertKey(Guid.Empty, Guid.NewGuid(), "00000000000000000000000000000000");
        }
    }

    [Test]
    public async Task Keys_NegativeIntegers_DoNotDependOnTheCulture()
    {
        // Flows with this test's execution context and ends with it.
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NegativeSign = "minus";
        CultureInfo.CurrentCulture = culture;

        await Over<int, string>(_store).InsertAsync(-1, "v");

        Assert.That(_store.EntryKey, Does.EndWith(":-1"));
    }

    [Test]
    public async Task Keys_OfAnyType_TakeAnEncoder()
    {
        ICache<(string Shop, int Id), string> cache = Cache.Builder<(string Shop, int Id), string>("c")
            .Distributed(_store, static o => o.KeyEncoder = static key => $"{key.Shop}/{key.Id}").Build();

        await cache.InsertAsync(("berlin", 7), "v");

        Assert.That((await cache.GetAsync(("berlin", 7)))?.Value, Is.EqualTo("v"));
        Assert.That(_store.EntryKey, Does.EndWith(":berlin/7"));
    }

    [Test]
    public async Task Keys_EncoderThrows_IsATierError()
    {
        var error = new InvalidOperationException("encoder");
        ICache<string, string> cache = Cache.Builder<string, string>("c").Distributed(_store, o => o.KeyEncoder = _ => throw error).Build();

        Assert.That(await cache.InsertAsync("k", "v").FaultAsync(), Is.SameAs(error));
        Assert.That(await cache.GetOrInsertAsync("k", static (_, _) => new("loaded")), Is.EqualTo("loaded"));
    }

    [Test]
    public async Task KeyPrefix_LeftOut_KeepsTwoCachesOfOneStoreApart()
    {
        ICache<string, string> one = Over<string, string>(_store, "one"), two = Over<string, string>(_store, "two");
        await one.InsertAsync("k", "of one");
        await two.InsertAsync("k", "of two");

        await two.ClearAsync();

        Assert.That((await one.GetAsync("k"))?.Value, Is.EqualTo("of one"));
        Assert.That(await two.GetAsync("k"), Is.Null);
    }

    [Test]
    public async Task KeyPrefix_Set_BeginsEveryStoreKey()
    {
        ICache<string, string> cache = Cache.Builder<string, string>("c").Distributed(_store, static o => o.KeyPrefix = "shop/").Build();

        await cache.InsertAsync("k", "v");

        Assert.That(_store.Entries, Has.Count.EqualTo(2));
        Assert.That(_store.GenerationKey, Is.EqualTo("shop/~generation"));
        Assert.That(_store.EntryKey, Does.Match("^shop/[0-9a-f]{16}:k$"));
    }

    [TestCase(60_000, 60)]
    [TestCase(60_001, 60)]
    [TestCase(1, 0)]
    [TestCase(1_500, 1)]
    public async Task StoreOptions_Life_IsRoundedUpToWholeSeconds(int milliseconds, int wholeSeconds)
    {
        ICache<string, string> cache = Cache.Builder<string, string>("c").Clock(_clock)
            .Distributed(_store, o => o.TimeToLive = TimeSpan.FromMilliseconds(milliseconds)).Build();

        await cache.InsertAsync("k", "v");

        TimeSpan expiration = _store.Entries[_store.EntryKey].Options.AbsoluteExpirationRelativeToNow!.Value;
        Assert.That(expiration.Ticks % TimeSpan.TicksPerSecond, Is.Zero);
        Assert.That(expiration, Is.GreaterThan(TimeSpan.Zero).And.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(milliseconds)));
        Assert.That(expiration, Is.LessThanOrEqualTo(TimeSpan.FromSeconds(wholeSeconds + 1)));
    }

    [Test]
    public async Task StoreOptions_OwnLife_IsWhatIsLeftOfIt()
    {
        await Over<string, string>(_store).InsertEntryAsync("k", new("v", Rig.Start - TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(60)));

        Assert.That(_store.Entries[_store.EntryKey].Options.AbsoluteExpirationRelativeToNow, Is.InRange(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(11)));
    }

    [TestCase(-10_000L)] // infinite
    [TestCase(long.MaxValue)]
    [TestCase(long.MaxValue - 1)]
    public async Task StoreOptions_ForEver_HaveNoExpiration(long ticks)
    {
        await Over<string, string>(_store).InsertEntryAsync("k", new("v", null, new(ticks)));

        Assert.That(_store.Entries[_store.EntryKey].Options.AbsoluteExpirationRelativeToNow, Is.Null);
        Assert.That(_store.Entries[_store.EntryKey].Options.AbsoluteExpiration, Is.Null);
        Assert.That(_store.Entries[_store.EntryKey].Options.SlidingExpiration, Is.Null);
    }

    [Test]
    public async Task StoreOptions_LargestLife_TheRealStoreTakesIt()
    {
        ICache<string, string> cache = Over<string, string>(Stores.Memory());

        Assert.That(await cache.InsertEntryAsync("k", new("v", null, TimeSpan.MaxValue - TimeSpan.FromDays(1))), Is.EqualTo(InsertOutcome.Accepted));
        Assert.That(await cache.InsertEntryAsync("m", new("v", null, TimeSpan.FromDays(365_000))), Is.EqualTo(InsertOutcome.Accepted));
        Assert.That(await cache.GetAsync("k"), Is.Not.Null);
        Assert.That(await cache.GetAsync("m"), Is.Not.Null);
    }

    [Test]
    public async Task Events_OfReadsAndWrites_CarryThePayloadsSize()
    {
        ICache<string, string> cache = Over<string, string>(_store);
        await cache.GetAsync("k");
        await cache.InsertAsync("k", "value");
        await cache.GetAsync("k");
        await cache.InvalidateAsync("k");

        long size = EntryEnvelope<string>.HeaderSize + "\"value\"".Length;
        Assert.That(_events.TierEvents.Select(static e => e.EntrySize), Is.EqualTo(new long?[] { null, size, size, null }));
    }

    [TestCase("random")]
    [TestCase("empty")]
    [TestCase("truncated")]
    [TestCase("flipped")]
    [TestCase("newer version")]
    [TestCase("of another key")]
    [TestCase("appended")]
    public async Task GetAsync_BadPayload_IsInvalidAMissAndOverwrittenByTheNextInsert(string kind)
    {
        ICache<string, string> cache = Over<string, string>(_store);
        await cache.InsertAsync("k", "v");
        string key = _store.EntryKey;
        byte[] good = _store.Entries[key].Bytes;
        if (kind == "of another key")
        {
            await cache.InsertAsync("other", "of another key");
            good = _store.Entries.Single(e => e.Key.EndsWith(":other", StringComparison.Ordinal)).Value.Bytes;
        }

        byte[] bad = kind switch
        {
            "random" => [.. Enumerable.Range(0, 100).Select(static i => (byte)(i * 37))],
            "empty" => [],
            "truncated" => good[..^1],
            "flipped" => [.. good[..^1], (byte)(good[^1] ^ 1)],
            "newer version" => [good[0], 2, .. good[2..]],
            "appended" => [.. good, 0],
            _ => good,
        };
        _store.Put(key, bad);
        _events.Clear();

        Assert.That(await cache.GetAsync("k"), Is.Null);
        Assert.That(await cache.GetOrInsertAsync("k", static (_, _) => new("loaded")), Is.EqualTo("loaded"));
        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("loaded"));
        Assert.That(_events.TierLines, Is.EqualTo(new[] { "l1 get invalid", "l1 get invalid", "l1 insert inserted", "l1 get hit" }));
        Assert.That(_events.OperationLines, Is.EqualTo(new[] { "get miss", "get_or_insert loaded", "get hit l1" }));
        Assert.That(_events.TierEvents[0].EntrySize, Is.EqualTo(bad.Length));
        Assert.That(_events.TierEvents[0].Exception, Is.Null);
    }

    [Test]
    public async Task GetAsync_EveryTierIsInvalidOrFails_IsAMiss()
    {
        ICache<string, string> cache = Cache.Builder<string, string>("c").Clock(_clock).TierErrors(TierErrorPolicy.Throw).Distributed(_store).Build();
        await cache.InsertAsync("k", "v");
        _store.Put(_store.EntryKey, [1, 2, 3]);

        Assert.That(await cache.GetAsync("k"), Is.Null, "A soft failure is no tier error.");
    }

    [Test]
    public async Task GetAsync_DeserializerThrows_IsInvalidAndTellsTheException()
    {
        var error = new FormatException("not mine");
        var serializer = new Utf8Serializer();
        ICache<string, string> cache = Cache.Builder<string, string>("c").EventHandler(_events).Distributed(_store, o => o.Serializer = serializer).Build();
        await cache.InsertAsync("k", "v");
        serializer.Throw = error;

        Assert.That(await cache.GetAsync("k"), Is.Null);

        Assert.That(_events.TierLines[^1], Is.EqualTo("l1 get invalid"));
        Assert.That(_events.TierEvents[^1].Exception, Is.SameAs(error));
        Assert.That(_events.OperationEvents[^1].Exception, Is.Null);
    }

    [Test]
    public async Task GetAsync_AnotherType_IsInvalid()
    {
        await Over<string, string>(_store).InsertAsync("k", "text");

        Assert.That(await Over<string, int>(_store).GetAsync("k"), Is.Null);
        Assert.That(_events.TierLines[^1], Is.EqualTo("l1 get invalid"));
        Assert.That(_events.TierEvents[^1].Exception, Is.InstanceOf<JsonException>());
    }

    [Test]
    public async Task InsertAsync_SerializerThrows_IsATierErrorAndStoresNothing()
    {
        var error = new FormatException("not mine");
        ICache<string, string> cache =
            Cache.Builder<string, string>("c").Distributed(_store, o => o.Serializer = new Utf8Serializer { Throw = error }).Build();

        Assert.That(await cache.InsertAsync("k", "v").FaultAsync(), Is.SameAs(error));
        Assert.That(_store.Entries.Keys, Is.All.EndsWith("~generation"));
    }

    [Test]
    public async Task Serializer_Set_IsUsedAndNeverGivenNull()
    {
        ICache<string, string?> cache = Cache.Builder<string, string?>("c").Distributed(_store, static o => o.Serializer = new Utf8Serializer()!).Build();
        await cache.InsertAsync("k", "plain");

        Assert.That(_store.Entries[_store.EntryKey].Bytes[EntryEnvelope<string>.HeaderSize..], Is.EqualTo("plain"u8.ToArray()));
        await cache.InsertAsync("k", null);
        CacheEntry<string?>? found = await cache.GetAsync("k");
        Assert.That(found, Is.Not.Null);
        Assert.That(found!.Value, Is.Null);
    }

    [Test]
    public async Task JsonTypeInfo_Set_IsUsed()
    {
        ICache<string, Product> cache = Cache.Builder<string, Product>("c")
            .Distributed(_store, static o => o.JsonTypeInfo = ProductJson.Default.Product).Build();
        var product = new Product("p1", 1m, ["a"], new(2026, 1, 1));

        await cache.InsertAsync("k", product);

        Assert.That(Encoding.UTF8.GetString(_store.Entries[_store.EntryKey].Bytes.AsSpan(EntryEnvelope<string>.HeaderSize)), Does.Contain("\"unit_price\":1"));
        Assert.That((await cache.GetAsync("k"))!.Value.Id, Is.EqualTo("p1"));
    }

    [Test]
    public async Task JsonSerializerOptions_Set_AreUsed()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseUpper,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
        ICache<string, Product> cache = Cache.Builder<string, Product>("c").Distributed(_store, o => o.JsonSerializerOptions = options).Build();

        await cache.InsertAsync("k", new("p1", 1m, [], default));

        Assert.That(Encoding.UTF8.GetString(_store.Entries[_store.EntryKey].Bytes.AsSpan(EntryEnvelope<string>.HeaderSize)), Does.Contain("\"UNIT_PRICE\""));
    }

    [Test]
    public async Task GetAsync_StoreFails_IsATierErrorOfTheSameInstance()
    {
        ICache<string, string> cache = Over<string, string>(_store);
        await cache.InsertAsync("k", "v");
        var error = new TimeoutException("down");
        _store.Fail = call => call.StartsWith("get", StringComparison.Ordinal) ? error : null;

        Assert.That(await cache.GetAsync("k").FaultAsync(), Is.SameAs(error));
    }

    [Test]
    public async Task InvalidateAsync_Stored_RemovesTheStoreKey()
    {
        ICache<string, string> cache = Over<string, string>(_store);
        await cache.InsertAsync("k", "v");

        await cache.InvalidateAsync("k");

        Assert.That(_store.Entries.Keys, Is.All.EndsWith("~generation"));
    }

    [Test]
    public async Task CountAsync_DistributedPrimary_IsNull() => Assert.That(await Over<string, string>(_store).CountAsync(), Is.Null);

    private async Task AssertRoundTrip<T>(T value)
    {
        var store = Stores.Memory();
        await Over<string, T>(store).InsertAsync("k", value);
        CacheEntry<T>? found = await Over<string, T>(store).GetAsync("k");
        Assert.That(found, Is.Not.Null, $"{value}");
        if (found is not null) Assert.That(found.Value, Is.EqualTo(value).UsingPropertiesComparer());
    }

    private async Task AssertKey<TKey>(TKey key, TKey other, string text)
        where TKey : notnull
    {
        _store.Entries.Clear();
        ICache<TKey, string> cache = Over<TKey, string>(_store);
        await cache.InsertAsync(key, "v");

        Assert.That(_store.EntryKey, Does.EndWith(":" + text), $"{typeof(TKey)}");
        Assert.That((await cache.GetAsync(key))?.Value, Is.EqualTo("v"), $"{typeof(TKey)}");
        Assert.That(await cache.GetAsync(other), Is.Null, $"{typeof(TKey)}");
    }

    private ICache<TKey, TValue> Over<TKey, TValue>(Microsoft.Extensions.Caching.Distributed.IDistributedCache store, string name = "c")
        where TKey : notnull =>
        Cache.Builder<TKey, TValue>(name).Clock(_clock).EventHandler(_events).Distributed(store).Build();

    private sealed class Utf8Serializer : IHybridCacheSerializer<string>
    {
        public Exception? Throw { get; set; }

        public string Deserialize(ReadOnlySequence<byte> source) => Throw is { } error ? throw error : Encoding.UTF8.GetString(source);

        public void Serialize(string value, IBufferWriter<byte> target)
        {
            ArgumentNullException.ThrowIfNull(value);
            if (Throw is { } error) throw error;
            Encoding.UTF8.GetBytes(value, target);
        }
    }
}

internal sealed record Product(string Id, decimal UnitPrice, string[] Tags, DateOnly Since);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Product))]
internal sealed partial class ProductJson : JsonSerializerContext;
