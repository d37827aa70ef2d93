namespace CachetBenchmarks;

/// <summary>One measurement: a process of its own.</summary>
/// <param name="Server">The server's name.</param>
/// <param name="Reads">Which reads go to it.</param>
/// <param name="Contender">What is asked.</param>
/// <param name="Callers">How many ask at the same time.</param>
/// <param name="Telemetry">Whether all telemetry is on and sent.</param>
internal sealed record Cell(string Server, Reads Reads, Contender Contender, int Callers, bool Telemetry)
{
    private const int MixedCallers = 16;

    /// <summary>Every one, in the order in which they are measured: what is compared with one another, soon after one another.</summary>
    public static IEnumerable<Cell> All(string server) =>
        from reads in Enum.GetValues<Reads>()
        from callers in reads == Reads.Mixed ? [MixedCallers] : new[] { 1, 16, 128 }
        from contender in Enum.GetValues<Contender>()
        where reads == Reads.AllFromServer || contender >= Contender.Cachet
        from telemetry in contender < Contender.Decorated ? [false] : new[] { false, true }
        select new Cell(server, reads, contender, callers, telemetry);

    public override string ToString() => $"{Server}, {Reads}, {Contender}, {Callers} callers, telemetry {(Telemetry ? "on" : "off")}";
}

/// <summary>Which reads go to the server.</summary>
internal enum Reads
{
    /// <summary>All: nothing is kept in memory.</summary>
    AllFromServer,

    /// <summary>Those that memory, which has room for a tenth of the entries, does not answer.</summary>
    Mixed,
}

/// <summary>What is asked.</summary>
internal enum Contender
{
    /// <summary>The store as it is, by <c>GetAsync</c>: bytes.</summary>
    Bare,

    /// <summary>The store as it is, and System.Text.Json on what it gave.</summary>
    CacheAside,

    /// <summary>The store, decorated: bytes.</summary>
    Decorated,

    /// <summary>Cachet, memory in front of the store.</summary>
    Cachet,

    /// <summary>HybridCache over the store; both decorated while telemetry is on, since it has none of its own.</summary>
    HybridCache,

    /// <summary>FusionCache over the store.</summary>
    FusionCache,
}
