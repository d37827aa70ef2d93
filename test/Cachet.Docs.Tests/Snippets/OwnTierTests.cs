using System.Text.Json;
using Cachet.Testing;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace CachetTests.Snippets;

public class OwnTierTests
{
    private static readonly Product _product = new("p1", "espresso machine", 399);

    private string _folder = null!;

    [SetUp]
    public void SetUp() => _folder = Directory.CreateTempSubdirectory("cachet-docs-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task FolderTier_BehindMemory_OutlivesTheCache()
    {
        string folder = _folder;

        // snippet: own-tier-use
        ICache<string, Product> products = Cache.Builder<string, Product>("products")
            .Memory()
            .Tier(new FolderTier<Product>(folder), o => { o.Name = "disk"; o.TimeToLive = TimeSpan.FromDays(7); })
            .Build();
        // end
        await products.InsertEntryAsync("p1", new(_product, timeToLive: TimeSpan.FromHours(1)));
        await products.DisposeAsync();

        await using ICache<string, Product> again = Cache.Builder<string, Product>("products").Tier(new FolderTier<Product>(folder)).Build();
        CacheEntry<Product>? found = await again.GetAsync("p1");
        Assert.That((found?.Value, found?.TimeToLive), Is.EqualTo((_product, TimeSpan.FromHours(1))));
        Assert.That(found?.CachedAt, Is.Not.Null);
        await again.InvalidateAsync("p1");
        Assert.That(await again.GetAsync("p1"), Is.Null);
        await again.InsertAsync("a/b", _product);
        await again.ClearAsync();
        Assert.That(await again.GetAsync("a/b"), Is.Null);
    }

    [Test]
    public async Task ResilientTier_AroundOneThatHangsOrFails_GivesUpInTimeAndThenAsksItNoMore()
    {
        var store = new FakeCacheTier<string, Product>();

        // snippet: resilient-tier-use
        ResiliencePipeline pipeline = new ResiliencePipelineBuilder()
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions { MinimumThroughput = 10, BreakDuration = TimeSpan.FromSeconds(30) })
            .AddTimeout(TimeSpan.FromMilliseconds(250))
            .Build();

        await using ICache<string, Product> products = Cache.Builder<string, Product>("products")
            .Memory()
            .Tier(new ResilientTier<string, Product>(store, pipeline), o => o.Remote = true)
            .Build();
        // end
        store.FailWhen(static _ => true, static _ => new TimeoutRejectedException());
        for (int i = 0; i < 20; i++) Assert.That(await products.GetOrInsertAsync($"p{i}", static (_, _) => new(_product)), Is.EqualTo(_product));
        Assert.That(store.Calls, Has.Count.EqualTo(10));
        Assert.That(async () => await products.InvalidateAsync("p1"), Throws.InstanceOf<BrokenCircuitException>());
    }
}

// snippet: own-tier
internal sealed class FolderTier<TValue>(string folder) : ICacheTier<string, TValue>
{
    public async ValueTask<CacheEntry<TValue>?> GetAsync(string key, CancellationToken cancellationToken)
    {
        if (!File.Exists(PathOf(key))) return null;
        var stored = JsonSerializer.Deserialize<Stored>(await File.ReadAllBytesAsync(PathOf(key), cancellationToken))!;
        return new(stored.Value, stored.CachedAt, stored.TimeToLive);
    }

    public async ValueTask<InsertOutcome> InsertAsync(string key, CacheEntry<TValue> entry, CancellationToken cancellationToken)
    {
        string written = Path.Combine(folder, Path.GetRandomFileName());
        var stored = new Stored(entry.Value, entry.CachedAt, entry.TimeToLive);
        await File.WriteAllBytesAsync(written, JsonSerializer.SerializeToUtf8Bytes(stored), cancellationToken);
        File.Move(written, PathOf(key), overwrite: true);
        return InsertOutcome.Accepted;
    }

    public ValueTask InvalidateAsync(string key, CancellationToken cancellationToken)
    {
        File.Delete(PathOf(key));
        return default;
    }

    public ValueTask ClearAsync(CancellationToken cancellationToken)
    {
        foreach (string file in Directory.EnumerateFiles(folder)) File.Delete(file);
        return default;
    }

    private string PathOf(string key) => Path.Combine(folder, Uri.EscapeDataString(key) + ".json");

    private sealed record Stored(TValue Value, DateTimeOffset? CachedAt, TimeSpan? TimeToLive);
}
// end

// snippet: resilient-tier
internal sealed class ResilientTier<TKey, TValue>(ICacheTier<TKey, TValue> tier, ResiliencePipeline pipeline)
    : ICacheTier<TKey, TValue>
    where TKey : notnull
{
    public ValueTask<CacheEntry<TValue>?> GetAsync(TKey key, CancellationToken cancellationToken) =>
        pipeline.ExecuteAsync(ct => tier.GetAsync(key, ct), cancellationToken);

    public ValueTask<InsertOutcome> InsertAsync(TKey key, CacheEntry<TValue> entry, CancellationToken cancellationToken) =>
        pipeline.ExecuteAsync(ct => tier.InsertAsync(key, entry, ct), cancellationToken);

    public ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken) =>
        pipeline.ExecuteAsync(ct => tier.InvalidateAsync(key, ct), cancellationToken);

    public ValueTask ClearAsync(CancellationToken cancellationToken) => pipeline.ExecuteAsync(tier.ClearAsync, cancellationToken);

    public ValueTask<long?> CountAsync(CancellationToken cancellationToken) => tier.CountAsync(cancellationToken);
}
// end
