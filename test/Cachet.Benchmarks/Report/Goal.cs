namespace CachetBenchmarks;

/// <summary>One claim: a figure of Cachet's that is at most a limit, which is made of other figures of the same run.</summary>
/// <param name="Row">The number of the row that it belongs to.</param>
/// <param name="What">What is claimed.</param>
/// <param name="Unit">Of both: <c>ns</c>, <c>B</c>, or <c>×</c>.</param>
/// <param name="Figure">Cachet's.</param>
/// <param name="Limit">What it must not exceed.</param>
internal sealed record Goal(string Row, string What, string Unit, Func<Results, double> Figure, Func<Results, double> Limit)
{
    /// <summary>What is reached where the goal is not: more is a regression. 0 where the goal itself counts.</summary>
    public double Reached { get; init; }

    /// <summary>Cachet's time is at most a multiple of a peer's.</summary>
    public static Goal Time(string row, string what, string subject, double factor, string peer, double plus = 0) => new(
        row,
        $"{what}: at most {factor:0.##} × {peer}{(plus == 0 ? string.Empty : $" + {plus:0.##} ns")}",
        "ns",
        r => r[subject].Nanoseconds,
        r => (factor * r[peer].Nanoseconds) + plus);

    /// <summary>Cachet's bytes are at most a multiple of a peer's; more than that may be known to be reached.</summary>
    public static Goal Bytes(string row, string what, string subject, double factor, string peer, double reached = 0) => new(
        row, $"{what}: at most {factor:0.##} × {peer}", "B", r => r[subject].Bytes, r => factor * r[peer].Bytes)
    {
        Reached = reached,
    };

    /// <summary>Cachet's bytes are at most so many.</summary>
    public static Goal Bytes(string row, string what, string subject, double most = 0) => new(
        row, $"{what}: {(most == 0 ? "no allocation" : $"at most {most:0} B")}", "B", r => r[subject].Bytes, _ => most);

    public Verdict Judge(Results results) => new(this, Figure(results), Limit(results));
}

/// <summary>How a goal came out.</summary>
/// <param name="Goal">The goal.</param>
/// <param name="Figure">Cachet's figure.</param>
/// <param name="Limit">The most that it may be.</param>
internal sealed record Verdict(Goal Goal, double Figure, double Limit)
{
    public bool IsMissing => double.IsNaN(Figure) || double.IsNaN(Limit);

    public bool Holds => Figure <= Limit;

    /// <summary>Whether it is so far off that it is no accident of a busy machine. Bytes know no accidents.</summary>
    public bool IsRegression => IsMissing || (!Holds && Figure > Goal.Reached && (Goal.Unit == "B" || Figure > 2 * Limit));
}
