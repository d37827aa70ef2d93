namespace Cachet;

/// <summary>What an instrumentation knows of a tier. One object per tier, the same at every call.</summary>
public sealed class TierDescriptor
{
    private readonly PreparedStates _prepared = new();
    private readonly Func<long?>? _count;

    /// <summary>Describes a tier and adds it to its cache's.</summary>
    /// <param name="cache">The cache it belongs to.</param>
    /// <param name="name">Its name.</param>
    /// <param name="fallback">Whether it is a fallback, that is not the first.</param>
    /// <param name="remote">Whether a call leaves the process.</param>
    /// <param name="count">How many entries it holds; <see langword="null"/> if it cannot tell without waiting.</param>
    /// <exception cref="ArgumentNullException">There is no cache.</exception>
    /// <exception cref="ArgumentException">The name is empty, or has a <c>:</c> or a control character.</exception>
    public TierDescriptor(CacheDescriptor cache, string name, bool fallback, bool remote, Func<long?>? count = null)
    {
        ArgumentNullException.ThrowIfNull(cache);
        CacheNames.Check(name, nameof(name));
        Cache = cache;
        Name = name;
        Fallback = fallback;
        Remote = remote;
        _count = count;
        cache.Add(this);
    }

    /// <summary>The cache that the tier belongs to.</summary>
    public CacheDescriptor Cache { get; }

    /// <summary>The tier's name.</summary>
    public string Name { get; }

    /// <summary>Whether it is a fallback, that is not the first.</summary>
    public bool Fallback { get; }

    /// <summary>Whether a call leaves the process.</summary>
    public bool Remote { get; }

    /// <summary>How many entries the tier holds, about; <see langword="null"/> where it cannot tell without waiting.</summary>
    public long? EntryCount => _count?.Invoke();

    /// <summary>What an instrumentation has prepared for this tier.</summary>
    /// <param name="owner">The instrumentation.</param>
    /// <returns>What it kept, or <see langword="null"/>.</returns>
    public object? Prepared(CacheInstrumentation owner) => _prepared.Of(owner);

    /// <summary>Keeps what an instrumentation prepares once per tier, such as attribute arrays. Each has a place of its own.</summary>
    /// <param name="owner">The instrumentation.</param>
    /// <param name="state">What it prepared.</param>
    public void Prepare(CacheInstrumentation owner, object state) => _prepared.Keep(owner, state);
}
