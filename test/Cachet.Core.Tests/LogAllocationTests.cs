using Cachet;
using Microsoft.Extensions.Logging;

namespace CachetTests;

/// <summary>A hit in memory costs no allocation while its log events are off, whoever else listens.</summary>
[NonParallelizable]
public class LogAllocationTests
{
    private const int Calls = 1_000;

    [Test]
    public void Hit_LevelIsOff_AllocatesNothing([Values] bool loads, [Values] bool handled, [Values] bool keys)
    {
        var logger = new Levelled { Minimum = LogLevel.Information };
        var events = new Counting();
        CacheBuilder<string, string> builder = Cache.Builder<string, string>("c").Memory()
            .EnableLogs(new OneLogger(logger), o => o.KeyRecording = keys ? KeyRecording.Full : KeyRecording.None);
        if (handled) builder.EventHandler(events);
        ICache<string, string> cache = builder.Build();
        cache.InsertAsync("k", "v").AsTask().GetAwaiter().GetResult();
        int written = logger.Written;

        Assert.That(AllocatedByHits(cache, loads), Is.Zero);

        Assert.That(logger.Written, Is.EqualTo(written));
        Assert.That(events.Count, handled ? Is.GreaterThanOrEqualTo(4 * Calls) : Is.Zero);
    }

    [Test]
    public void Hit_LevelIsOn_AllocatesItsRecords()
    {
        var logger = new Levelled { Minimum = LogLevel.Debug };
        ICache<string, string> cache = Cache.Builder<string, string>("c").Memory().EnableLogs(new OneLogger(logger)).Build();
        cache.InsertAsync("k", "v").AsTask().GetAwaiter().GetResult();

        Assert.That(AllocatedByHits(cache, loads: false), Is.Not.Zero);

        Assert.That(logger.Written, Is.GreaterThanOrEqualTo(4 * Calls));
    }

    private static long AllocatedByHits(ICache<string, string> cache, bool loads)
    {
        int least = Calls;
        long allocated = AllocatedBytes.Least(() => least = Math.Min(least, Hit()));
        Assert.That(least, Is.EqualTo(Calls), "Each is answered at once.");
        return allocated;

        int Hit()
        {
            int hits = 0;
            for (int i = 0; i < Calls; i++)
            {
                bool hit = loads
                    ? cache.GetOrInsertAsync("k", 0, static (_, _, _) => throw new InvalidOperationException("loaded")) is { IsCompletedSuccessfully: true }
                    : cache.GetAsync("k") is { IsCompletedSuccessfully: true, Result: not null };
                if (hit) hits++;
            }

            return hits;
        }
    }

    private sealed class Levelled : ILogger
    {
        public LogLevel Minimum { get; init; }

        public int Written { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= Minimum;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Written++;
    }

    private sealed class Counting : ICacheEventHandler
    {
        public int Count { get; private set; }

        public void OnTierEvent(in CacheTierEvent tierEvent) => Count++;

        public void OnOperationComplete(in CacheOperationEvent operationEvent) => Count++;
    }
}
