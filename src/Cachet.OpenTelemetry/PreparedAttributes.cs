namespace Cachet;

/// <summary>Attributes of one cache, made once: at start per operation, at the end per operation, outcome and coalescing.</summary>
internal sealed class CacheAttributes
{
    private readonly OperationMeasurements _notServed;
    private readonly KeyValuePair<string, object?>[]?[] _loads = new KeyValuePair<string, object?>[]?[Words.Outcomes];

    private CacheAttributes(CacheDescriptor cache, string? scope = null)
    {
        _notServed = new(cache.Name, null, scope);
        Name = [new(TelemetryNames.CacheName, cache.Name)];
        LoadStart = new(Name);
        LoadDisplayName = $"{TelemetryNames.LoadSpan} {cache.Name}";
        foreach (CacheOperation operation in Words.CacheOperations)
        {
            List<KeyValuePair<string, object?>> start = [.. Name, new(TelemetryNames.Operation, TelemetryNames.Of(operation))];
            if (scope is not null) start.Add(new(TelemetryNames.CacheScope, scope));
            Start[(int)operation] = new([.. start]);
            DisplayName[(int)operation] = $"{TelemetryNames.SpanOf(operation)} {cache.Name}";
        }
    }

    /// <summary>The cache's name alone.</summary>
    public KeyValuePair<string, object?>[] Name { get; }

    public StartAttributes[] Start { get; } = new StartAttributes[Words.Operations];

    public string[] DisplayName { get; } = new string[Words.Operations];

    public StartAttributes LoadStart { get; }

    public string LoadDisplayName { get; }

    public static CacheAttributes Of(CacheDescriptor cache)
    {
        if (cache.Prepared(CachetInstrumentation.Instance) is CacheAttributes there) return there;
        var made = new CacheAttributes(cache);
        cache.Prepare(CachetInstrumentation.Instance, made);
        return made;
    }

    /// <summary>Says of all that is done to a cache that it is done by tag.</summary>
    public static void PrepareByTag(CacheDescriptor cache) => cache.Prepare(CachetInstrumentation.Instance, new CacheAttributes(cache, Words.ByTag));

    public KeyValuePair<string, object?>[] Measurement(TierDescriptor? servedBy, in CacheOperationEvent e) =>
        (servedBy is null ? _notServed : TierAttributes.Of(servedBy).Served).Of(in e);

    public KeyValuePair<string, object?>[] LoadMeasurement(CacheDescriptor cache, in CacheLoadEvent e)
    {
        if (e.Outcome == CacheOutcome.Error) return [.. Make(cache, e.Outcome), Words.ErrorType(e.Exception)];
        return _loads[(int)e.Outcome] ??= Make(cache, e.Outcome);

        static KeyValuePair<string, object?>[] Make(CacheDescriptor cache, CacheOutcome outcome) =>
            [new(TelemetryNames.CacheName, cache.Name), new(TelemetryNames.Outcome, TelemetryNames.Of(outcome))];
    }
}

/// <summary>Attributes of one tier, made once: at start per operation, at the end per operation and outcome.</summary>
internal sealed class TierAttributes
{
    private readonly KeyValuePair<string, object?>[]?[] _measurements = new KeyValuePair<string, object?>[]?[Words.Operations * Words.Outcomes];
    private readonly KeyValuePair<string, object?>[][] _sizes = new KeyValuePair<string, object?>[Words.Operations][];
    private readonly KeyValuePair<string, object?>[][] _evictions;

    private TierAttributes(TierDescriptor tier)
    {
        Served = new(tier.Cache.Name, tier.Name);
        Names = [new(TelemetryNames.CacheName, tier.Cache.Name), new(TelemetryNames.TierName, tier.Name)];
        _evictions = [.. Words.EvictionReasons.Select(r => With(TelemetryNames.EvictionReason, TelemetryNames.Of(r)))];
        foreach (CacheOperation operation in Words.TierOperations)
        {
            Start[(int)operation] = new(
                new(TelemetryNames.CacheName, tier.Cache.Name),
                new(TelemetryNames.TierName, tier.Name),
                new(TelemetryNames.TierOperation, TelemetryNames.Of(operation)),
                new(TelemetryNames.Fallback, Words.Boxed(tier.Fallback)));
            DisplayName[(int)operation] = $"{TelemetryNames.TierSpan} {TelemetryNames.Of(operation)} {tier.Name}";
            _sizes[(int)operation] = With(TelemetryNames.TierOperation, TelemetryNames.Of(operation));
        }
    }

    /// <summary>The names of the cache and the tier alone.</summary>
    public KeyValuePair<string, object?>[] Names { get; }

    public StartAttributes[] Start { get; } = new StartAttributes[Words.Operations];

    public string[] DisplayName { get; } = new string[Words.Operations];

    /// <summary>Measurements of operations that this tier served.</summary>
    public OperationMeasurements Served { get; }

    public static TierAttributes Of(TierDescriptor tier)
    {
        if (tier.Prepared(CachetInstrumentation.Instance) is TierAttributes there) return there;
        var made = new TierAttributes(tier);
        tier.Prepare(CachetInstrumentation.Instance, made);
        return made;
    }

    public KeyValuePair<string, object?>[] Measurement(TierDescriptor tier, in CacheTierEvent e)
    {
        if (e.Outcome == CacheOutcome.Error) return [.. Make(tier, in e), Words.ErrorType(e.Exception)];
        return _measurements[((int)e.Operation * Words.Outcomes) + (int)e.Outcome] ??= Make(tier, in e);
    }

    public KeyValuePair<string, object?>[] Size(in CacheTierEvent e) => _sizes[(int)e.Operation];

    public KeyValuePair<string, object?>[] Eviction(EvictionReason reason) => _evictions[(int)reason];

    private KeyValuePair<string, object?>[] With(string name, string value) => [.. Names, new(name, value)];

    private static KeyValuePair<string, object?>[] Make(TierDescriptor tier, in CacheTierEvent e) =>
    [
        new(TelemetryNames.CacheName, tier.Cache.Name),
        new(TelemetryNames.TierName, tier.Name),
        new(TelemetryNames.TierOperation, TelemetryNames.Of(e.Operation)),
        new(TelemetryNames.Outcome, TelemetryNames.Of(e.Outcome)),
        new(TelemetryNames.Fallback, Words.Boxed(tier.Fallback)),
    ];
}

/// <summary>Attributes of the measurements of operations that one tier, or none, served.</summary>
internal sealed class OperationMeasurements(string cache, string? servedBy, string? scope = null)
{
    private readonly KeyValuePair<string, object?>[]?[] _made = new KeyValuePair<string, object?>[]?[Words.Operations * Words.Outcomes * 2];

    public KeyValuePair<string, object?>[] Of(in CacheOperationEvent e)
    {
        if (e.Outcome == CacheOutcome.Error) return [.. Make(in e), Words.ErrorType(e.Exception)];
        int index = ((((int)e.Operation * Words.Outcomes) + (int)e.Outcome) * 2) + (e.Coalesced ? 1 : 0);
        return _made[index] ??= Make(in e);
    }

    private KeyValuePair<string, object?>[] Make(in CacheOperationEvent e)
    {
        List<KeyValuePair<string, object?>> attributes =
        [
            new(TelemetryNames.CacheName, cache),
            new(TelemetryNames.Operation, TelemetryNames.Of(e.Operation)),
            new(TelemetryNames.Outcome, TelemetryNames.Of(e.Outcome)),
        ];
        if (servedBy is not null) attributes.Add(new(TelemetryNames.TierName, servedBy));
        if (e.Coalesced) attributes.Add(new(TelemetryNames.Coalesced, Words.Boxed(true)));
        if (scope is not null) attributes.Add(new(TelemetryNames.CacheScope, scope));
        return [.. attributes];
    }
}
