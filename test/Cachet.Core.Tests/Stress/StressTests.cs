using System.Collections.Concurrent;
using System.Globalization;

namespace CachetTests.Stress;

/// <summary>Everything at once: eight tasks, all operations, few keys, three tiers that fail, lag and give up, callers that leave, a clock that runs.
/// Nothing hangs, nothing is left behind, and nobody is served what a completed write replaced.</summary>
/// <remarks>Short, unless <c>CACHET_STRESS_SECONDS</c> says how long, all cases together; beyond a minute or so the time that a test may take has to be
/// raised too: <c>CACHET_STRESS_SECONDS=600 dotnet test test/Cachet.Core.Tests --filter StressTests -- NUnit.DefaultTimeout=900000</c>.</remarks>
[NonParallelizable]
public class StressTests
{
    private const int Tasks = 8;
    private const int OperationsOfARound = 250;
    private const int RoundsToWarmUp = 3;
    private const long MostGrowth = 4 << 20;

    private readonly ConcurrentQueue<Exception> _unobserved = new();

    [SetUp]
    public void Listen()
    {
        Collect(); // What others left unobserved is theirs.
        _unobserved.Clear();
        TaskScheduler.UnobservedTaskException += OnUnobserved;
    }

    [TearDown]
    public void StopListening() => TaskScheduler.UnobservedTaskException -= OnUnobserved;

    [Test]
    public async Task Everything_AtOnce_HangsNeverLeaksNothingAndServesNothingThatAWriteReplaced([Values] bool protect, [Values] bool observed)
    {
        await using var run = new StressRun(protect, observed);
        for (int i = 0; i < RoundsToWarmUp; i++) await RoundAsync(run);
        long before = GC.GetTotalMemory(forceFullCollection: true);

        long start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < Length / 4) await RoundAsync(run);

        Collect();
        long growth = GC.GetTotalMemory(forceFullCollection: true) - before;
        await TestContext.Out.WriteLineAsync($"{run.Summary}, {growth:N0} bytes more");
        Assert.Multiple(() =>
        {
            Assert.That(run.UnderWay, Is.EqualTo((0, 0, 0)));
            if (observed) Assert.That(run.Operations.Completed, Is.EqualTo(run.Operations.Begun));
            Assert.That(_unobserved, Is.Empty);
            Assert.That(growth, Is.LessThan(MostGrowth));
        });
    }

    private static TimeSpan Length =>
        TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("CACHET_STRESS_SECONDS") ?? "4", CultureInfo.InvariantCulture));

    private static async Task RoundAsync(StressRun run)
    {
        await Task.WhenAll(Enumerable.Range(0, Tasks).Select(_ => Task.Run(() => run.WorkAsync(OperationsOfARound)))).WaitAsync(TimeSpan.FromMinutes(1));
        await run.SettleAsync().WaitAsync(TimeSpan.FromMinutes(1));
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }

    private void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs e) => _unobserved.Enqueue(e.Exception);
}
