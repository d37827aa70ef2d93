namespace Cachet;

/// <summary>The options of a tier that do not depend on its types: what the cache applies to a tier behind a boundary as to any other.</summary>
internal interface ITierOptions
{
    string? Name { get; }

    TimeSpan? TimeToLive { get; }

    double TimeToLiveJitter { get; }

    TimeSpan? TimeToRefresh { get; }

    /// <summary>How long an entry may go unread, where the tier has such a thing.</summary>
    TimeSpan? Idle { get; }

    bool? Remote { get; }

    TimeSpan ClockSkew { get; }

    /// <summary>Refuses what makes no sense.</summary>
    void Validate(string cache, string tier);

    /// <summary>Refuses a time to refresh that no entry would reach.</summary>
    void ValidateAgainst(TimeSpan timeToLive, string cache, string tier);

    /// <summary>Reads what configuration can set.</summary>
    void Read(SettingsReader settings);
}
