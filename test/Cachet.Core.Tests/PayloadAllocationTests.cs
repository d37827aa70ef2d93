using System.Buffers;
using System.Collections.Concurrent;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;

namespace CachetTests;

/// <summary>What a payload costs on its way through a distributed tier.</summary>
[NonParallelizable]
public class PayloadAllocationTests
{
    private const int Payload = 100_000;
    private const int Calls = 100;
    private const int Little = Payload / 10; // bytes per call, for all that does not grow with the payload

    [Test]
    public void GetAsync_BufferStore_AllocatesNoArrayOfThePayload() =>
        Assert.That(PerCall(new Shelf(), static cache => cache.GetAsync("k") is { IsCompletedSuccessfully: true, Result.Value: Payload }), Is.LessThan(Little));

    [Test]
    public void InsertAsync_BufferStore_AllocatesNoArrayOfThePayload() =>
        Assert.That(PerCall(new Shelf(), static cache => cache.InsertAsync("k", Payload).IsCompletedSuccessfully), Is.LessThan(Little));

    [Test]
    public void GetAsync_ArrayStore_CopiesNothing() => Assert.That(
        PerCall(new ArrayShelf(), static cache => cache.GetAsync("k") is { IsCompletedSuccessfully: true, Result.Value: Payload }), Is.LessThan(Little));

    [Test]
    public void InsertAsync_ArrayStore_CopiesOnce() => Assert.That(
        PerCall(new ArrayShelf(), static cache => cache.InsertAsync("k", Payload).IsCompletedSuccessfully),
        Is.GreaterThan(Payload).And.LessThan(Payload + Little));

    [Test]
    public void InsertAsync_OverTheQuota_AllocatesNoArrayOfThePayload([Values] bool buffers) => Assert.That(
        PerCall(
            buffers ? new Shelf() : new ArrayShelf(),
            static cache => cache.InsertAsync("k", 50 * Payload) is { IsCompletedSuccessfully: true, Result: InsertOutcome.Rejected }),
        Is.LessThan(Little));

    [Test]
    public void StoreKey_OfAnyFormattableKey_IsOneString()
    {
        AssertOneString(int.MinValue);
        AssertOneString(Guid.NewGuid());
        AssertOneString(DayOfWeek.Wednesday);
        AssertOneString(DateTime.MaxValue);
        AssertOneString("text");
    }

    private static void AssertOneString<TKey>(TKey key)
        where TKey : notnull
    {
        Func<string, TKey, string> compose = KeyEncoders.For<TKey>()!;
        for (int i = 0; i < Calls; i++) compose("a prefix:", key);
        long before = GC.GetAllocatedBytesForCurrentThread();

        string text = compose("a prefix:", key);

        // A string's header, and a box around the key where the compiler has not optimized yet; not a second string.
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(allocated, Is.LessThanOrEqualTo(56 + (2 * text.Length)), $"{typeof(TKey)}");
    }

    private static long PerCall(IDistributedCache store, Func<ICache<string, int>, bool> call)
    {
        ICache<string, int> cache = Cache.Builder<string, int>("c").Distributed(store, static o => o.Serializer = new Pattern()).Build();
        Assert.That(cache.InsertAsync("k", Payload).IsCompletedSuccessfully, Is.True);
        for (int i = 0; i < Calls; i++) Assert.That(call(cache), Is.True);
        int done = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Calls; i++)
        {
            if (call(cache)) done++;
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(done, Is.EqualTo(Calls));
        return allocated / Calls;
    }

    /// <summary>The value is how many bytes its payload has, so that nothing of its size is allocated by the value itself.</summary>
    private sealed class Pattern : IHybridCacheSerializer<int>
    {
        public int Deserialize(ReadOnlySequence<byte> source) => (int)source.Length;

        public void Serialize(int value, IBufferWriter<byte> target)
        {
            for (int left = value; left > 0; left -= 1_000)
            {
                target.GetSpan(1_000)[..1_000].Fill((byte)left);
                target.Advance(1_000);
            }
        }
    }

    /// <summary>Keeps payloads in arrays that are there already.</summary>
    private sealed class Shelf : IBufferDistributedCache
    {
        private readonly ConcurrentDictionary<string, byte[]> _entries = new();

        public ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
        {
            if (!_entries.TryGetValue(key, out byte[]? found)) return new(false);
            destination.Write(found);
            return new(true);
        }

        public ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
        {
            if (_entries.TryGetValue(key, out byte[]? there) && there.Length == value.Length) value.CopyTo(there);
            else _entries[key] = value.ToArray();
            return default;
        }

        public Task RemoveAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public bool TryGet(string key, IBufferWriter<byte> destination) => throw new NotSupportedException();

        public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

        public byte[]? Get(string key) => throw new NotSupportedException();

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => throw new NotSupportedException();

        public void Refresh(string key) => throw new NotSupportedException();

        public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

        public void Remove(string key) => throw new NotSupportedException();
    }

    /// <summary>Keeps the arrays that it is given, and hands them out.</summary>
    private sealed class ArrayShelf : IDistributedCache
    {
        private readonly ConcurrentDictionary<string, Task<byte[]?>> _entries = new();

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => _entries.GetValueOrDefault(key) ?? Task.FromResult<byte[]?>(null);

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
        {
            _entries[key] = Task.FromResult<byte[]?>(value);
            return Task.CompletedTask;
        }

        public Task RemoveAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public byte[]? Get(string key) => throw new NotSupportedException();

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

        public void Refresh(string key) => throw new NotSupportedException();

        public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

        public void Remove(string key) => throw new NotSupportedException();
    }
}
