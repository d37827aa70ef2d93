using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Tracing;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Metrics;

namespace CachetTests;

/// <summary>Every path, failures included, with every signal on at its lowest level: nothing that Cachet writes holds a key or a value.</summary>
[CancelAfter(60_000)]
public sealed class SecrecyTests
{
    private const string Key = "s3cret-key";
    private const string Value = "s3cret-value";

    private readonly FakeTimeProvider _clock = new();
    private readonly FakeLogCollector _logs = new();
    private readonly CacheEventRecorder _events = new();
    private readonly List<Exception> _caught = [];
    private readonly List<object> _things = [];
    private readonly Store _store = new();
    private TraceRecorder _trace = null!;
    private MetricRecorder _metrics = null!;
    private SourceLog _sources = null!;
    private ILoggerFactory _factory = null!;

    [SetUp]
    public void SetUp()
    {
        _sources = new();
        _trace = new();
        _metrics = new(static b => b.SetExemplarFilter(ExemplarFilterType.AlwaysOn));
        _factory = LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Trace).AddProvider(new FakeLoggerProvider(_logs)));
    }

    [TearDown]
    public void TearDown()
    {
        _factory.Dispose();
        _metrics.Dispose();
        _trace.Dispose();
        _sources.Dispose();
    }

    [Test]
    public async Task Signals_OfEveryPath_HoldNeitherKeysNorValues()
    {
        await using (ICache<string, string> cache = Build())
        {
            _things.Add(cache);
            await ReadAndWriteAsync(cache);
            await CoalesceAsync(cache);
            await RefreshAsync(cache);
            await FailAsync(cache);
            await LeaveAsync(cache);
        }

        await BreakAsync();
        string[] words = [.. Spans(), .. Metrics(), .. Logs(), .. Things(), .. Exceptions(), .. _sources.Lines];
        Assert.That(words, Has.Length.GreaterThan(1_000));
        Assert.That(words.Where(static w => w.Contains("s3cret", StringComparison.OrdinalIgnoreCase)), Is.Empty);
        Assert.That(Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(string.Concat(words))), Does.Not.Contain(Convert.ToHexStringLower("s3cret"u8)));
    }

    /// <summary>The search itself finds what is there: with keys recorded in full the same collection has them.</summary>
    [Test]
    public async Task Signals_KeysRecorded_AreFoundByTheSameSearch()
    {
        _trace.Dispose();
        _trace = new(static b => OpenTelemetry.Trace.CachetTracerProviderBuilderExtensions.AddCachetInstrumentation(b, static o => o.KeyRecording = KeyRecording.Full));
        await using ICache<string, string> cache = Build(KeyRecording.Full);
        await cache.InsertAsync(Key, Value);
        Assert.That(Spans(), Has.Some.EqualTo(Key));
        Assert.That(Logs(), Has.Some.EqualTo(Key));
        Assert.That(_logs.GetSnapshot().Select(static r => r.Message), Has.None.Contains(Key), "an attribute, never in the text");
        Assert.That(Metrics(), Has.None.Contains(Key));
    }

    private static KeyNotFoundException Talkative(string? key) => new($"No {key}, no {Value}.");

    private ICache<string, string> Build(KeyRecording? keys = null)
    {
        CacheBuilder<string, string> builder = Cache.Builder<string, string>("products")
            .Clock(_clock)
            .Memory(static o => (o.Capacity, o.TimeToRefresh, o.TimeToLive) = (3, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1)))
            .Distributed(_store, static o => o.MaximumPayloadBytes = 100)
            .EventHandler(_events)
            .EventHandler(new BadHandler())
            .EnableLogs(_factory, o =>
            {
                o.KeyRecording = keys ?? KeyRecording.None;
                foreach (CacheEvent e in Enum.GetValues<CacheEvent>()) o.Level(e, LogLevel.Trace);
            });
        _things.Add(builder);
        return builder.Build();
    }

    private async Task ReadAndWriteAsync(ICache<string, string> cache)
    {
        await cache.GetAsync(Key);
        await cache.GetOrInsertAsync(Key, static (_, _) => new(Value));
        CacheEntry<string>? entry = await cache.GetOrInsertEntryAsync($"{Key}2", static (_, _) => new(CacheEntry.Create(Value)));
        _things.Add(entry!);
        await cache.GetOrInsertEntryAsync($"{Key}3", static (_, _) => new((CacheEntry<string>?)null));
        await cache.GetAsync(Key);
        await cache.ContainsAsync(Key);
        await cache.InsertAsync(Key, string.Concat(Enumerable.Repeat(Value, 100))); // over the quota
        for (int i = 0; i < 20; i++) await cache.InsertAsync($"{Key}{i}", Value);
        _clock.Advance(TimeSpan.FromMinutes(2));
        for (int i = 0; i < 20; i++) await cache.GetAsync($"{Key}{i}");
        await cache.InvalidateAsync(Key);
        await cache.ClearAsync();
        _store.Garble = true;
        await cache.GetAsync(Key);
        _store.Garble = false;
    }

    private static async Task CoalesceAsync(ICache<string, string> cache)
    {
        var gate = new Gate();
        Task<string> leader = cache.GetOrInsertAsync(Key, async (_, token) =>
        {
            await gate.PassAsync(token);
            return Value;
        }).AsTask();
        await gate.Reached;
        Task<string>[] followers = [.. Enumerable.Range(0, 5).Select(_ => cache.GetOrInsertAsync(Key, static (_, _) => new(Value)).AsTask())];
        gate.Open();
        await Task.WhenAll([leader, .. followers]);
    }

    private async Task RefreshAsync(ICache<string, string> cache)
    {
        await cache.InsertAsync(Key, Value);
        for (int i = 0; i < 2; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(31));
            bool fails = i == 1;
            await cache.GetOrInsertAsync(Key, (key, _) => fails ? throw Talkative(key) : new(Value));
            await _events.WaitForOperationAsync(static e => e.Operation == CacheOperation.Refresh, i + 1);
        }
    }

    private async Task FailAsync(ICache<string, string> cache)
    {
        await Catch(() => cache.GetOrInsertAsync($"{Key}-x", static (key, _) => throw Talkative(key)).AsTask());
        await Catch(() => cache.GetOrInsertAsync(Key + "-y", async (key, token) => await cache.GetOrInsertAsync(key, static (_, _) => new(Value), token)).AsTask());
        await Catch(() => cache.GetAsync(null!).AsTask());
        await Catch(() => cache.InsertEntryAsync(Key, null!).AsTask());
        await Catch(() => cache.GetOrInsertAsync(Key, null!).AsTask());
        Assert.That(_caught.OfType<InvalidOperationException>().Count(), Is.EqualTo(1), "the loader that asked for its own key");
        _store.Fails = true;
        await cache.InvalidateAsync("other").AsTask().ContinueWith(static _ => { }, TaskScheduler.Default);
        await Catch(() => cache.InsertAsync(Key, Value).AsTask());
        await Catch(() => cache.InvalidateAsync(Key).AsTask());
        await Catch(() => cache.ClearAsync().AsTask());
        await cache.GetAsync($"{Key}-z");
        await cache.GetOrInsertAsync($"{Key}-z", static (_, _) => new(Value));
        _store.Fails = false;
    }

    private async Task LeaveAsync(ICache<string, string> cache)
    {
        using var cancellation = new CancellationTokenSource();
        var gate = new Gate();
        Task<string> left = cache.GetOrInsertAsync(
            $"{Key}-left",
            async (_, token) =>
            {
                await gate.PassAsync(token);
                return Value;
            },
            cancellation.Token).AsTask();
        await gate.Reached;
        await cancellation.CancelAsync();
        await Catch(() => left);
        await _trace.EndedAsync("cache.load products", 1);
        await cache.DisposeAsync();
        await Catch(() => cache.InsertAsync(Key, Value).AsTask());
    }

    // What Build refuses, and what keys and values of types that cannot be kept say.
    private async Task BreakAsync()
    {
        Catch(() => _things.Add(new CacheEntry<string>(Value, timeToLive: TimeSpan.FromSeconds(-2))));
        Catch(static () => Cache.Builder<object, string>("c").Distributed(new Store()).Build());
        ICache<Secret, string> encoded = Cache.Builder<Secret, string>("c").Distributed(new Store(), static o => o.KeyEncoder = static _ => null!).Build();
        await Catch(() => encoded.InsertAsync(new(), Value).AsTask());
        ICache<string, string> surrogates = Cache.Builder<string, string>("c").Distributed(new Store()).Build();
        await Catch(() => surrogates.InsertAsync(Key, $"{Value}\ud800").AsTask());
        Catch(static () => Cache.Builder<string, Action>("c").Distributed(new Store()).Build());
    }

    private void Catch(Action action)
    {
        try
        {
            action();
            Assert.Fail("nothing was thrown");
        }
        catch (Exception thrown) when (thrown is not AssertionException)
        {
            _caught.Add(thrown);
        }
    }

    private async Task Catch(Func<Task> action)
    {
        try
        {
            await action();
            Assert.Fail("nothing was thrown");
        }
        catch (Exception thrown) when (thrown is not AssertionException)
        {
            _caught.Add(thrown);
        }
    }

    private IEnumerable<string> Spans()
    {
        foreach (Activity span in _trace.Spans)
        {
            foreach (string? word in new[] { span.OperationName, span.DisplayName, span.StatusDescription, span.TraceStateString }) yield return word ?? "";
            foreach ((string name, object? value) in span.TagObjects.Concat(span.Links.SelectMany(static l => l.Tags ?? []))) yield return $"{name}={value}";
            foreach ((string name, object? value) in span.TagObjects) yield return value?.ToString() ?? name;
            foreach ((string name, string? value) in span.Baggage) yield return $"{name}={value}";
            foreach (ActivityEvent e in span.Events) yield return $"{e.Name} {string.Join(' ', e.Tags)}";
        }
    }

    private List<string> Metrics()
    {
        List<string> words = [_metrics.Text];
        foreach (Metric metric in _metrics.Export())
        {
            words.Add($"{metric.Name} {metric.Description} {metric.Unit}");
            foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
            {
                foreach ((string name, object? value) in point.Tags) words.Add($"{name}={value}");
                if (!point.TryGetExemplars(out ReadOnlyExemplarCollection exemplars)) continue;
                foreach (ref readonly Exemplar exemplar in exemplars)
                {
                    foreach ((string name, object? value) in exemplar.FilteredTags) words.Add($"{name}={value}");
                }
            }
        }

        return words;
    }

    private IEnumerable<string> Logs()
    {
        foreach (FakeLogRecord record in _logs.GetSnapshot())
        {
            yield return $"{record.Category} {record.Id} {record.Message} {record.Exception} {string.Join(' ', record.Scopes)} {record.State}";
            foreach ((string name, string? value) in record.StructuredState!)
            {
                yield return name;
                yield return value ?? "";
            }
        }
    }

    private IEnumerable<string> Things() =>
        _things.Concat(_events.TierEvents.Cast<object>()).Concat(_events.OperationEvents.Cast<object>()).Concat(CacheInstrumentation.LiveCaches()).Select(static t => t.ToString()!);

    // What stores and loaders throw is not Cachet's: it goes to the caller unchanged.
    private IEnumerable<string> Exceptions() => _caught.Where(static e => e is not KeyNotFoundException).Select(static e => e.ToString());

    private sealed class Secret
    {
        public override string ToString() => Key;
    }

    private sealed class BadHandler : ICacheEventHandler
    {
        public void OnTierEvent(in CacheTierEvent tierEvent) => throw Talkative(Key);

        public void OnOperationComplete(in CacheOperationEvent operationEvent) => throw Talkative(Key);
    }

    /// <summary>What Cachet's event sources say.</summary>
    private sealed class SourceLog : EventListener
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name.Contains("Cachet", StringComparison.Ordinal)) EnableEvents(eventSource, EventLevel.Verbose);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData) => Lines?.Enqueue($"{eventData.Message} {string.Join(' ', eventData.Payload!)}");
    }

    /// <summary>A store that fails with the key in the message, or answers with what is no payload.</summary>
    private sealed class Store : IDistributedCache
    {
        private readonly MemoryDistributedCache _inner = new(Options.Create(new MemoryDistributedCacheOptions()));

        public bool Fails { get; set; }

        public bool Garble { get; set; }

        public byte[]? Get(string key) => throw new NotSupportedException();

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
            Fails ? throw Talkative(key) : Garble ? Task.FromResult<byte[]?>(System.Text.Encoding.UTF8.GetBytes(Value)) : _inner.GetAsync(key, token);

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
            Fails ? throw Talkative(key) : _inner.SetAsync(key, value, options, token);

        public void Refresh(string key) => throw new NotSupportedException();

        public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

        public void Remove(string key) => throw new NotSupportedException();

        public Task RemoveAsync(string key, CancellationToken token = default) => Fails ? throw Talkative(key) : _inner.RemoveAsync(key, token);
    }
}
