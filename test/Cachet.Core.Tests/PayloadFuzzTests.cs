using System.Buffers;
using System.Text;
using Cachet;
using CsCheck;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;

namespace CachetTests;

/// <summary>Whatever happens to the bytes in a store: a get is a miss, never an exception and never another value, and the next insert overwrites.</summary>
public class PayloadFuzzTests
{
    private static readonly Gen<Func<byte[], byte[]>> _damage = Gen.OneOf(
        Gen.Byte.Array[0, 200].Select(static random => (Func<byte[], byte[]>)(_ => random)),
        Gen.Byte.Array[36, 200].Select(static random => (Func<byte[], byte[]>)(good => [.. good[..4], .. random])),
        Gen.UInt.Array[1, 4].Select(static bits => (Func<byte[], byte[]>)(good => Flip(good, bits))),
        Gen.UInt.Select(static length => (Func<byte[], byte[]>)(good => good[..(int)(length % good.Length)])),
        Gen.Byte.Array[1, 40].Select(static more => (Func<byte[], byte[]>)(good => [.. good, .. more])),
        Gen.UInt.Select(static at => (Func<byte[], byte[]>)(good => [.. good[..(int)(at % good.Length)], .. good])),
        Gen.Const((Func<byte[], byte[]>)(static good => [good[0], 2, .. good[2..]])));

    [Test]
    public Task Tier_DamagedBytes_AreRefusedOrTheSameValue([Values] bool buffers) => Gen.Select(Gen.String, _damage).SampleAsync(
        async (value, damage) =>
        {
            using var store = new FakeStore();
            var pool = new CountingPool();
            var tier = new DistributedTier<string, string>(
                PayloadStore.Over(Face(store, buffers), pool), "c:", string.Concat, new(new Utf16()), 1_000_000, TimeSpan.FromHours(1), TimeProvider.System);
            await tier.WriteAsync("k", new CacheEntry<string>(value, Rig.Start).With(Life.Until(1, long.MaxValue)), default);
            byte[] good = store.Entries[store.EntryKey].Bytes;
            byte[] bad = damage(good);
            store.Put(store.EntryKey, bad);

            TierReadResult<string> read = await tier.ReadAsync("k", default);

            bool isRefused = read is { Undecodable: true, Entry: null };
            return pool.Out == 0 && read.SerializedSize == bad.Length && (isRefused || (good.AsSpan().SequenceEqual(bad) && read.Entry!.Value == value));
        },
        iter: 3_000);

    [Test]
    public Task Cache_DamagedBytes_AreAMissAndOverwrittenByTheNextInsert([Values] bool buffers) => Gen.Select(Gen.Int, _damage).SampleAsync(
        async (value, damage) =>
        {
            using var store = new FakeStore();
            await using ICache<string, string> cache = Cache.Builder<string, string>("c").Distributed(Face(store, buffers)).Build();
            await cache.InsertAsync("k", $"{value}");
            byte[] good = store.Entries[store.EntryKey].Bytes;
            byte[] bad = damage(good);
            store.Put(store.EntryKey, bad);

            CacheEntry<string>? found = await cache.GetAsync("k");
            await cache.InsertAsync("k", "new");

            return (found is null || good.AsSpan().SequenceEqual(bad)) && (await cache.GetAsync("k"))?.Value == "new";
        },
        iter: 1_000);

    [Test]
    public Task Cache_DamagedGeneration_IsAClear([Values] bool buffers) => _damage.SampleAsync(
        async damage =>
        {
            using var store = new FakeStore();
            await Over(Face(store, buffers)).InsertAsync("k", "v");
            byte[] good = store.Entries[store.GenerationKey].Bytes;
            byte[] bad = damage(good);
            store.Put(store.GenerationKey, bad);
            ICache<string, string> node = Over(Face(store, buffers));

            CacheEntry<string>? found = await node.GetAsync("k");
            await node.InsertAsync("k", "new");

            return (found is null || good.AsSpan().SequenceEqual(bad)) && (await Over(Face(store, buffers)).GetAsync("k"))?.Value == "new";
        },
        iter: 1_000);

    [Test]
    public async Task Cache_EntryOfAnotherKeyOrSerializer_IsAMiss([Values] bool buffers)
    {
        using var store = new FakeStore();
        await using ICache<string, string> json = Over(Face(store, buffers));
        await using ICache<string, string> plain =
            Cache.Builder<string, string>("c").Distributed(Face(store, buffers), static o => o.Serializer = new Utf16()).Build();
        await json.InsertAsync("k", "v");
        byte[] ofK = store.Entries[store.EntryKey].Bytes;

        Assert.That(await plain.GetAsync("k"), Is.Null);
        await json.InsertAsync("other", "of other");
        store.Put(store.Entries.Keys.Single(static k => k.EndsWith(":other", StringComparison.Ordinal)), ofK);

        Assert.That(await json.GetAsync("other"), Is.Null);
        Assert.That((await json.GetAsync("k"))?.Value, Is.EqualTo("v"));
    }

    private static IDistributedCache Face(FakeStore store, bool buffers) => buffers ? new BufferStore(store) : store;

    private static ICache<string, string> Over(IDistributedCache store) => Cache.Builder<string, string>("c").Distributed(store).Build();

    private static byte[] Flip(byte[] good, uint[] bits)
    {
        byte[] bad = [.. good];
        foreach (uint bit in bits) bad[bit / 8 % bad.Length] ^= (byte)(1 << (int)(bit % 8));
        return bad;
    }

    /// <summary>Takes any bytes for text, so that only the envelope can refuse.</summary>
    private sealed class Utf16 : IHybridCacheSerializer<string>
    {
        public string Deserialize(ReadOnlySequence<byte> source) => Encoding.Unicode.GetString(source);

        public void Serialize(string value, IBufferWriter<byte> target)
        {
            foreach (char c in value) target.Write([(byte)c, (byte)(c >> 8)]);
        }
    }
}
