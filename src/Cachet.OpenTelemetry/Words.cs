namespace Cachet;

/// <summary>How many operations and outcomes there are, and attribute values that are boxed once.</summary>
internal static class Words
{
    public const int Operations = (int)CacheOperation.Evict + 1;

    public const int Outcomes = (int)CacheOutcome.Error + 1;

    /// <summary>A value of <see cref="TelemetryNames.CacheScope"/>.</summary>
    public const string ByTag = "tag";

    private static readonly object _true = true;
    private static readonly object _false = false;

    public static IReadOnlyList<CacheOperation> CacheOperations { get; } =
    [
        CacheOperation.Get, CacheOperation.Insert, CacheOperation.Invalidate, CacheOperation.Clear, CacheOperation.GetOrInsert, CacheOperation.Refresh,
    ];

    public static IReadOnlyList<CacheOperation> TierOperations { get; } =
        [CacheOperation.Get, CacheOperation.Insert, CacheOperation.Invalidate, CacheOperation.Clear, CacheOperation.Refresh];

    public static IReadOnlyList<EvictionReason> EvictionReasons { get; } = Enum.GetValues<EvictionReason>();

    public static object Boxed(bool value) => value ? _true : _false;

    public static KeyValuePair<string, object?> ErrorType(Exception? error) => new(TelemetryNames.ErrorType, error?.GetType().FullName);
}
