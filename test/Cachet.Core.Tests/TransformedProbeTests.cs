using Cachet;

namespace CachetTests;

/// <summary>A recorded get of a tier that answers at once, behind a boundary, asks it once and tells all that it said.</summary>
public class TransformedProbeTests
{
    private const int Size = 42;

    private readonly CacheEventRecorder _events = new();
    private SizedTier _tier = null!;
    private ICache<int, int> _cache = null!;

    [SetUp]
    public void Build()
    {
        _events.Clear();
        _tier = new();
        _cache = Cache.Builder<int, int>("c")
            .Transform(
                ValueCodec.Create<int, string>(static value => $"{value}", static (string stored, out int value) => int.TryParse(stored, out value)),
                t => t.Tier(_tier))
            .EventHandler(_events)
            .Build();
    }

    [TearDown]
    public ValueTask DisposeAsync() => _cache.DisposeAsync();

    [Test]
    public async Task GetAsync_Hit_TellsTheSize()
    {
        _tier.Entries[7] = new("49", DateTimeOffset.UtcNow);

        Assert.That((await _cache.GetAsync(7))?.Value, Is.EqualTo(49));

        Assert.That(_events.TierEvents, Has.Count.EqualTo(1));
        Assert.That((_events.TierEvents[0].Outcome, _events.TierEvents[0].EntrySize), Is.EqualTo((CacheOutcome.Hit, (long?)Size)));
    }

    [TestCase("49", CacheOutcome.Hit)]
    [TestCase("nonsense", CacheOutcome.Invalid)]
    [TestCase(null, CacheOutcome.Miss)]
    public async Task GetAsync_WhateverIsThere_AsksOnce(string? stored, CacheOutcome outcome)
    {
        if (stored is not null) _tier.Entries[7] = new(stored, DateTimeOffset.UtcNow);

        await _cache.GetAsync(7);

        Assert.That(_events.TierEvents[0].Outcome, Is.EqualTo(outcome));
        Assert.That(_tier.Reads, Is.EqualTo(1));
    }

    /// <summary>Memory that knows what its entries would take up elsewhere.</summary>
    private sealed class SizedTier : ICacheTier<int, string>, ISynchronousTier<int, string>
    {
        public Dictionary<int, CacheEntry<string>> Entries { get; } = [];

        public int Reads { get; private set; }

        public long? Count => Entries.Count;

        public CacheEntry<string>? Find(int key) => Read(key).Entry;

        public TierReadResult<string> Read(int key)
        {
            Reads++;
            return Entries.TryGetValue(key, out CacheEntry<string>? entry) ? new() { Entry = entry, SerializedSize = Size } : default;
        }

        public ValueTask<CacheEntry<string>?> GetAsync(int key, CancellationToken cancellationToken) => new(Find(key));

        public ValueTask<InsertOutcome> InsertAsync(int key, CacheEntry<string> entry, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask InvalidateAsync(int key, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask ClearAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long?> CountAsync(CancellationToken cancellationToken) => new(Count);
    }
}
