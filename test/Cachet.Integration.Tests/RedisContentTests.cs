using System.Globalization;
using System.Text;
using Cachet;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>What is in the server, and what becomes of it when somebody else touches it.</summary>
public sealed class RedisContentTests
{
    private FakeTimeProvider _time = null!;

    private static string Prefix => $"{TestContext.CurrentContext.Test.ID}:";

    private static IEnumerable<TestCaseData> Texts =>
    [
        new TestCaseData(null).SetArgDisplayNames("null"),
        new TestCaseData(string.Empty).SetArgDisplayNames("empty"),
        new TestCaseData("Zażółć gęślą jaźń 🦊\0\r\n").SetArgDisplayNames("beyond ASCII"),
        new TestCaseData(new string('x', 1_000_000)).SetArgDisplayNames("a million"),
    ];

    [SetUp]
    public void Begin() => _time = new();

    [TestCaseSource(nameof(Texts))]
    public async Task Insert_Text_ComesBackToAnotherProcessAsItWas(string? value)
    {
        await using Node<string?> writer = await JoinAsync<string?>();
        await using Node<string?> reader = await JoinAsync<string?>();

        await writer.Cache.InsertAsync("k", value);
        CacheEntry<string?>? entry = await reader.Cache.GetAsync("k");

        Assert.That(entry, Is.Not.Null);
        Assert.That(entry.Value, Is.EqualTo(value));
    }

    [Test]
    public async Task Insert_Record_ComesBackToAnotherProcessAsItWas()
    {
        await using Node<Nested> writer = await JoinAsync<Nested>();
        await using Node<Nested> reader = await JoinAsync<Nested>();
        var value = new Nested(
            [Product.Of("p1"), Product.Of("p2")], new() { ["a"] = double.NaN, ["b"] = double.MaxValue }, (7, "seven"), DateTimeOffset.MaxValue, Guid.NewGuid());

        await writer.Cache.InsertAsync("k", value);
        CacheEntry<Nested>? entry = await reader.Cache.GetAsync("k");

        Assert.That(entry, Is.Not.Null);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(entry.Value.Products, Is.EqualTo(value.Products));
            Assert.That(entry.Value.Numbers, Is.EqualTo(value.Numbers));
            Assert.That(entry.Value with { Products = value.Products, Numbers = value.Numbers }, Is.EqualTo(value));
        }
    }

    [Test]
    public async Task InsertEntry_OwnTimeToLive_ComesBackToAnotherProcessWithWhenItWasCached()
    {
        await using Node<string> writer = await JoinAsync<string>();
        await using Node<string> reader = await JoinAsync<string>();

        await writer.Cache.InsertEntryAsync("k", CacheEntry.Create("v", timeToLive: TimeSpan.FromHours(2)));
        DateTimeOffset cachedAt = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromHours(1));
        CacheEntry<string>? entry = await reader.Cache.GetAsync("k");
        _time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromTicks(1));
        CacheEntry<string>? over = await reader.Cache.GetAsync("k");

        Assert.That(entry, Is.Not.Null);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(entry.CachedAt, Is.EqualTo(cachedAt));
            Assert.That(entry.TimeToLive, Is.EqualTo(TimeSpan.FromHours(2)));
            Assert.That(over, Is.Null, "promoted or not, its own time to live counts from when it was cached");
        }
    }

    [Test]
    public async Task Insert_DefaultPrefix_KeyIsTheCachesNameTheGenerationAndTheKey()
    {
        string name = $"named{TestContext.CurrentContext.Test.ID}";
        await using Node<string> node = await Node<string>.JoinAsync(new(name, _time));

        await node.Cache.InsertAsync("k", "v");

        IReadOnlyList<string> keys = node.KeysFrom(name);
        Assert.That(keys, Has.Count.EqualTo(2));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(keys[0], Does.Match($"^{name}:[0-9a-f]{{16}}:k$"));
            Assert.That(keys[1], Is.EqualTo($"{name}:~generation"));
            Assert.That(await node.Database.KeyTimeToLiveAsync(keys[1]), Is.Null, "the generation never expires");
        }
    }

    [TestCase(90.5, 91)]
    [TestCase(90.0, 90)]
    public async Task Insert_TierLife_IsRoundedUpToTheServersSeconds(double lifeSeconds, int seconds)
    {
        await using Node<string> node = await JoinAsync<string>(o => o with { RedisLife = TimeSpan.FromSeconds(lifeSeconds) });

        DateTime before = DateTime.UtcNow;
        await node.Cache.InsertAsync("k", "v");
        DateTime after = DateTime.UtcNow;

        string key = node.StoreKey(Prefix, "k");
        long stored = long.Parse((await node.Database.HashGetAsync(key, "absexp")).ToString(), CultureInfo.InvariantCulture);
        TimeSpan? left = await node.Database.KeyTimeToLiveAsync(key);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                new DateTime(stored, DateTimeKind.Utc), Is.InRange(before.AddSeconds(seconds), after.AddSeconds(seconds)), "as RedisCache was told");
            Assert.That(left, Is.GreaterThan(TimeSpan.FromSeconds(seconds - 30)).And.LessThanOrEqualTo(TimeSpan.FromSeconds(seconds)));
        }
    }

    [Test]
    public async Task Get_ServerDroppedTheKey_IsAMissNotExpired()
    {
        var events = new CacheEventRecorder();
        await using Node<string> node = await JoinAsync<string>(o => o with
        {
            MemoryLife = null,
            RedisLife = TimeSpan.FromMilliseconds(500),
            Events = events,
        });
        await node.Cache.InsertAsync("k", "v");
        string key = node.StoreKey(Prefix, "k");

        // The cache's clock stands still: only the server's can end the entry.
        await Poll.UntilAsync(async () => !await node.Database.KeyExistsAsync(key), static () => "The server still has the key.");
        CacheEntry<string>? entry = await node.Cache.GetAsync("k");

        Assert.That(entry, Is.Null);
        Assert.That(events.TierLines, Is.EqualTo(new[] { "l2 insert inserted", "l2 get miss" }));
    }

    [TestCase("")]
    [TestCase("not an envelope, but long enough for the header of one")]
    [TestCase(null, Description = "The envelope of this very key, one byte of its payload changed.")]
    public async Task Get_PayloadCorrupted_IsReportedCountsAsAMissAndTheNextInsertRepairsIt(string? garbage)
    {
        var events = new CacheEventRecorder();
        await using Node<string> node = await JoinAsync<string>(o => o with { MemoryLife = null, Events = events });
        await node.Cache.InsertAsync("k", "value");
        string key = node.StoreKey(Prefix, "k");
        byte[] bytes = garbage is null ? (byte[])(await node.Database.HashGetAsync(key, "data"))! : Encoding.UTF8.GetBytes(garbage);
        if (garbage is null) bytes[^2] ^= 1;
        await node.Database.HashSetAsync(key, "data", bytes);

        CacheEntry<string>? corrupted = await node.Cache.GetAsync("k");
        string loaded = await node.Cache.GetOrInsertAsync("k", static (_, _) => new("repaired"));
        CacheEntry<string>? repaired = await node.Cache.GetAsync("k");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(corrupted, Is.Null);
            Assert.That(loaded, Is.EqualTo("repaired"));
            Assert.That(repaired?.Value, Is.EqualTo("repaired"));
            Assert.That(events.TierLines, Is.EqualTo(new[]
            {
                "l2 insert inserted", "l2 get invalid", "l2 get invalid", "l2 insert inserted", "l2 get hit",
            }));
            Assert.That(events.TierEvents[1].EntrySize, Is.EqualTo(bytes.Length));
        }
    }

    [Test]
    public async Task Get_PayloadOfAnotherKey_IsRefused()
    {
        var events = new CacheEventRecorder();
        await using Node<string> node = await JoinAsync<string>(o => o with { MemoryLife = null, Events = events });
        await node.Cache.InsertAsync("mine", "mine");
        await node.Cache.InsertAsync("yours", "yours");
        byte[] yours = (await node.Database.HashGetAsync(node.StoreKey(Prefix, "yours"), "data"))!;
        await node.Database.HashSetAsync(node.StoreKey(Prefix, "mine"), "data", yours);
        events.Clear();

        CacheEntry<string>? entry = await node.Cache.GetAsync("mine");

        Assert.That(entry, Is.Null);
        Assert.That(events.TierLines, Is.EqualTo(new[] { "l2 get invalid" }));
    }

    [Test]
    public async Task Get_KeyIsNotAHash_IsTheTiersErrorAndGetOrInsertStillAnswers()
    {
        var events = new CacheEventRecorder();
        await using Node<string> node = await JoinAsync<string>(o => o with { Events = events });
        await node.Cache.InsertAsync("k", "v");
        string key = node.StoreKey(Prefix, "k");
        await node.Database.KeyDeleteAsync(key);
        await node.Database.StringSetAsync(key, "somebody else's");
        _time.Advance(TimeSpan.FromMinutes(1));
        events.Clear();

        string loaded = await node.Cache.GetOrInsertAsync("k", static (_, _) => new("loaded"));

        Assert.That(loaded, Is.EqualTo("loaded"));
        Assert.That(events.TierLines, Is.EqualTo(new[] { "l1 evict evicted expired", "l1 get expired", "l2 get error", "l1 insert inserted", "l2 insert error" }));
    }

    private Task<Node<TValue>> JoinAsync<TValue>(Func<NodeOptions, NodeOptions>? configure = null)
    {
        var options = new NodeOptions("content", _time) { KeyPrefix = Prefix };
        return Node<TValue>.JoinAsync(configure is null ? options : configure(options));
    }

    private sealed record Nested(
        IReadOnlyList<Product> Products, Dictionary<string, double> Numbers, (int Number, string Name) Pair, DateTimeOffset Time, Guid Id);
}
