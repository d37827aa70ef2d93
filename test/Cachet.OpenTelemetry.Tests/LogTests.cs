using System.Diagnostics;
using Cachet;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;

namespace CachetTests;

/// <summary>Log records as OpenTelemetry shows them: inside the span of what they tell, with the attributes' own names and types.</summary>
public sealed class LogTests : TracedCacheFixture
{
    private readonly List<LogRecord> _exported = [];
    private ILoggerFactory _factory = null!;

    [SetUp]
    public void SetUpLogs() =>
        _factory = LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Debug).AddOpenTelemetry(o => o.AddInMemoryExporter(_exported)));

    [TearDown]
    public void TearDownLogs() => _factory.Dispose();

    [Test]
    public async Task Records_OfAGetOrInsert_AreInsideTheSpanOfWhatTheyTell()
    {
        L2.Before = static async (call, _) =>
        {
            await Task.Yield();
            if (call.Operation == CacheOperation.Get) throw new TimeoutException();
        };
        ICache<string, string> cache = Build(b => b.EnableLogs(_factory));

        using (Activity request = Trace.Source.StartActivity("request")!)
        {
            await cache.GetOrInsertAsync("k", static async (_, _) =>
            {
                await Task.Yield();
                return "v";
            });
            await cache.GetAsync("k");
            await cache.GetOrInsertAsync("other", static (_, _) => throw new KeyNotFoundException()).AsTask().ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        Assert.That(Lines(), Is.EqualTo(new[]
        {
            "cache.miss in cache.tier get l1",
            "cache.get_error in cache.tier get l2",
            "cache.inserted in cache.tier insert l1",
            "cache.inserted in cache.tier insert l2",
            "cache.get_or_insert in cache.get_or_insert products",
            "cache.hit in cache.tier get l1",
            "cache.get in cache.get products",
            "cache.miss in cache.tier get l1",
            "cache.get_error in cache.tier get l2",
            "cache.load_error in cache.load products",
            "cache.get_or_insert in cache.get_or_insert products",
        }));
        Assert.That(_exported.Select(static r => r.TraceId).Distinct().Single(), Is.EqualTo(Trace.Span("request").TraceId));
    }

    [Test]
    public async Task Record_OfATier_IsExportedWithDottedNamesAndTypedValues()
    {
        ICache<string, string> cache = Build(b => b.EnableLogs(_factory, static o => o.KeyRecording = KeyRecording.Full));

        await cache.GetAsync("k");

        LogRecord record = _exported.First(static r => r.EventId.Name == "cache.miss");
        Assert.That(record.CategoryName, Is.EqualTo("Cachet"));
        Assert.That(record.LogLevel, Is.EqualTo(LogLevel.Debug));
        Assert.That(record.Body, Is.EqualTo("cache.miss products/l1 get in 1 us"), "the text itself, whether formatted messages are asked for or not");
        Dictionary<string, object?> attributes = record.Attributes!.ToDictionary(static a => a.Key, static a => a.Value);
        Assert.That(attributes["cache.request_id"], Is.InstanceOf<long>().And.GreaterThan(0));
        attributes.Remove("cache.request_id");
        Assert.That(attributes, Is.EqualTo(new Dictionary<string, object?>
        {
            ["cache.name"] = "products",
            ["cache.tier.name"] = "l1",
            ["cache.operation"] = "get",
            ["cache.outcome"] = "miss",
            ["cache.duration_ns"] = 1_000L,
            ["cache.fallback"] = false,
            ["cache.key"] = "k",
        }));
    }

    [Test]
    public async Task Records_CallerSuppressedTheFlow_AreInsideTheirSpansAndSomebodyElsesStaysCurrent()
    {
        ICache<string, string> cache = Build(b => b.EnableLogs(_factory));
        var answer = new TaskCompletionSource(); // Its continuations run inside SetResult: in a context that is not the call's.
        L2.Before = (_, _) => answer.Task;
        Task<CacheEntry<string>?> call = await Task.Run(() =>
        {
            using AsyncFlowControl flow = ExecutionContext.SuppressFlow();
            return Task.FromResult(cache.GetAsync("k").AsTask());
        });
        (Activity? before, Activity? after) = await Task.Run(() =>
        {
            using Activity? client = Trace.Source.StartActivity("reader of the client's socket");
            answer.SetResult();
            return (client, Activity.Current);
        });
        await call;

        Assert.That(after, Is.SameAs(before));
        Assert.That(
            Lines(),
            Is.EqualTo(new[] { "cache.miss in cache.tier get l1", "cache.miss in cache.tier get l2", "cache.get in cache.get products" }));
    }

    [Test]
    public async Task Records_NoTracing_AreWrittenAllTheSame()
    {
        Trace.Dispose();
        ICache<string, string> cache = Build(b => b.EnableLogs(_factory));

        await cache.GetAsync("k");

        Assert.That(_exported.Select(static r => $"{r.EventId.Name} {r.SpanId}"), Is.EqualTo(new[]
        {
            "cache.miss 0000000000000000", "cache.miss 0000000000000000", "cache.get 0000000000000000",
        }));
    }

    private IEnumerable<string> Lines() =>
        _exported.Select(r => $"{r.EventId.Name} in {Trace.Spans.Single(s => s.SpanId == r.SpanId && s.TraceId == r.TraceId).DisplayName}");
}
