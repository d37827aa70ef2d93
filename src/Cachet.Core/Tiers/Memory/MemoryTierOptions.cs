namespace Cachet;

/// <summary>What can be set for a memory tier.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class MemoryTierOptions<TKey, TValue> : TierOptions<TKey, TValue>
    where TKey : notnull
{
    /// <summary>The smallest capacity: the least recently used order of the underlying cache is kept in three queues, of at least one entry each.</summary>
    public const int LeastCapacity = 3;

    /// <summary>How many entries the tier holds at most, in entries; beyond it, those used least recently go. Default: 10,000.</summary>
    public int Capacity { get; set; } = 10_000;

    /// <inheritdoc/>
    internal override void Validate(string cache, string tier)
    {
        base.Validate(cache, tier);
        if (Capacity < LeastCapacity) throw Invalid(cache, tier, nameof(Capacity), Capacity, $"give {LeastCapacity} entries or more");
    }

    /// <inheritdoc/>
    internal override void Read(SettingsReader settings)
    {
        base.Read(settings);
        settings.Whole<int>(nameof(Capacity), v => Capacity = v);
    }
}
