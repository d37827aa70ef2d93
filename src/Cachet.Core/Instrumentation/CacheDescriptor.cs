namespace Cachet;

/// <summary>What an instrumentation knows of a cache. One object per cache, the same at every call.</summary>
public sealed class CacheDescriptor
{
    private readonly PreparedStates _prepared = new();
    private volatile TierDescriptor[] _tiers = [];
    private long _activeLoads;

    /// <summary>Describes a cache.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">The name is empty, or has a <c>:</c> or a control character.</exception>
    public CacheDescriptor(string name)
    {
        CacheNames.Check(name, nameof(name));
        Name = name;
    }

    /// <summary>The cache's name.</summary>
    public string Name { get; }

    /// <summary>Its tiers, the primary first.</summary>
    public IReadOnlyList<TierDescriptor> Tiers => _tiers;

    /// <summary>How many of its loaders are running now, whether anybody listens or not.</summary>
    public long ActiveLoads => Interlocked.Read(ref _activeLoads);

    /// <summary>What an instrumentation has prepared for this cache.</summary>
    /// <param name="owner">The instrumentation.</param>
    /// <returns>What it kept, or <see langword="null"/>.</returns>
    public object? Prepared(CacheInstrumentation owner) => _prepared.Of(owner);

    /// <summary>Keeps what an instrumentation prepares once per cache, such as attribute arrays. Each has a place of its own.</summary>
    /// <param name="owner">The instrumentation.</param>
    /// <param name="state">What it prepared.</param>
    public void Prepare(CacheInstrumentation owner, object state) => _prepared.Keep(owner, state);

    internal void LoadBegins() => Interlocked.Increment(ref _activeLoads);

    internal void LoadEnds() => Interlocked.Decrement(ref _activeLoads);

    internal void Add(TierDescriptor tier) => _tiers = [.. _tiers, tier];
}
