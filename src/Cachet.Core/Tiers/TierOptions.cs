namespace Cachet;

/// <summary>What can be set for every tier.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public class TierOptions<TKey, TValue> : ITierOptions
    where TKey : notnull
{
    /// <summary>The tier's name in telemetry, unique in its cache; left out, <c>l1</c>, <c>l2</c> … by position.</summary>
    public string? Name { get; set; }

    /// <summary>How long the tier's copy of an entry lives, counted from when this tier stored it, unless the entry has a time to live of its
    /// own. <see cref="Timeout.InfiniteTimeSpan"/> means for ever. Left out: 5 minutes for a distributed tier, 1 minute for a memory tier in front
    /// of a remote one, for ever otherwise.</summary>
    public TimeSpan? TimeToLive { get; set; }

    /// <summary>Which entries the tier is given to store. Default: <see cref="InsertPolicy{TKey, TValue}.Always"/>.</summary>
    public InsertPolicy<TKey, TValue> InsertPolicy { get; set; } = InsertPolicy<TKey, TValue>.Always;

    /// <summary>Whether a call leaves the process, to a store that other processes may share. Left out: true for distributed tiers, false for
    /// all others.</summary>
    public bool? Remote { get; set; }

    /// <summary>By how much the clock of another machine may be ahead of this one's: an entry of a <see cref="Remote"/> tier that was cached that
    /// much in the future counts as just cached, one beyond it as expired. Default: 5 seconds.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    void ITierOptions.Validate(string cache, string tier) => Validate(cache, tier);

    /// <summary>Refuses what makes no sense.</summary>
    internal virtual void Validate(string cache, string tier)
    {
        if (Name is not null && !CacheNames.IsValid(Name))
        {
            throw Invalid(cache, tier, nameof(Name), $"'{Name}'", "give text without ':' and control characters, or leave it null for l1, l2 …");
        }

        if (TimeToLive is { } life && life < TimeSpan.Zero && life != Timeout.InfiniteTimeSpan)
        {
            throw Invalid(
                cache, tier, nameof(TimeToLive), life, "give a time that is zero or positive, or Timeout.InfiniteTimeSpan for entries that never expire");
        }

        if (ClockSkew < TimeSpan.Zero) throw Invalid(cache, tier, nameof(ClockSkew), ClockSkew, "give a time that is zero or positive");
        if (InsertPolicy is null) throw Invalid(cache, tier, nameof(InsertPolicy), null, "give InsertPolicy.Always, Never or When(…)");
    }

    /// <summary>The error for an option: names it, its value and the fix.</summary>
    private protected static ArgumentOutOfRangeException Invalid(string cache, string tier, string option, object? value, string fix) =>
        new(option, value, $"The option {option} of tier '{tier}' of cache '{cache}' cannot be {value ?? "null"}: {fix}.");
}
