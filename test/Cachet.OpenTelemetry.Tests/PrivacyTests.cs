using System.Diagnostics;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace CachetTests;

/// <summary>Keys and values are nobody's business, nor are the texts of exceptions.</summary>
public sealed class PrivacyTests
{
    private const string Key = "secret-key";
    private const string Value = "secret-value";

    private TraceRecorder _trace = null!;
    private MetricRecorder _metrics = null!;

    [SetUp]
    public void SetUp()
    {
        _trace = new();
        _metrics = new();
    }

    [TearDown]
    public void TearDown()
    {
        _trace.Dispose();
        _metrics.Dispose();
    }

    [Test]
    public async Task Telemetry_Success_HoldsNeitherKeyNorValue()
    {
        ICache<string, string> cache = Cache.Builder<string, string>("products").Memory().Distributed(new Leaky()).Build();
        await cache.GetAsync(Key);
        await cache.GetOrInsertAsync(Key, static (_, _) => new(Value));
        await cache.GetAsync(Key);
        await cache.ContainsAsync(Key);
        await cache.InsertAsync(Key, Value);
        await cache.InvalidateAsync(Key);
        await cache.ClearAsync();
        Assert.That(_trace.Spans, Has.Count.EqualTo(22));
        AssertNoSecrets();
    }

    [Test]
    public async Task Telemetry_LoaderThrowsTheKey_HoldsItsTypeOnly()
    {
        ICache<string, string> cache = Cache.Builder<string, string>("products").Memory().Build();
        await Assert.ThrowsAsync<KeyNotFoundException>(async () => await cache.GetOrInsertAsync(Key, static (key, _) => throw Talkative(key)));
        Assert.That(_trace.Span("cache.load products").GetTagItem("error.type"), Is.EqualTo("System.Collections.Generic.KeyNotFoundException"));
        AssertNoSecrets();
    }

    [Test]
    public async Task Telemetry_StoreThrowsTheKey_HoldsItsTypeOnly()
    {
        ICache<string, string> cache = Cache.Builder<string, string>("products").Distributed(new Leaky { Fails = true }).Build();
        await Assert.ThrowsAsync<KeyNotFoundException>(async () => await cache.GetAsync(Key));
        await Assert.ThrowsAsync<KeyNotFoundException>(async () => await cache.InsertAsync(Key, Value));
        await Assert.ThrowsAsync<KeyNotFoundException>(async () => await cache.InvalidateAsync(Key));
        await Assert.ThrowsAsync<KeyNotFoundException>(async () => await cache.ClearAsync());
        await cache.GetOrInsertAsync(Key, static (_, _) => new(Value));
        Assert.That(
            _trace.Spans.Where(static s => s.Status == ActivityStatusCode.Error).Select(static s => s.GetTagItem("error.type")),
            Is.EqualTo(Enumerable.Repeat("System.Collections.Generic.KeyNotFoundException", 10)));
        AssertNoSecrets();
    }

    [Test]
    public async Task Telemetry_FollowersOfAFailure_HoldItsTypeOnly()
    {
        ICache<string, string> cache = Cache.Builder<string, string>("products").Memory().Build();
        var gate = new Gate();
        ValueTask<string> leader = cache.GetOrInsertAsync(Key, async (key, token) =>
        {
            await gate.PassAsync(token);
            throw Talkative(key);
        });
        await gate.Reached;
        ValueTask<string> follower = cache.GetOrInsertAsync(Key, static (_, _) => new(Value));
        gate.Open();
        await Assert.ThrowsAsync<KeyNotFoundException>(async () => await leader);
        await Assert.ThrowsAsync<KeyNotFoundException>(async () => await follower);
        AssertNoSecrets();
    }

    [Test]
    public async Task Telemetry_PayloadCannotBeRead_HoldsNoneOfIt()
    {
        var store = new Leaky { Answer = System.Text.Encoding.UTF8.GetBytes(Value) };
        ICache<string, string> cache = Cache.Builder<string, string>("products").Distributed(store).Build();
        await cache.GetAsync(Key);
        Assert.That(_trace.Span("cache.tier get l1").GetTagItem("cache.outcome"), Is.EqualTo("invalid"));
        AssertNoSecrets();
    }

    private static KeyNotFoundException Talkative(string key) => new($"No {key}, no {Value}.");

    private void AssertNoSecrets()
    {
        List<string?> words = [];
        foreach (Activity span in _trace.Spans)
        {
            words.AddRange([span.OperationName, span.DisplayName, span.StatusDescription, span.TraceStateString]);
            words.AddRange(span.TagObjects.Concat(span.Links.SelectMany(static l => l.Tags ?? [])).SelectMany(static t => new[] { t.Key, t.Value?.ToString() }));
            words.AddRange(span.Baggage.SelectMany(static b => new[] { b.Key, b.Value }));
            Assert.That(span.Events, Is.Empty);
            Assert.That(span.StatusDescription, Is.Null);
        }

        words.Add(_metrics.Text);
        foreach (Metric metric in _metrics.Export())
        {
            foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
            {
                foreach ((string name, object? value) in point.Tags) words.AddRange([name, value?.ToString()]);
            }
        }

        Assert.That(words, Has.Count.GreaterThan(10));
        Assert.That(words.Where(static w => w?.Contains("secret", StringComparison.OrdinalIgnoreCase) == true), Is.Empty);
    }

    /// <summary>A store that fails with the key in the message.</summary>
    private sealed class Leaky : IDistributedCache
    {
        private readonly MemoryDistributedCache _inner = new(Options.Create(new MemoryDistributedCacheOptions()));

        public bool Fails { get; init; }

        public byte[]? Answer { get; init; }

        public byte[]? Get(string key) => throw new NotSupportedException();

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
            Fails ? throw Talkative(key) : Answer is not null ? Task.FromResult<byte[]?>(Answer) : _inner.GetAsync(key, token);

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
            Fails ? throw Talkative(key) : _inner.SetAsync(key, value, options, token);

        public void Refresh(string key) => throw new NotSupportedException();

        public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

        public void Remove(string key) => throw new NotSupportedException();

        public Task RemoveAsync(string key, CancellationToken token = default) =>
            Fails ? throw Talkative(key) : _inner.RemoveAsync(key, token);
    }
}
