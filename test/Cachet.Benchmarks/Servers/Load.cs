using System.Diagnostics;
using System.Runtime;
using HdrHistogram;

namespace CachetBenchmarks;

/// <summary>A closed loop: so many callers, each of which asks again as soon as it is answered.</summary>
/// <remarks>Callers share what they ask, and nothing of the load's: each keeps times and counts of its own.</remarks>
internal sealed class Load<T>(Func<string, ValueTask<T?>> read, int callers, Func<long> commands)
    where T : class
{
    private const long LongestTicks = 100_000_000_000;
    private const int Digits = 2;

    private const double QuietBelow = 0.02;
    private const int QuietFor = 3;

    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(250);
    private static readonly double _microsecond = Stopwatch.Frequency / 1e6;

    private volatile Phase _phase;

    private enum Phase
    {
        WarmUp,
        Measured,
        Over,
    }

    public async Task<Measurement> RunAsync(Lengths lengths)
    {
        Task<Caller>[] running = [.. Enumerable.Range(0, callers).Select(i => Task.Run(() => CallAsync(KeyStream.Start(i, callers))))];
        await WarmUpAsync(lengths);
        Spent before = Now();
        _phase = Phase.Measured;
        await Task.Delay(lengths.Measured);
        _phase = Phase.Over;
        Spent after = Now();
        return Sum(await Task.WhenAll(running), before, after);
    }

    private static Measurement Sum(Caller[] all, Spent before, Spent after)
    {
        var times = new LongHistogram(LongestTicks, Digits);
        foreach (Caller caller in all) times.Add(caller.Times);
        double operations = times.TotalCount;
        return new(
            times.TotalCount,
            all.Sum(static c => c.Operations),
            Stopwatch.GetElapsedTime(before.At, after.At).TotalSeconds,
            Percentile(50),
            Percentile(90),
            Percentile(99),
            Percentile(99.9),
            (after.Cpu - before.Cpu).TotalMicroseconds / operations,
            (after.Allocated - before.Allocated) / operations,
            (after.Commands - before.Commands) / operations,
            (after.Compiling - before.Compiling) / (after.Cpu - before.Cpu));

        double Percentile(double percent) => times.GetValueAtPercentile(percent) / _microsecond;
    }

    /// <summary>Waits until the compiler has nothing more to do: on a busy machine it takes its time, and more of it where there is more code.</summary>
    private static async Task WarmUpAsync(Lengths lengths)
    {
        long begin = Stopwatch.GetTimestamp();
        await Task.Delay(lengths.LeastWarmUp);
        int quiet = 0;
        while (quiet < QuietFor && Stopwatch.GetElapsedTime(begin) < lengths.MostWarmUp)
        {
            TimeSpan before = JitInfo.GetCompilationTime();
            await Task.Delay(_look);
            quiet = JitInfo.GetCompilationTime() - before < QuietBelow * _look ? quiet + 1 : 0;
        }
    }

    private async Task<Caller> CallAsync(int position)
    {
        var times = new LongHistogram(LongestTicks, Digits);
        long operations = 0;
        long begin = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await read(KeyStream.At(position++)) is null) throw new InvalidOperationException("Not on the server.");
            long end = Stopwatch.GetTimestamp();
            operations++;
            if (_phase == Phase.Measured) times.RecordValue(end - begin);
            else if (_phase == Phase.Over) return new(operations, times);
            begin = end;
        }
    }

    private Spent Now() => new(
        Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true), commands(), JitInfo.GetCompilationTime());

    private readonly record struct Caller(long Operations, LongHistogram Times);

    private readonly record struct Spent(long At, TimeSpan Cpu, long Allocated, long Commands, TimeSpan Compiling);
}

/// <summary>How long a load is.</summary>
/// <param name="LeastWarmUp">How long it is not measured, at least.</param>
/// <param name="MostWarmUp">And at most, if the compiler finds no end.</param>
/// <param name="Measured">How long it is.</param>
internal sealed record Lengths(TimeSpan LeastWarmUp, TimeSpan MostWarmUp, TimeSpan Measured)
{
    public static Lengths Full { get; } = new(TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(3));

    public static Lengths Quick { get; } = new(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(0.5));
}
