using BenchmarkDotNet.Reports;

namespace CachetBenchmarks;

/// <summary>What came out of a run, by case: <c>Class.Method</c>, or <c>Class.Method[Parameter=value]</c>.</summary>
internal sealed class Results
{
    private readonly SortedDictionary<string, Measured> _cases = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, Measured> Cases => _cases;

    public Measured this[string name] => _cases.TryGetValue(name, out Measured found) ? found : Measured.Nothing;

    public void Add(string name, double nanoseconds, double bytes) => _cases[name] = new(nanoseconds, bytes);

    /// <summary>Takes over what BenchmarkDotNet measured: of a quick run, which other programs disturb more, the least time; of a full one the median.</summary>
    public void Add(Summary summary, bool quick)
    {
        foreach (BenchmarkReport report in summary.Reports)
        {
            string parameters = string.Join(',', report.BenchmarkCase.Parameters.Items.Select(static p => $"{p.Name}={p.Value}"));
            string name = $"{report.BenchmarkCase.Descriptor.Type.Name}.{report.BenchmarkCase.Descriptor.WorkloadMethod.Name}";
            if (parameters.Length > 0) name = $"{name}[{parameters}]";
            _cases[name] = report.ResultStatistics is { } statistics
                ? new(quick ? statistics.Min : statistics.Median, report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? double.NaN)
                : Measured.Nothing;
        }
    }
}

/// <summary>One case.</summary>
/// <param name="Nanoseconds">An operation's time; not a number where there is none.</param>
/// <param name="Bytes">Allocated by an operation, or held by an entry.</param>
internal readonly record struct Measured(double Nanoseconds, double Bytes)
{
    public static Measured Nothing { get; } = new(double.NaN, double.NaN);
}
