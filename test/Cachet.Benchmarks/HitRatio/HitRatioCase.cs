namespace CachetBenchmarks;

/// <summary>A stream that caches of a capacity are asked for.</summary>
/// <param name="Stream">Its name.</param>
/// <param name="Capacity">How many entries there is room for.</param>
/// <param name="Seed">What it was made with.</param>
/// <param name="Keys">The keys, in turn.</param>
internal sealed record HitRatioCase(string Stream, int Capacity, int Seed, int[] Keys)
{
    private const int Requests = 1_000_000;
    private const int KeyCount = 100_000;

    private static readonly (string Name, Func<KeyStreams, int, int[]> Make)[] _streams =
    [
        ("Zipf 0.7", static (s, _) => s.Zipf(0.7)),
        ("Zipf 0.9", static (s, _) => s.Zipf(0.9)),
        ("Zipf 1.1", static (s, _) => s.Zipf(1.1)),
        ("scan", static (s, _) => s.Scans()),
        ("loop", static (s, capacity) => s.Loop(capacity)),
        ("news", static (s, _) => s.News()),
        ("mixed", static (s, _) => s.Mixed()),
    ];

    public static IReadOnlyList<int> Capacities { get; } = [100, 1_000, 10_000];

    public static IReadOnlyList<int> Seeds { get; } = [1, 2, 3];

    public static IEnumerable<HitRatioCase> All(int seed, IEnumerable<int> capacities) =>
        from capacity in capacities
        from stream in _streams
        select new HitRatioCase(stream.Name, capacity, seed, stream.Make(new(seed, Requests, KeyCount), capacity));

    public HitRatio Came(string cache, string pace, int hits) => new(Stream, Capacity, Seed, cache, pace, (double)hits / Keys.Length);
}

/// <summary>What part of the requests were hits.</summary>
/// <param name="Stream">The name of the stream.</param>
/// <param name="Capacity">How many entries there was room for.</param>
/// <param name="Seed">What the stream was made with.</param>
/// <param name="Cache">What was asked.</param>
/// <param name="Pace">How: see <see cref="HitRatioCommand"/>.</param>
/// <param name="Ratio">The part.</param>
internal sealed record HitRatio(string Stream, int Capacity, int Seed, string Cache, string Pace, double Ratio);
