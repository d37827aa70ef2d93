using Cachet;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace CachetTests;

/// <summary>Which events are on, and where the logger comes from.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class LogLevelTests
{
    private readonly Logs _logs = new();

    [Test]
    public void Level_Default_IsThatOfTheContract()
    {
        LogLevel[] levels = new CacheLogOptions().Levels();

        Assert.That(
            Enum.GetValues<CacheEvent>().GroupBy(e => levels[(int)e]).ToDictionary(static g => g.Key, static g => string.Join(' ', g.Select(TelemetryNames.Of))),
            Is.EqualTo(new Dictionary<LogLevel, string>
            {
                [LogLevel.Error] = "cache.get_error cache.insert_error cache.invalidate_error cache.clear_error cache.refresh_error cache.load_error",
                [LogLevel.Warning] = "cache.decode_failure cache.handler_error",
                [LogLevel.Information] = "cache.expired cache.refresh_miss cache.inserted cache.insert_rejected cache.invalidated cache.eviction",
                [LogLevel.Debug] = "cache.hit cache.miss cache.refresh_hit cache.cleared cache.get cache.insert cache.invalidate cache.clear "
                    + "cache.get_or_insert cache.refresh",
            }));
    }

    [Test]
    public async Task Level_ChangedAndSwitchedOff_AreHeeded()
    {
        ICache<string, string> cache = Build(static o => o
            .Level(CacheEvent.Miss, LogLevel.Warning)
            .Level(CacheEvent.Inserted, LogLevel.Trace)
            .Level(CacheEvent.GetOrInsert, LogLevel.None));

        await cache.GetOrInsertAsync("k", static (_, _) => new("v"));

        Assert.That(_logs.Records.Select(static r => $"{r.Level} {r.Id.Name}"), Is.EqualTo(new[] { "Warning cache.miss", "Trace cache.inserted" }));
    }

    [Test]
    public async Task Level_AllSwitchedOff_NothingIsWrittenNorTimed()
    {
        var clock = new CountingClock();
        var tier = new FakeCacheTier<string, string>();
        ICache<string, string> cache = Cache.Builder<string, string>("c").Clock(clock).Tier(tier).EnableLogs(_logs.Factory, static o =>
        {
            foreach (CacheEvent e in Enum.GetValues<CacheEvent>()) o.Level(e, LogLevel.None);
        }).Build();

        await cache.InsertAsync("k", "v");
        tier.FailWhen(static _ => true);
        await cache.GetAsync("k").FaultAsync();

        Assert.That(_logs.Records, Is.Empty);
        Assert.That(clock.Readings, Is.Zero);
    }

    [Test]
    public async Task Logger_LevelIsOff_IsNotCalled()
    {
        _logs.SetMinimum(LogLevel.Information);
        ICache<string, string> cache = Build();

        await cache.GetOrInsertAsync("k", static (_, _) => new("v"));
        await cache.GetAsync("k");
        await cache.ClearAsync();

        Assert.That(_logs.Names, Is.EqualTo(new[] { "cache.inserted" }), "The collector keeps what a logger is given at levels that are off, too.");
    }

    [Test]
    public async Task Logger_LevelChangesWhileTheCacheLives_IsHeededAtOnce([Values] bool loads)
    {
        ICache<string, string> cache = Build();
        await cache.InsertAsync("k", "v");
        _logs.Collector.Clear();

        foreach (LogLevel minimum in new[] { LogLevel.Information, LogLevel.Debug, LogLevel.None })
        {
            _logs.SetMinimum(minimum);
            if (loads) await cache.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException("loaded"));
            else await cache.GetAsync("k");
        }

        Assert.That(_logs.Names, Is.EqualTo(new[] { "cache.hit", loads ? "cache.get_or_insert" : "cache.get" }));
    }

    [Test]
    public async Task Hit_AtALevelOfItsOwn_IsWrittenAtInformation([Values(CacheEvent.Hit, CacheEvent.Get, CacheEvent.GetOrInsert)] CacheEvent raised)
    {
        _logs.SetMinimum(LogLevel.Information);
        ICache<string, string> cache = Build(o => o.Level(raised, LogLevel.Information));
        await cache.InsertAsync("k", "v");
        _logs.Collector.Clear();

        await cache.GetAsync("k");
        await cache.GetOrInsertAsync("k", static (_, _) => throw new InvalidOperationException("loaded"));

        Assert.That(_logs.Names, Is.EqualTo(raised == CacheEvent.Hit ? ["cache.hit", "cache.hit"] : new[] { TelemetryNames.Of(raised) }));
    }

    [Test]
    public async Task Hit_NotWritten_ReadsNoClock()
    {
        _logs.SetMinimum(LogLevel.Information);
        var clock = new CountingClock();
        ICache<string, string> cache = Cache.Builder<string, string>("c").Clock(clock).Memory().EnableLogs(_logs.Factory).Build();
        await cache.InsertAsync("k", "v");
        int before = clock.Readings;

        await cache.GetAsync("k");
        Assert.That(clock.Readings, Is.EqualTo(before));

        _logs.SetMinimum(LogLevel.Debug);
        await cache.GetAsync("k");
        Assert.That(clock.Readings, Is.GreaterThan(before));
    }

    [Test]
    public async Task Hit_CacheIsDisposed_Throws()
    {
        _logs.SetMinimum(LogLevel.Information);
        ICache<string, string> cache = Build();
        await cache.InsertAsync("k", "v");
        await cache.DisposeAsync();

        Assert.That(() => cache.GetAsync("k"), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Handlers_LogsOff_HearAll([Values] bool enabled)
    {
        var events = new CacheEventRecorder();
        _logs.SetMinimum(LogLevel.None);
        CacheBuilder<string, string> builder = Cache.Builder<string, string>("c").Memory().EventHandler(events);
        if (enabled) builder.EnableLogs(_logs.Factory);
        ICache<string, string> cache = builder.Build();

        await cache.GetOrInsertAsync("k", static (_, _) => new("v"));
        await cache.GetAsync("k");

        Assert.That(events.TierLines, Is.EqualTo(new[] { "l1 get miss", "l1 insert inserted", "l1 get hit" }));
        Assert.That(events.OperationLines, Is.EqualTo(new[] { "get_or_insert loaded", "get hit l1" }));
        Assert.That(_logs.Records, Is.Empty);
    }

    [Test]
    public async Task Instrumentation_BesideALog_WorksWithIt()
    {
        var instrumentation = new RecordingInstrumentation("a") { WantsDuration = false, WantsRequestId = false };
        ICache<string, string> cache =
            Cache.Builder<string, string>("c").Memory().Instrumentation(instrumentation).EnableLogs(_logs.Factory).Build();

        await cache.GetOrInsertAsync("k", static (_, _) => new("v"));

        Assert.That(instrumentation.Log, Has.Count.EqualTo(8));
        Assert.That(_logs.Names, Is.EqualTo(new[] { "cache.miss", "cache.inserted", "cache.get_or_insert" }));
    }

    [Test]
    public async Task Records_OfTierLoadAndOperation_ComeWhileItsScopeIsCurrent()
    {
        var instrumentation = new RecordingInstrumentation("a");
        var current = new List<string>();
        var logger = new FakeLogger(line => current.Add($"{line.Split(' ').First(static w => w.StartsWith("cache.", StringComparison.Ordinal))} in {instrumentation.Current}"));
        var tier = new FakeCacheTier<string, string> { Before = static async (_, _) => await Task.Yield() };
        ICache<string, string> cache =
            Cache.Builder<string, string>("c").Tier(tier).Instrumentation(instrumentation).EnableLogs(new OneLogger(logger)).Build();

        await cache.GetOrInsertAsync("k", static async (_, _) =>
        {
            await Task.Yield();
            throw new TimeoutException();
        }).FaultAsync();
        await cache.InsertAsync("k", "v");

        Assert.That(current, Is.EqualTo(new[]
        {
            "cache.miss in l1 get", "cache.load_error in load", "cache.get_or_insert in get_or_insert", "cache.inserted in l1 insert", "cache.insert in insert",
        }));
    }

    [Test]
    public void EnableLogs_NoContainer_IsAnErrorThatNamesBothRemedies() =>
        Assert.That(
            static () => Cache.Builder<string, string>("products").Memory().EnableLogs().Build(),
            Throws.InvalidOperationException.With.Message.Contains("'products'").And.Message.Contains("AddLogging").And.Message.Contains("EnableLogs(loggerFactory)"));

    [Test]
    public async Task EnableLogs_ContainerWithoutAFactory_IsAnErrorThatNamesBothRemedies()
    {
        ServiceCollection services = [];
        services.AddCachet<string, string>("products", static c => c.Memory().EnableLogs());
        await using ServiceProvider provider = services.BuildServiceProvider();

        Assert.That(
            () => provider.GetRequiredService<ICache<string, string>>(),
            Throws.InvalidOperationException.With.Message.Contains("AddLogging").And.Message.Contains("EnableLogs(loggerFactory)"));
    }

    [Test]
    public async Task EnableLogs_ContainerWithAFactory_WritesToIt([Values] bool enabled)
    {
        ServiceCollection services = [];
        services.AddLogging(static l => l.SetMinimumLevel(LogLevel.Debug).AddFakeLogging());
        services.AddCachet<string, string>("products", c => _ = enabled ? c.Memory().EnableLogs(static o => o.Level(CacheEvent.Miss, LogLevel.Information)) : c.Memory());
        await using ServiceProvider provider = services.BuildServiceProvider();

        await provider.GetRequiredService<ICache<string, string>>().GetAsync("k");

        Assert.That(
            provider.GetFakeLogCollector().GetSnapshot().Select(static r => $"{r.Category} {r.Level} {r.Message.Split(' ')[0]}"),
            enabled ? Is.EqualTo(new[] { "Cachet Information cache.miss", "Cachet Debug cache.get" }) : Is.Empty);
    }

    [Test]
    public void EnableLogs_BadInput_IsRefused()
    {
        CacheBuilder<string, string> builder = Cache.Builder<string, string>("c").Memory();

        Assert.That(() => builder.EnableLogs((ILoggerFactory)null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("loggerFactory"));
        Assert.That(() => builder.EnableLogs(_logs.Factory, static o => o.Level((CacheEvent)99, LogLevel.Debug)), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => builder.EnableLogs(_logs.Factory, static o => o.Level(0, LogLevel.Debug)), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => builder.EnableLogs(_logs.Factory, static o => o.Level(CacheEvent.Hit, (LogLevel)99)), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => builder.EnableLogs(_logs.Factory, static o => o.Exceptions = (ExceptionDetail)99),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Exceptions"));
        Assert.That(
            () => builder.EnableLogs(_logs.Factory, static o => o.KeyRecording = null!), Throws.ArgumentNullException.With.Message.Contains("KeyRecording"));
        builder.Build();
        Assert.That(() => builder.EnableLogs(_logs.Factory), Throws.InvalidOperationException);
        Assert.That(() => builder.EnableLogs(), Throws.InvalidOperationException);
    }

    private ICache<string, string> Build(Action<CacheLogOptions>? configure = null) =>
        Cache.Builder<string, string>("c").Memory().EnableLogs(_logs.Factory, configure).Build();

    private sealed class CountingClock : TimeProvider
    {
        public int Readings { get; private set; }

        public override long GetTimestamp() => ++Readings;
    }
}
