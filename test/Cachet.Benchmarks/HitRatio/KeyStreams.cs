namespace CachetBenchmarks;

/// <summary>Makes streams of keys to be asked for. A seed makes the same streams on every machine.</summary>
/// <param name="seed">The seed.</param>
/// <param name="requests">How long a stream is.</param>
/// <param name="keys">How many keys the popular and the unpopular are together; those of scans and loops come on top.</param>
internal sealed class KeyStreams(int seed, int requests, int keys)
{
    private const double Skew = 0.9;

    /// <summary>Some keys are always asked for more often than others.</summary>
    public int[] Zipf(double exponent)
    {
        var random = new Random(seed);
        int[] keyOf = Shuffled(random);
        var ranks = new ZipfSampler(keys, exponent);
        return Made(_ => keyOf[ranks.Next(random)]);
    }

    /// <summary>The same, and in every fifth of the time somebody reads through keys that nobody asks for again.</summary>
    public int[] Scans()
    {
        var random = new Random(seed);
        int[] keyOf = Shuffled(random);
        var ranks = new ZipfSampler(keys, Skew);
        int scan = keys / 10;
        int once = 2 * keys;
        return Made(i => i % (5 * scan) < 4 * scan ? keyOf[ranks.Next(random)] : once++);
    }

    /// <summary>The same keys in turn, a fifth more of them than there is room for.</summary>
    public int[] Loop(int capacity)
    {
        int length = capacity + (capacity / 5);
        return Made(i => keys + (i % length));
    }

    /// <summary>The newest keys are the popular ones: with every tenth request there is a new one, and the others are a rank less popular.</summary>
    public int[] News()
    {
        var random = new Random(seed);
        var ranks = new ZipfSampler(keys, Skew);
        return Made(i => keys + (i / 10) - ranks.Next(random));
    }

    /// <summary>In turn, in parts as long as a tenth of the keys: of ten parts, six of popular keys, two scans, and two of rounds over the same few
    /// keys, shuffled; then the popular keys become others, a hundredth of all in number.</summary>
    public int[] Mixed()
    {
        var random = new Random(seed);
        int[] keyOf = Shuffled(random);
        var ranks = new ZipfSampler(keys, Skew);
        int length = keys / 10;
        int round = length / 5;
        int once = 2 * keys;
        int shift = 0;
        Part[] parts = [.. Enumerable.Repeat(Part.Popular, 6), Part.Scan, Part.Scan, Part.Rounds, Part.Rounds];
        return Made(i =>
        {
            if (i % (parts.Length * length) == 0)
            {
                random.Shuffle(parts);
                shift += keys / 100;
            }

            return parts[i / length % parts.Length] switch
            {
                Part.Scan => once++,
                Part.Rounds => keys + (i % round),
                _ => keyOf[(ranks.Next(random) + shift) % keys],
            };
        });
    }

    private int[] Made(Func<int, int> key)
    {
        int[] stream = new int[requests];
        for (int i = 0; i < stream.Length; i++) stream[i] = key(i);
        return stream;
    }

    /// <summary>The keys by rank: neighbours in rank are not neighbours in number.</summary>
    private int[] Shuffled(Random random)
    {
        int[] keyOf = [.. Enumerable.Range(0, keys)];
        random.Shuffle(keyOf);
        return keyOf;
    }

    private enum Part
    {
        Popular,
        Scan,
        Rounds,
    }
}
