namespace Cachet;

/// <summary>What an instrumentation knows of a cache. One object per cache, the same at every call.</summary>
public sealed class CacheDescriptor
{
    private volatile TierDescriptor[] _tiers = [];

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

    /// <summary>Room for what an instrumentation prepares once per cache, such as attribute arrays. Several instrumentations share it: check what
    /// is there before use, and replace it if it is another's.</summary>
    public object? Slot { get; set; }

    internal void Add(TierDescriptor tier) => _tiers = [.. _tiers, tier];
}
