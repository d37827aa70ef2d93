using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests.Snippets;

public class DistributedTests
{
    private static readonly Product _product = new("p1", "espresso machine", 399);

    private static MemoryDistributedCache Store() => new(Options.Create(new MemoryDistributedCacheOptions()));

    [Test]
    public async Task TwoTiers_MemoryInFrontOfAStore_ServeAnotherNodeToo()
    {
        IDistributedCache redis = Store();

        // snippet: two-tiers
        await using ICache<string, Product> products = Cache.Builder<string, Product>("products")
            .Memory()                                                           // l1, the primary
            .Distributed(redis, o => o.TimeToLive = TimeSpan.FromMinutes(30))   // l2, a fallback
            .Build();
        // end
        await products.InsertAsync("p1", _product);
        await using ICache<string, Product> other = Cache.Builder<string, Product>("products").Memory().Distributed(redis).Build();
        Assert.That((await other.GetAsync("p1"))?.Value, Is.EqualTo(_product));
    }

    [Test]
    public async Task ThreeTiers_AHitInTheLast_IsPromotedIntoThoseInFront()
    {
        IDistributedCache rackStore = Store(), regionStore = Store();

        // snippet: three-tiers
        await using ICache<string, Product> products = Cache.Builder<string, Product>("products")
            .Memory(o => o.Capacity = 1_000)
            .Distributed(rackStore, o => { o.Name = "rack"; o.TimeToLive = TimeSpan.FromMinutes(5); })
            .Distributed(regionStore, o => { o.Name = "region"; o.TimeToLive = TimeSpan.FromHours(6); })
            .Build();
        // end
        await using ICache<string, Product> region = Cache.Builder<string, Product>("products").Distributed(regionStore).Build();
        await region.InsertAsync("p1", _product);
        await using ICache<string, Product> rack = Cache.Builder<string, Product>("products").Distributed(rackStore).Build();
        Assert.That(await rack.ContainsAsync("p1"), Is.False);
        Assert.That((await products.GetAsync("p1"))?.Value, Is.EqualTo(_product));
        Assert.That(await rack.ContainsAsync("p1"), Is.True);
        Assert.That(await products.CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Distributed_ItsOptions_Work()
    {
        IDistributedCache redis = Store();

        // snippet: distributed-tier
        await using ICache<ProductId, Product> products = Cache.Builder<ProductId, Product>("products")
            .Distributed(redis, o =>
            {
                o.KeyPrefix = "shop/products/";                     // the cache's name and ':' unless set
                o.KeyEncoder = id => $"{id.Shop}/{id.Number}";      // not needed for strings, numbers, Guids, enums, dates …
                o.JsonSerializerOptions = new(JsonSerializerDefaults.Web) { IncludeFields = true };
                o.MaximumPayloadBytes = 64 * 1024;                  // a larger value is rejected by this tier; 1 MiB unless set
                o.GenerationCheck = TimeSpan.FromSeconds(2);        // within which other nodes see a clear; 10 s unless set
            })
            .Build();
        // end
        await products.InsertAsync(new("berlin", 1), _product);
        Assert.That((await products.GetAsync(new("berlin", 1)))?.Value, Is.EqualTo(_product));
        Assert.That(await products.InsertAsync(new("berlin", 2), _product with { Name = new('x', 70_000) }), Is.EqualTo(InsertOutcome.Rejected));
    }

    [Test]
    public async Task Serializer_OfOnesOwn_IsUsed()
    {
        IDistributedCache redis = Store();

        // snippet: serializer
        await using ICache<string, string> pages = Cache.Builder<string, string>("pages")
            .Memory()
            .Distributed(redis, o => o.Serializer = new Utf8Text())
            .Build();
        // end
        await pages.InsertAsync("/", "<html/>");
        await using ICache<string, string> other = Cache.Builder<string, string>("pages")
            .Distributed(redis, static o => o.Serializer = new Utf8Text()).Build();
        Assert.That((await other.GetAsync("/"))?.Value, Is.EqualTo("<html/>"));
    }

    [Test]
    public async Task JsonTypeInfo_OfAContext_NeedsNoReflection()
    {
        IDistributedCache redis = Store();

        // snippet: json-type-info
        await using ICache<string, Product> products = Cache.Builder<string, Product>("products")
            .Memory()
            .Distributed(redis, o => o.JsonTypeInfo = ShopJson.Default.Product)
            .Build();
        // end
        await products.InsertAsync("p1", _product);
        await using ICache<string, Product> other = Cache.Builder<string, Product>("products")
            .Distributed(redis, static o => o.JsonTypeInfo = ShopJson.Default.Product).Build();
        Assert.That((await other.GetAsync("p1"))?.Value, Is.EqualTo(_product));
    }

    [Test]
    public async Task Clear_OnOneNode_IsSeenByTheOtherWithinItsGenerationCheck()
    {
        IDistributedCache redis = Store();
        var clock = new FakeTimeProvider();
        await using ICache<string, int> here = Cache.Builder<string, int>("numbers").Clock(clock).Distributed(redis).Build();
        await using ICache<string, int> there = Cache.Builder<string, int>("numbers").Clock(clock).Distributed(redis).Build();
        await here.InsertAsync("one", 1);
        Assert.That(await there.ContainsAsync("one"), Is.True);

        await here.ClearAsync();

        Assert.That(await here.ContainsAsync("one"), Is.False);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.That(await there.ContainsAsync("one"), Is.False);
    }

    [Test]
    public async Task Transform_Compressed_ComesBack()
    {
        IDistributedCache redis = Store();

        // snippet: transform
        await using ICache<Uri, string> pages = Cache.Builder<Uri, string>("pages")
            .Memory()
            .Transform(
                uri => uri.AbsoluteUri,
                ValueCodec.Create<string, byte[]>(Compress, Decompress),
                tiers => tiers.Distributed(redis))
            .Build();
        // end
        await pages.InsertAsync(new("http://localhost/"), "a page");
        await using ICache<string, byte[]> behind = Cache.Builder<string, byte[]>("pages").Distributed(redis).Build();
        Assert.That(Decompress((await behind.GetAsync("http://localhost/"))!.Value), Is.EqualTo("a page"));
    }

    private static byte[] Compress(string text)
    {
        using var bytes = new MemoryStream();
        using (var brotli = new BrotliStream(bytes, CompressionLevel.Fastest)) brotli.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }

    private static string Decompress(byte[] bytes)
    {
        using var reader = new StreamReader(new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private readonly record struct ProductId(string Shop, int Number);
}

// snippet: serializer-class
internal sealed class Utf8Text : IHybridCacheSerializer<string>
{
    public string Deserialize(ReadOnlySequence<byte> source) => Encoding.UTF8.GetString(source);

    public void Serialize(string value, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes(value, target);
}
// end
