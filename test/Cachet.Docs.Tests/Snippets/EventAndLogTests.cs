using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace CachetTests.Snippets;

public class EventAndLogTests
{
    [Test]
    public async Task Handler_OfACache_HearsWhatItDid()
    {
        // snippet: event-handler-use
        var hitRatio = new HitRatio();
        await using ICache<string, Product> products = Cache.Builder<string, Product>("products")
            .Memory()
            .EventHandler(hitRatio)
            .Build();
        // end
        var product = new Product("p1", "espresso machine", 399);
        await products.GetOrInsertAsync("p1", product, static (_, product, _) => new(product));
        await products.GetAsync("p1");
        Assert.That(hitRatio.Value, Is.EqualTo(0.5));
        Assert.That(hitRatio.TierErrors, Is.Zero);
    }

    [Test]
    public async Task Logs_WithLevelsOfTheirOwn_AreWritten()
    {
        using var provider = new FakeLoggerProvider();
        using ILoggerFactory loggerFactory = LoggerFactory.Create(l => l.AddProvider(provider).SetMinimumLevel(LogLevel.Information));

        // snippet: logs
        await using ICache<string, Product> products = Cache.Builder<string, Product>("products")
            .Memory()
            .EnableLogs(loggerFactory, o =>
            {
                o.Level(CacheEvent.Inserted, LogLevel.Debug);      // Information unless set
                o.Level(CacheEvent.Miss, LogLevel.Information);    // Debug unless set
                o.Level(CacheEvent.HandlerError, LogLevel.None);   // off
                o.Exceptions = ExceptionDetail.Full;               // their messages may hold keys; Type unless set
                o.KeyRecording = KeyRecording.Hash;                // or Full, or Redact(…); None unless set
            })
            .Build();
        // end
        await products.GetAsync("p1");
        await products.InsertAsync("p1", new("p1", "espresso machine", 399));
        FakeLogRecord record = provider.Collector.GetSnapshot().Single();
        Assert.That(record.Id.Name, Is.EqualTo("cache.miss"));
        Assert.That(record.Category, Is.EqualTo(TelemetryNames.Scope));
        Assert.That(record.StructuredState!.Select(static s => s.Key), Has.Member("cache.key"));
        Assert.That(record.StructuredState!.Select(static s => s.Value), Has.None.EqualTo("p1"));
    }

    [Test]
    public void KeyRecording_Redacted_TellsWhatTheFunctionGives()
    {
        // snippet: key-recording
        KeyRecording tenantOnly = KeyRecording.Redact<string>(key => key.Split('/')[0]);
        // end
        Assert.That(tenantOnly.TextOf("acme/p1"), Is.EqualTo("acme"));
    }
}

// snippet: event-handler
internal sealed class HitRatio : ICacheEventHandler
{
    private long _hits, _reads, _tierErrors;

    public double Value => (double)Interlocked.Read(ref _hits) / Interlocked.Read(ref _reads);

    public long TierErrors => Interlocked.Read(ref _tierErrors);

    // One call on one tier: which, what it came to, how long it took, how large the payload is, what it threw.
    public void OnTierEvent(in CacheTierEvent tierEvent)
    {
        if (tierEvent.Outcome == CacheOutcome.Error) Interlocked.Increment(ref _tierErrors);
    }

    // One operation: what it came to, which tier served it, whether another caller did the work.
    public void OnOperationComplete(in CacheOperationEvent operationEvent)
    {
        if (operationEvent.Operation is not (CacheOperation.Get or CacheOperation.GetOrInsert)) return;
        Interlocked.Increment(ref _reads);
        if (operationEvent.Outcome == CacheOutcome.Hit) Interlocked.Increment(ref _hits);
    }
}
// end
