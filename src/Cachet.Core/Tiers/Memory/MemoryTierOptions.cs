namespace Cachet;

/// <summary>What can be set for a memory tier.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class MemoryTierOptions<TKey, TValue> : TierOptions<TKey, TValue>
    where TKey : notnull
{
    /// <summary>The smallest capacity: the order of use is kept in three queues, of at least one entry each.</summary>
    public const int LeastCapacity = 3;

    private readonly List<Action<TKey, TValue, EvictionReason>> _listeners = [];

    /// <summary>How many entries the tier holds at most, in entries; beyond it, <see cref="EvictionPolicy"/> says which ones go. Default: 10,000.
    /// Memory for the bookkeeping of so many (2 bytes each, 12 under <see cref="EvictionPolicy.TinyLfu"/>) is taken at once.</summary>
    public int Capacity { get; set; } = 10_000;

    /// <summary>Which entries go to make room. Default: <see cref="EvictionPolicy.Lru"/>.</summary>
    public EvictionPolicy EvictionPolicy { get; set; }

    /// <summary>How long an entry may go unread before it expires; each hit, and each <see cref="ICache{TKey, TValue}.ContainsAsync"/> that finds
    /// it, begins that time anew. An entry never outlives its time to live for it. Left out, or
    /// <see cref="Timeout.InfiniteTimeSpan"/>: for ever.</summary>
    public TimeSpan? TimeToIdle { get; set; }

    /// <inheritdoc/>
    internal override TimeSpan? Idle => TimeToIdle == Timeout.InfiniteTimeSpan ? null : TimeToIdle;

    /// <summary>Adds a listener that is told of every entry that leaves the tier: once, with its key, its value, and why. Several are called in the
    /// order in which they were added.</summary>
    /// <param name="listener">The listener.</param>
    /// <returns>These options.</returns>
    /// <remarks>
    /// <para>Called on the thread that made the entry leave, within that call: keep it quick and do not block; it may call the cache. Under
    /// <see cref="EvictionPolicy.TinyLfu"/>, entries make room in the background, on the thread pool and without anybody's execution context. An
    /// expired entry leaves when it is next asked for or its room is needed, not when its time is over. Disposing of the cache tells nobody.</para>
    /// <para>A listener that throws breaks nothing: the fault is reported once per type of listener and of exception through the event source
    /// <c>Cachet</c>, and the next listener is called.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">There is no listener.</exception>
    public MemoryTierOptions<TKey, TValue> EvictionListener(Action<TKey, TValue, EvictionReason> listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        _listeners.Add(listener);
        return this;
    }

    /// <summary>Makes the tier that the options describe.</summary>
    internal ICacheTier<TKey, TValue> CreateTier()
    {
        var removals = new Removals<TKey, TValue>([.. _listeners]);
        return EvictionPolicy == EvictionPolicy.TinyLfu
            ? new MemoryTier<TKey, TValue, LfuStore<TKey, TValue>>(new(Capacity, removals), removals)
            : new MemoryTier<TKey, TValue, LruStore<TKey, TValue>>(new(Capacity, removals), removals);
    }

    /// <inheritdoc/>
    internal override void Validate(string cache, string tier)
    {
        base.Validate(cache, tier);
        if (Capacity < LeastCapacity) throw Invalid(cache, tier, nameof(Capacity), Capacity, $"give {LeastCapacity} entries or more");
        if (!Enum.IsDefined(EvictionPolicy))
        {
            throw Invalid(cache, tier, nameof(EvictionPolicy), EvictionPolicy, "give EvictionPolicy.Lru or EvictionPolicy.TinyLfu");
        }

        if (Idle is not { } idle) return;
        if (idle <= TimeSpan.Zero) throw Invalid(cache, tier, nameof(TimeToIdle), idle, "give a positive time, or leave it null for none");
        if (TimeToLive is { } life && life != Timeout.InfiniteTimeSpan && life < idle)
        {
            throw Invalid(
                cache, tier, nameof(TimeToIdle), idle, $"no entry outlives the tier's TimeToLive of {life}; give a TimeToIdle of at most that, or a longer TimeToLive");
        }
    }

    /// <inheritdoc/>
    internal override void Read(SettingsReader settings)
    {
        base.Read(settings);
        settings.Whole<int>(nameof(Capacity), v => Capacity = v);
        settings.OneOf<EvictionPolicy>(nameof(EvictionPolicy), v => EvictionPolicy = v);
        settings.Time(nameof(TimeToIdle), v => TimeToIdle = v);
    }
}
