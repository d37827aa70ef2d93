using System.Buffers;
using System.Text;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests;

/// <summary>A distributed tier over a store that takes and gives bytes in buffers.</summary>
public class BufferStoreTests
{
    private FakeTimeProvider _clock = null!;
    private FakeStore _inner = null!;
    private BufferStore _store = null!;
    private CountingPool _pool = null!;

    [SetUp]
    public void SetUp()
    {
        _clock = new(Rig.Start);
        _inner = new();
        _store = new(_inner);
        _pool = new();
    }

    [TearDown]
    public void TearDown() => _inner.Dispose();

    [TestCase("")]
    [TestCase("v")]
    [TestCase(null)]
    public async Task GetAsync_Inserted_ComesBack(string? value)
    {
        await Node(_store).InsertEntryAsync("k", new(value, Rig.Start - TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(1)));

        CacheEntry<string?>? found = await Node(_store).GetAsync("k");

        Assert.That(found, Is.Not.Null);
        Assert.That(found!.Value, Is.EqualTo(value));
        Assert.That(found.CachedAt, Is.EqualTo(Rig.Start - TimeSpan.FromSeconds(3)));
        Assert.That(found.TimeToLive, Is.EqualTo(TimeSpan.FromMinutes(1)));
    }

    [TestCase(1)]
    [TestCase(36)]
    [TestCase(4_096)]
    [TestCase(1_000_000)]
    public async Task GetAsync_LargeValueInPieces_ComesBack(int chunkSize)
    {
        var store = new BufferStore(_inner, chunkSize);
        string value = string.Concat(Enumerable.Range(0, 10_000));

        await Node(store).InsertAsync("k", value);

        Assert.That((await Node(store).GetAsync("k"))?.Value, Is.EqualTo(value));
    }

    [Test]
    public async Task Nodes_OneWithBuffersOneWithArrays_ReadEachOthersEntriesAndClears()
    {
        ICache<string, string?> buffers = Node(_store), arrays = Node(_inner);
        await buffers.InsertAsync("a", "of buffers");
        await arrays.InsertAsync("b", "of arrays");

        Assert.That((await arrays.GetAsync("a"))?.Value, Is.EqualTo("of buffers"));
        Assert.That((await buffers.GetAsync("b"))?.Value, Is.EqualTo("of arrays"));

        await arrays.ClearAsync();
        Assert.That(await buffers.GetAsync("a"), Is.Not.Null, "Not seen before the next look at the generation.");
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.That(await buffers.GetAsync("a"), Is.Null);
        Assert.That(await buffers.GetAsync("b"), Is.Null);
    }

    [TestCase(0)]
    [TestCase(44 - 1)]
    [TestCase(44 + 1)]
    [TestCase(100_000)]
    public async Task Generation_OfAnotherSize_IsReplacedAndCountsAsAClear(int size)
    {
        ICache<string, string?> cache = Node(_store);
        await cache.InsertAsync("k", "v");
        _inner.Put(_inner.GenerationKey, new byte[size]);
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.That(await cache.GetAsync("k"), Is.Null);
        await cache.InsertAsync("k", "new");
        Assert.That((await Node(_store).GetAsync("k"))?.Value, Is.EqualTo("new"));
    }

    [Test]
    public async Task InvalidateAsync_Stored_RemovesIt()
    {
        ICache<string, string?> cache = Node(_store);
        await cache.InsertAsync("k", "v");

        await cache.InvalidateAsync("k");

        Assert.That(_inner.Entries.Keys, Is.All.EndsWith("~generation"));
    }

    [Test]
    public async Task ReadAsync_MissHitInvalidAndOverLimit_GiveEveryArrayBackAfterItsLastUse([Values] bool buffers)
    {
        DistributedTier<string, string> tier = Tier(buffers);
        Assert.That((await tier.ReadAsync("k", default)).Entry, Is.Null);
        await tier.WriteAsync("k", Stamped("value"), default);
        Assert.That((await tier.ReadAsync("k", default)).Entry?.Value, Is.EqualTo("value"));
        byte[] good = _inner.Entries[_inner.EntryKey].Bytes;
        _inner.Put(_inner.EntryKey, [.. good, 1]);
        Assert.That((await tier.ReadAsync("k", default)).Undecodable, Is.True);
        _inner.Put(_inner.EntryKey, new byte[1_000_000]);
        TierReadResult<string> large = await tier.ReadAsync("k", default);

        Assert.That(large, Is.EqualTo(new TierReadResult<string> { Undecodable = true, SerializedSize = 1_000_000 }));
        Assert.That(_pool.Rented, Is.Positive);
        Assert.That(_pool.Out, Is.Zero);
    }

    [Test]
    public async Task Calls_StoreFails_GiveEveryArrayBackThatItCannotBeSending([Values] bool buffers, [Values("get ", "set ", "remove ")] string call)
    {
        DistributedTier<string, string> tier = Tier(buffers);
        await tier.WriteAsync("k", Stamped("value"), default);
        var error = new TimeoutException("down");
        _inner.Fail = c => c.StartsWith(call, StringComparison.Ordinal) ? error : null;

        Exception? fault = call switch
        {
            "get " => await tier.ReadAsync("k", default).FaultAsync(),
            "set " => await tier.WriteAsync("k", Stamped("value"), default).FaultAsync(),
            _ => await tier.WriteAsync("k", Stamped(new('x', 20_000)), default).FaultAsync(),
        };

        Assert.That(fault, Is.SameAs(error));
        Assert.That(_pool.Out, Is.EqualTo(buffers && call == "set " ? 1 : 0));
    }

    [Test]
    public async Task ReadAsync_StoreFailsHalfway_GivesTheArrayBack()
    {
        DistributedTier<string, string> tier = Tier(buffers: true);
        await tier.WriteAsync("k", Stamped("value"), default);
        _store.FailHalfway = new TimeoutException("down");

        Assert.That(await tier.ReadAsync("k", default).FaultAsync(), Is.SameAs(_store.FailHalfway));
        Assert.That(_pool.Out, Is.Zero);
    }

    [Test]
    public async Task Calls_Cancelled_GiveEveryArrayBackThatNobodyCanBeSending([Values("get ", "set ")] string call)
    {
        DistributedTier<string, string> tier = Tier(buffers: true);
        await tier.WriteAsync("k", Stamped("value"), default);
        var gate = new Gate();
        _inner.Before = c => c.StartsWith(call, StringComparison.Ordinal) ? gate.PassAsync() : Task.CompletedTask;
        using var cancel = new CancellationTokenSource();
        Task pending = call == "get " ? tier.ReadAsync("k", cancel.Token).AsTask() : tier.WriteAsync("k", Stamped("new"), cancel.Token).AsTask();
        await gate.Reached;

        await cancel.CancelAsync();

        Assert.That(await pending.FaultAsync(), Is.InstanceOf<OperationCanceledException>());
        Assert.That(_pool.Out, Is.EqualTo(call == "set " ? 1 : 0));
        gate.Open();
    }

    [Test]
    public async Task Calls_SerializerThrows_GiveTheArrayBack([Values] bool buffers)
    {
        var serializer = new Utf8();
        DistributedTier<string, string> tier = Tier(buffers, serializer);
        await tier.WriteAsync("k", Stamped("value"), default);
        serializer.Throw = new FormatException("not mine");

        Assert.That(await tier.WriteAsync("k", Stamped("value"), default).FaultAsync(), Is.SameAs(serializer.Throw));
        Assert.That((await tier.ReadAsync("k", default)).DecodeError, Is.SameAs(serializer.Throw));
        Assert.That(_pool.Out, Is.Zero);
    }

    [Test]
    public async Task ReadAsync_StoreWritesAfterItEnded_GetsAnException()
    {
        DistributedTier<string, string> tier = Tier(buffers: true);
        await tier.ReadAsync("k", default);

        Assert.That(() => _store.Destination!.GetSpan(), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Calls_StoreAnswersLater_GiveEveryArrayBackAfterItsLastUse([Values] bool buffers)
    {
        _inner.Before = static async _ => await Task.Yield();
        DistributedTier<string, string> tier = Tier(buffers);

        Assert.That(await tier.GetAsync("k", default), Is.Null);
        Assert.That(await tier.InsertAsync("k", Stamped("value"), default), Is.EqualTo(InsertOutcome.Accepted));
        Assert.That((await tier.GetAsync("k", default))?.Value, Is.EqualTo("value"));
        Assert.That(await tier.InsertAsync("k", Stamped(new('x', 20_000)), default), Is.EqualTo(InsertOutcome.Rejected));
        Assert.That(await tier.GetAsync("k", default), Is.Null);
        await tier.InsertAsync("k", Stamped("value"), default);
        await tier.InvalidateAsync("k", default);
        Assert.That(await tier.GetAsync("k", default), Is.Null);
        await tier.ClearAsync(default);

        Assert.That(_pool.Rented, Is.Positive);
        Assert.That(_pool.Out, Is.Zero);
    }

    [Test]
    public async Task WriteAsync_ArrayStore_HasAnArrayOfItsOwn()
    {
        DistributedTier<string, string> tier = Tier(buffers: false);

        await tier.WriteAsync("k", Stamped("value"), default);

        Assert.That(_inner.Entries[_inner.EntryKey].Bytes, Has.Length.EqualTo(EntryEnvelope<string>.HeaderSize + 5), "Exactly.");
        Assert.That((await tier.ReadAsync("k", default)).Entry?.Value, Is.EqualTo("value"), "The pool has spoiled what it got back.");
    }

    private static CacheEntry<string> Stamped(string value) => new CacheEntry<string>(value, Rig.Start).With(Life.Until(1, long.MaxValue));

    private ICache<string, string?> Node(IDistributedCache store) =>
        Cache.Builder<string, string?>("c").Clock(_clock).Distributed(store, static o => o.TimeToLive = TimeSpan.FromHours(1)).Build();

    private DistributedTier<string, string> Tier(bool buffers, Utf8? serializer = null) => new(
        PayloadStore.Over(buffers ? _store : _inner, _pool),
        "c:",
        string.Concat,
        new(serializer ?? new()),
        limit: 10_000,
        TimeSpan.FromHours(1),
        _clock);

    private sealed class Utf8 : IHybridCacheSerializer<string>
    {
        public Exception? Throw { get; set; }

        public string Deserialize(ReadOnlySequence<byte> source) => Throw is { } error ? throw error : Encoding.UTF8.GetString(source);

        public void Serialize(string value, IBufferWriter<byte> target)
        {
            target.Write(Encoding.UTF8.GetBytes(value));
            if (Throw is { } error) throw error;
        }
    }
}
