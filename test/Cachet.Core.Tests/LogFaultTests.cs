using Cachet;
using Microsoft.Extensions.Logging;

namespace CachetTests;

/// <summary>How much of exceptions is logged, and loggers that throw themselves.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class LogFaultTests
{
    private readonly Logs _logs = new();

    [Test]
    public async Task Exceptions_TypeOnly_PassesNoInstance()
    {
        await FailAsync(static o => o.Exceptions = ExceptionDetail.Type);

        Assert.That(_logs.Names, Is.EqualTo(new[] { "cache.get_error", "cache.load_error", "cache.get_or_insert" }));
        Assert.That(_logs.Records.Select(static r => r.Exception), Is.All.Null);
    }

    [Test]
    public async Task Exceptions_Full_PassesTheInstanceOfEveryFailureBesideTheText()
    {
        await FailAsync(static o => o.Exceptions = ExceptionDetail.Full);

        Assert.That(_logs.Records.Select(static r => $"{r.Id.Name} {r.Exception?.Message}"), Is.EqualTo(new[]
        {
            "cache.get_error secret of the tier", "cache.load_error secret of the loader", "cache.get_or_insert secret of the loader",
        }));
        Assert.That(_logs.Text, Does.Not.Contain("secret"));
    }

    [Test]
    public async Task Exceptions_FullAndTheCallerLeft_PassesNone()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        ICache<string, string> cache = Builder().EnableLogs(_logs.Factory, static o => o.Exceptions = ExceptionDetail.Full).Build();

        await cache.InsertAsync("k", "v", source.Token).FaultAsync();

        Assert.That(_logs.Records.Select(static r => $"{r.GetStructuredStateValue("cache.outcome")} {r.Exception}"), Is.EqualTo(new[] { "cancelled " }));
    }

    [Test]
    public async Task Logger_Throws_BreaksNothingAndIsReportedOncePerPairOfTypes()
    {
        using var faults = new FaultListener("LoggerFault");
        var logger = new Throwing<byte> { Error = new InvalidOperationException("secret") };
        ICache<string, string> cache = Builder().EnableLogs(new OneLogger(logger)).Build();

        Assert.That(await cache.GetOrInsertAsync("k", static (_, _) => new("v")), Is.EqualTo("v"));
        logger.Error = new TimeoutException("secret");
        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("v"));

        Assert.That(logger.Calls, Is.EqualTo(5), "It is called again after it threw.");
        Assert.That(faults.Of("[System.Byte]"), Is.EqualTo(new[]
        {
            "CachetTests.LogFaultTests+Throwing`1[System.Byte] System.InvalidOperationException",
            "CachetTests.LogFaultTests+Throwing`1[System.Byte] System.TimeoutException",
        }));
    }

    [Test]
    public async Task Logger_ThrowsWhenAskedForALevel_BreaksNothingAndCountsAsOff()
    {
        using var faults = new FaultListener("LoggerFault");
        var logger = new Throwing<sbyte> { Error = new InvalidOperationException("secret"), ThrowsWhenAsked = true };
        ICache<string, string> cache = Builder().EnableLogs(new OneLogger(logger)).Build();

        await cache.InsertAsync("k", "v");
        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("v"));

        Assert.That(logger.Calls, Is.Zero);
        Assert.That(faults.Of("[System.SByte]"), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Logger_OneProviderThrows_TheOthersWriteAndItsOwnExceptionIsReported()
    {
        using var faults = new FaultListener("LoggerFault");
        using var throwing = new OneLogger(new Throwing<short> { Error = new LockRecursionException("secret") });
        using var writing = new OneLogger(_logs.Logger);
        using ILoggerFactory factory = LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Debug).AddProvider(throwing).AddProvider(writing));
        ICache<string, string> cache = Builder().EnableLogs(factory).Build();

        await cache.InsertAsync("k", "v");

        Assert.That(_logs.Names, Is.EqualTo(new[] { "cache.inserted", "cache.insert" }));
        Assert.That(faults.Of(nameof(LockRecursionException)), Is.EqualTo(new[] { "Microsoft.Extensions.Logging.Logger System.Threading.LockRecursionException" }));
    }

    [Test]
    public async Task Logger_FactoryIsDisposedBeforeTheCache_BreaksNothing()
    {
        using var writing = new OneLogger(_logs.Logger);
        ILoggerFactory factory = LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Debug).AddProvider(writing));
        ICache<string, string> cache = Builder().EnableLogs(factory).Build();
        factory.Dispose();

        await cache.InsertAsync("k", "v");

        Assert.That((await cache.GetAsync("k"))?.Value, Is.EqualTo("v"));
    }

    private static CacheBuilder<string, string> Builder() => Cache.Builder<string, string>("c").Tier(new FakeCacheTier<string, string>());

    private async Task FailAsync(Action<CacheLogOptions> configure)
    {
        var tier = new FakeCacheTier<string, string>();
        tier.FailWhen(static _ => true, static _ => new InvalidOperationException("secret of the tier"));
        ICache<string, string> cache = Cache.Builder<string, string>("c").Tier(tier).EnableLogs(_logs.Factory, configure).Build();

        await cache.GetOrInsertAsync("k", static (_, _) => throw new TimeoutException("secret of the loader")).FaultAsync();
    }

    /// <summary>Faults are reported once per type of logger in a process: each test gives it a marker of its own.</summary>
    private sealed class Throwing<TMarker> : ILogger
    {
        public required Exception Error { get; set; }

        public bool ThrowsWhenAsked { get; init; }

        public int Calls { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => ThrowsWhenAsked ? throw Error : true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Calls++;
            throw Error;
        }
    }
}
