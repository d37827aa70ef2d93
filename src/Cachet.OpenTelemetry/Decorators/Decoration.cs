namespace Cachet;

/// <summary>What a cache that is not Cachet's is called in telemetry: by a name of its own, or as a tier of another cache.</summary>
internal sealed class Decoration
{
    private const string MemoryTier = "l1";

    private static volatile bool _anyTier;

    private TierDescriptor? _storage;
    private long _activeLoads;

    /// <summary>Names a decorated cache.</summary>
    /// <param name="name">The cache's name.</param>
    /// <param name="tier">The tier's, where it is a level of the cache of that name.</param>
    public Decoration(string name, string? tier = null)
    {
        Cache = new(name);
        if (tier is null) return;
        Tier = new(Cache, tier, fallback: true, remote: true);
        _anyTier = true;
    }

    /// <summary>Whether anybody records calls at all: a few field reads, all that a decorated cache costs where nobody does.</summary>
    public static bool IsRecorded => Subscriptions.Any && CachetInstrumentation.Instance.IsEnabled;

    /// <summary>Whether any cache was declared a tier. If not, nobody needs to find the operation that a call on one is for.</summary>
    public static bool AnyTier => _anyTier;

    public CacheDescriptor Cache { get; }

    public TierDescriptor? Tier { get; }

    /// <summary>Of a memory cache: where its entries are. A tier in name only, by which they are counted.</summary>
    public TierDescriptor Storage => LazyInitializer.EnsureInitialized(ref _storage, () => new(Cache, MemoryTier, fallback: false, remote: false));

    /// <summary>How many of its factories are running now, of those that began while somebody listened.</summary>
    public long ActiveLoads => Interlocked.Read(ref _activeLoads);

    /// <summary>The same name for what a cache is asked to do by tag.</summary>
    public static Decoration ByTag(string name)
    {
        var decoration = new Decoration(name);
        CacheAttributes.PrepareByTag(decoration.Cache);
        return decoration;
    }

    public void LoadBegins() => Interlocked.Increment(ref _activeLoads);

    public void LoadEnds() => Interlocked.Decrement(ref _activeLoads);

    /// <summary>Decorating twice is one decoration: refuses another name for a cache that has one.</summary>
    public void ThrowUnlessSame(Decoration asked)
    {
        if (Cache.Name == asked.Cache.Name && Tier?.Name == asked.Tier?.Name) return;
        throw new InvalidOperationException(
            $"The cache is instrumented already, as {this}; it cannot be instrumented as {asked} too. Instrument it once, under one name.");
    }

    public override string ToString() => Tier is null ? $"'{Cache.Name}'" : $"tier '{Tier.Name}' of '{Cache.Name}'";
}
