using Cachet;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests;

/// <summary>Values that are too large for a distributed tier.</summary>
public class PayloadQuotaTests
{
    private const int Quota = 100;
    private readonly CacheEventRecorder _events = new();
    private FakeStore _inner = null!;

    [SetUp]
    public void SetUp()
    {
        _inner = new();
        _events.Clear();
    }

    [TearDown]
    public void TearDown() => _inner.Dispose();

    [TestCase(Quota, true)]
    [TestCase(Quota + 1, false)]
    [TestCase(50 * Quota, false)]
    public async Task InsertAsync_SizeOfThePayload_DecidesWithoutTheEnvelope(int size, bool fits)
    {
        await using ICache<string, string> cache = Over(_inner);

        InsertOutcome outcome = await cache.InsertAsync("k", Json(size));

        Assert.That(outcome, Is.EqualTo(fits ? InsertOutcome.Accepted : InsertOutcome.Rejected));
        Assert.That(_events.TierLines[^1], Is.EqualTo(fits ? "l1 insert inserted" : "l1 insert rejected"));
        Assert.That(_events.TierEvents[^1].EntrySize, Is.EqualTo(size + EntryEnvelope<string>.HeaderSize));
        Assert.That(await cache.GetAsync("k"), fits ? Is.Not.Null : Is.Null);
    }

    [Test]
    public async Task InsertAsync_TooLarge_DropsWhatTheTierHeld([Values] bool buffers)
    {
        await using ICache<string, string> cache = Over(buffers ? new BufferStore(_inner) : _inner);
        await cache.InsertAsync("k", "old");

        await cache.InsertAsync("k", Json(Quota + 1));

        Assert.That(await cache.GetAsync("k"), Is.Null);
        Assert.That(_inner.Entries.Keys, Is.All.EndsWith("~generation"));
    }

    [Test]
    public async Task InsertAsync_TooLarge_StillLivesInTheOtherTiers()
    {
        await using ICache<string, string> cache = Cache.Builder<string, string>("c").EventHandler(_events).Memory()
            .Distributed(_inner, static o => o.MaximumPayloadBytes = Quota).Build();
        string value = Json(Quota + 1);

        Assert.That(await cache.InsertAsync("k", value), Is.EqualTo(InsertOutcome.Accepted));

        Assert.That((await cache.GetAsync("k"))?.Value, Is.SameAs(value));
        Assert.That(_events.OperationLines, Is.EqualTo(new[] { "insert inserted", "get hit l1" }));
    }

    [Test]
    public async Task GetOrInsertAsync_TooLarge_ReturnsWhatWasLoaded()
    {
        await using ICache<string, string> cache = Over(_inner);
        string value = Json(Quota + 1);

        Assert.That(await cache.GetOrInsertAsync("k", value, static (_, v, _) => new(v)), Is.SameAs(value));
        Assert.That(_events.OperationLines, Is.EqualTo(new[] { "get_or_insert loaded" }));
    }

    [Test]
    public async Task GetAsync_StoredByANodeWithALargerQuota_IsInvalidUntilOverwritten([Values] bool buffers)
    {
        await using ICache<string, string> large = Over(_inner, 1_000);
        await large.InsertAsync("k", Json(Quota + 1));
        await using ICache<string, string> cache = Over(buffers ? new BufferStore(_inner) : _inner);
        _events.Clear();

        Assert.That(await cache.GetAsync("k"), Is.Null);

        Assert.That(_events.TierLines, Is.EqualTo(new[] { "l1 get invalid" }));
        Assert.That(_events.TierEvents[0].EntrySize, Is.EqualTo(Quota + 1 + EntryEnvelope<string>.HeaderSize));
        await cache.InsertAsync("k", "v");
        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("v"));
    }

    [TestCase(1024 * 1024, InsertOutcome.Accepted)]
    [TestCase((1024 * 1024) + 1, InsertOutcome.Rejected)]
    public async Task MaximumPayloadBytes_LeftOut_IsOneMebibyte(int size, InsertOutcome outcome)
    {
        await using ICache<string, string> cache = Cache.Builder<string, string>("c").Distributed(_inner).Build();

        Assert.That(await cache.InsertAsync("k", Json(size)), Is.EqualTo(outcome));
    }

    [Test]
    public async Task MaximumPayloadBytes_Largest_IsNoLimit()
    {
        await using ICache<string, string> cache = Over(_inner, long.MaxValue);

        Assert.That(await cache.InsertAsync("k", Json(2 * 1024 * 1024)), Is.EqualTo(InsertOutcome.Accepted));
    }

    [TestCase(0)]
    [TestCase(-1)]
    public void MaximumPayloadBytes_TooSmall_NamesOptionValueAndFix(long bytes) => Assert.That(
        () => Over(_inner, bytes),
        Throws.InstanceOf<ArgumentOutOfRangeException>()
            .With.Message.Contains("MaximumPayloadBytes").And.Message.Contains($"cannot be {bytes}").And.Message.Contains("1 byte or more"));

    /// <summary>A string that is so many bytes of JSON.</summary>
    private static string Json(int size) => new('x', size - 2);

    private ICache<string, string> Over(IDistributedCache store, long quota = Quota) =>
        Cache.Builder<string, string>("c").EventHandler(_events).Distributed(store, o => o.MaximumPayloadBytes = quota).Build();
}
