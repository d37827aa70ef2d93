namespace Cachet;

/// <summary>Several instrumentations as one. They begin in order and end in reverse, so that each finds current what it left current.</summary>
internal sealed class CompositeInstrumentation : CacheInstrumentation
{
    private readonly CacheInstrumentation[] _parts;

    private CompositeInstrumentation(CacheInstrumentation[] parts) => _parts = parts;

    public override bool IsEnabled => Array.Exists(_parts, static p => p.IsEnabled);

    /// <summary>The part that alone is listened to, which saves the bundling; otherwise this.</summary>
    public CacheInstrumentation Narrowed()
    {
        CacheInstrumentation? only = null;
        foreach (CacheInstrumentation part in _parts)
        {
            if (!part.IsEnabled) continue;
            if (only is not null) return this;
            only = part;
        }

        return only ?? this;
    }

    /// <summary>None, the one, or a composite; the same instance twice counts once.</summary>
    public static CacheInstrumentation? Of(IEnumerable<CacheInstrumentation> instrumentations)
    {
        CacheInstrumentation[] parts = [.. instrumentations
            .SelectMany(static i => i is CompositeInstrumentation composite ? composite._parts : [i])
            .Distinct(ReferenceEqualityComparer.Instance)
            .Cast<CacheInstrumentation>()];
        return parts.Length switch { 0 => null, 1 => parts[0], _ => new CompositeInstrumentation(parts) };
    }

    public override CacheScope BeginOperation<TKey>(CacheDescriptor cache, CacheOperation operation, in TKey key)
    {
        var scopes = new CacheScope[_parts.Length];
        for (int i = 0; i < scopes.Length; i++)
        {
            // A part that nobody listens to, or that records nothing of this operation, stays out of its tiers and its load too.
            if (_parts[i].IsEnabled) scopes[i] = _parts[i].BeginOperation(cache, operation, in key);
        }

        return Bundle(scopes);
    }

    public override void EndOperation(
        in CacheScope scope, CacheDescriptor cache, TierDescriptor? servedBy, object? followed, in CacheOperationEvent operationEvent)
    {
        CacheScope[] scopes = Scopes(in scope);
        for (int i = scopes.Length - 1; i >= 0; i--)
        {
            if (!scopes[i].IsNone) _parts[i].EndOperation(in scopes[i], cache, servedBy, StateFor(followed, _parts[i]), in operationEvent);
        }
    }

    public override CacheScope BeginTier<TKey>(
        TierDescriptor tier, CacheOperation operation, in TKey key, in CacheScope parent, long? sinceParentNanoseconds)
    {
        CacheScope[] parents = Scopes(in parent);
        var scopes = new CacheScope[_parts.Length];
        for (int i = 0; i < scopes.Length; i++)
        {
            if (!parents[i].IsNone) scopes[i] = _parts[i].BeginTier(tier, operation, in key, in parents[i], sinceParentNanoseconds);
        }

        return Bundle(scopes, parents);
    }

    public override void EndTier(in CacheScope scope, TierDescriptor tier, in CacheTierEvent tierEvent)
    {
        var state = (State)scope.State!;
        for (int i = state.Scopes.Length - 1; i >= 0; i--)
        {
            if (!state.Parents![i].IsNone) _parts[i].EndTier(in state.Scopes[i], tier, in tierEvent);
        }
    }

    public override CacheScope BeginLoad<TKey>(CacheDescriptor cache, in TKey key, in CacheScope parent, long? sinceParentNanoseconds)
    {
        CacheScope[] parents = Scopes(in parent);
        var scopes = new CacheScope[_parts.Length];
        for (int i = 0; i < scopes.Length; i++)
        {
            if (!parents[i].IsNone) scopes[i] = _parts[i].BeginLoad(cache, in key, in parents[i], sinceParentNanoseconds);
        }

        return Bundle(scopes, parents);
    }

    public override void EndLoad(in CacheScope scope, CacheDescriptor cache, in CacheLoadEvent loadEvent)
    {
        var state = (State)scope.State!;
        for (int i = state.Scopes.Length - 1; i >= 0; i--)
        {
            if (!state.Parents![i].IsNone) _parts[i].EndLoad(in state.Scopes[i], cache, in loadEvent);
        }
    }

    public override CacheScope BeginRefresh<TKey>(CacheDescriptor cache, in TKey key, object? trigger)
    {
        var scopes = new CacheScope[_parts.Length];
        for (int i = 0; i < scopes.Length; i++)
        {
            if (_parts[i].IsEnabled) scopes[i] = _parts[i].BeginRefresh(cache, in key, StateFor(trigger, _parts[i]));
        }

        return Bundle(scopes);
    }

    public override void EndRefresh(
        in CacheScope scope, CacheDescriptor cache, TierDescriptor? servedBy, in CacheOperationEvent operationEvent)
    {
        CacheScope[] scopes = Scopes(in scope);
        for (int i = scopes.Length - 1; i >= 0; i--)
        {
            if (!scopes[i].IsNone) _parts[i].EndRefresh(in scopes[i], cache, servedBy, in operationEvent);
        }
    }

    public override IDisposable? Reenter(in CacheScope scope)
    {
        List<IDisposable>? reentered = null;
        CacheScope[] scopes = Scopes(in scope);
        for (int i = 0; i < scopes.Length; i++)
        {
            if (scopes[i].IsFlowSuppressed && _parts[i].Reenter(in scopes[i]) is { } part) (reentered ??= []).Add(part);
        }

        return reentered is null ? null : new Reentered(reentered);
    }

    public override void OnEviction(TierDescriptor tier, in CacheTierEvent tierEvent)
    {
        foreach (CacheInstrumentation part in _parts) part.OnEviction(tier, in tierEvent);
    }

    /// <summary>The state of one of the parts within a state of this composite's.</summary>
    public object? StateOf(CacheInstrumentation part, object state)
    {
        int i = Array.IndexOf(_parts, part);
        return i < 0 ? null : ((State)state).Scopes[i].State;
    }

    // What it is told to link to comes whole, for each part to find its own in: the leader may have begun with other instrumentations.
    private static object? StateFor(object? followed, CacheInstrumentation part) => (followed as FlightLeader)?.StateFor(part);

    private static CacheScope[] Scopes(in CacheScope scope) => ((State)scope.State!).Scopes;

    private static CacheScope Bundle(CacheScope[] scopes, CacheScope[]? parents = null)
    {
        if (parents is null && Array.TrueForAll(scopes, static s => s.IsNone)) return default;
        bool duration = Array.Exists(scopes, static s => s.WantsDuration), requestId = Array.Exists(scopes, static s => s.WantsRequestId);

        // The way back undoes each part's change, last first: no one captured context would do, since a part may have none.
        return CacheScope.Entered(new State(scopes, parents), null, () => LeaveAll(scopes), duration, requestId);
    }

    private static void LeaveAll(CacheScope[] scopes)
    {
        for (int i = scopes.Length - 1; i >= 0; i--) scopes[i].Leave();
    }

    private sealed class Reentered(List<IDisposable> parts) : IDisposable
    {
        public void Dispose()
        {
            for (int i = parts.Count - 1; i >= 0; i--) parts[i].Dispose();
        }
    }

    private sealed class State(CacheScope[] scopes, CacheScope[]? parents)
    {
        public CacheScope[] Scopes { get; } = scopes;

        public CacheScope[]? Parents { get; } = parents;
    }
}
