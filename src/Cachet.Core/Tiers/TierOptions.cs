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
    /// own. <see cref="Timeout.InfiniteTimeSpan"/> means for ever. Left out: 5 minutes for a distributed tier, 1 minute for a tier in memory in
    /// front of a remote one, for ever otherwise.</summary>
    public TimeSpan? TimeToLive { get; set; }

    /// <summary>By which part of it, at most, a life is cut when the tier stores an entry, drawn at random for each: entries that were stored together do
    /// not expire together. 0.1 makes a time to live of 10 minutes one of 9 to 10. Cuts the tier's time to live and an entry's own alike; no entry
    /// lives longer than it says. From 0 (the default: no jitter) to 1. The draw is that of <see cref="CacheBuilder{TKey, TValue}.JitterSource"/>.</summary>
    public double TimeToLiveJitter { get; set; }

    /// <summary>At what age a hit in this tier has the entry renewed in the background, while callers go on getting the present one: age counts from when
    /// this tier stored its copy (from <see cref="CacheEntry{TValue}.CachedAt"/> where the tier cannot tell), and is reached at exactly this
    /// time. The refresh asks the tiers behind this one for something newer, and, if they have nothing and the call that hit brought a loader, the loader.
    /// Left out, or <see cref="Timeout.InfiniteTimeSpan"/>: never.</summary>
    /// <remarks>The loader that a refresh runs outlives the call that brought it: it must not hold on to what ends with that call, such as a scoped
    /// service. After a refresh without news the next is due one time to refresh later; after one that failed, at the next hit.</remarks>
    public TimeSpan? TimeToRefresh { get; set; }

    /// <summary>Which entries the tier is given to store. Default: <see cref="InsertPolicy{TKey, TValue}.Always"/>.</summary>
    public InsertPolicy<TKey, TValue> InsertPolicy { get; set; } = InsertPolicy<TKey, TValue>.Always;

    /// <summary>Whether a call leaves the process, to a store that other processes may share. Left out: true for distributed tiers, false for
    /// all others.</summary>
    public bool? Remote { get; set; }

    /// <summary>By how much the clock of another machine may be ahead of this one's: an entry of a <see cref="Remote"/> tier that was cached that
    /// much in the future counts as just cached, one beyond it as expired. Default: 5 seconds.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an entry may go unread, where the tier has such a thing.</summary>
    internal virtual TimeSpan? Idle => null;

    /// <inheritdoc/>
    void ITierOptions.Validate(string cache, string tier) => Validate(cache, tier);

    /// <inheritdoc/>
    void ITierOptions.Read(SettingsReader settings) => Read(settings);

    /// <inheritdoc/>
    TimeSpan? ITierOptions.Idle => Idle;

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

        if (!(TimeToLiveJitter is >= 0 and <= 1))
        {
            throw Invalid(cache, tier, nameof(TimeToLiveJitter), TimeToLiveJitter, "give a part of the time to live, from 0 (none) to 1");
        }

        if (TimeToRefresh <= TimeSpan.Zero && TimeToRefresh != Timeout.InfiniteTimeSpan)
        {
            throw Invalid(cache, tier, nameof(TimeToRefresh), TimeToRefresh, "give a positive time, or leave it null for entries that are not refreshed");
        }

        if (ClockSkew < TimeSpan.Zero) throw Invalid(cache, tier, nameof(ClockSkew), ClockSkew, "give a time that is zero or positive");
        if (InsertPolicy is null) throw Invalid(cache, tier, nameof(InsertPolicy), null, "give InsertPolicy.Always, Never or When(…)");
    }

    /// <inheritdoc/>
    void ITierOptions.ValidateAgainst(TimeSpan timeToLive, string cache, string tier)
    {
        if (TimeToRefresh is { } age && timeToLive != Timeout.InfiniteTimeSpan && age > timeToLive)
        {
            throw Invalid(
                cache, tier, nameof(TimeToRefresh), age, $"entries expire after {timeToLive}, so give a shorter time, or the tier a longer TimeToLive");
        }
    }

    /// <summary>Reads what configuration can set. The name is not among it: it is what the tier's section is found by.</summary>
    internal virtual void Read(SettingsReader settings)
    {
        settings.Time(nameof(TimeToLive), v => TimeToLive = v);
        settings.Fraction(nameof(TimeToLiveJitter), v => TimeToLiveJitter = v);
        settings.Time(nameof(TimeToRefresh), v => TimeToRefresh = v);
        settings.OneOf(
            nameof(InsertPolicy), [("Always", InsertPolicy<TKey, TValue>.Always), ("Never", InsertPolicy<TKey, TValue>.Never)], v => InsertPolicy = v);
        settings.Flag(nameof(Remote), v => Remote = v);
        settings.Time(nameof(ClockSkew), v => ClockSkew = v);
    }

    /// <summary>The error for an option: names it, its value and the fix.</summary>
    private protected static ArgumentOutOfRangeException Invalid(string cache, string tier, string option, object? value, string fix) =>
        new(option, value, $"The option {option} of tier '{tier}' of cache '{cache}' cannot be {value ?? "null"}: {fix}.");
}
