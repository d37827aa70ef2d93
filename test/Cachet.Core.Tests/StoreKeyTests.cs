using System.Text;
using Cachet;
using CsCheck;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests;

/// <summary>No key of a cache is ever served another's value, whatever its text is and whatever the store makes of it.</summary>
public class StoreKeyTests
{
    private static readonly string[] _strange =
    [
        "", " ", "a", "a ", "A", "a\0", "\0", "\n", "\u001b[0m", "a:b", ":", "~generation", "c:~generation", "0000000000000000:a", "ä", "a\u0308", "ß", "ss",
        "\ud800", "\ud801", "\udc00", "a\ud800", "\ufffd", "?", "日本", "\U0001F600", "\u200b", "\ufeff", "\u202e", new('k', 100_000), new('k', 100_001), "*", "{a}", "../a",
    ];

    [Test]
    public async Task Keys_Strange_AreKeptApart([Values] bool buffers)
    {
        using var store = new FakeStore();
        await using ICache<string, string> cache = Over(buffers ? new BufferStore(store) : store);
        foreach (string key in _strange) await cache.InsertAsync(key, Hex(key));

        foreach (string key in _strange) Assert.That((await cache.GetAsync(key))?.Value, Is.EqualTo(Hex(key)));
        Assert.That(store.Entries, Has.Count.EqualTo(_strange.Length + 1));
        await cache.InvalidateAsync("");
        Assert.That(await cache.GetAsync(""), Is.Null);
        Assert.That(await cache.GetAsync(" "), Is.Not.Null);
        await cache.InvalidateAsync("~generation");
        Assert.That(await cache.GetAsync(" "), Is.Not.Null);
    }

    [TestCase("UTF-8, as Redis does")]
    [TestCase("without case")]
    [TestCase("without what follows the first space or zero")]
    public async Task Keys_StoreTakesDifferentOnesForOne_AreNeverServedAnothersValue(string distinguishes)
    {
        using var inner = new FakeStore();
        await using ICache<string, string> cache = Over(new BlurredStore(inner, distinguishes switch
        {
            "UTF-8, as Redis does" => static key => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(key)),
            "without case" => static key => key.ToUpperInvariant(),
            _ => static key => key.Split(' ', '\0')[0],
        }));
        foreach (string key in _strange) await cache.InsertAsync(key, Hex(key));

        foreach (string key in _strange) Assert.That((await cache.GetAsync(key))?.Value, Is.Null.Or.EqualTo(Hex(key)));
        Assert.That(await cache.GetAsync(_strange[^1]), Is.Not.Null, "The last to be written.");
    }

    [Test]
    public async Task Keys_AnyTwo_AreKeptApart()
    {
        using var store = new FakeStore();
        await using ICache<string, string> cache = Over(store);
        await Gen.Select(Gen.String, Gen.String).SampleAsync(
            async (one, other) =>
            {
                await cache.InsertAsync(one, Hex(one));
                await cache.InsertAsync(other, Hex(other));
                return (await cache.GetAsync(one))?.Value == Hex(one);
            },
            iter: 1_000,
            threads: 1);
    }

    // JSON could not hold all of the keys.
    private static string Hex(string key) => string.Concat(key.Select(static c => $"{(int)c:x4}"));

    private static ICache<string, string> Over(IDistributedCache store) => Cache.Builder<string, string>("c").Distributed(store).Build();

    /// <summary>A store that takes keys for one that are none.</summary>
    private sealed class BlurredStore(FakeStore inner, Func<string, string> blur) : IDistributedCache
    {
        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => inner.GetAsync(blur(key), token);

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
            inner.SetAsync(blur(key), value, options, token);

        public Task RemoveAsync(string key, CancellationToken token = default) => inner.RemoveAsync(blur(key), token);

        public byte[]? Get(string key) => throw new NotSupportedException();

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

        public void Refresh(string key) => throw new NotSupportedException();

        public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

        public void Remove(string key) => throw new NotSupportedException();
    }
}
