using System.Collections.Concurrent;
using Cachet;

namespace CachetTests;

/// <summary>Writes down every begin and end, and makes its scopes current in an <see cref="AsyncLocal{T}"/>, as spans are.</summary>
internal sealed class RecordingInstrumentation(string name, ConcurrentQueue<string>? log = null) : CacheInstrumentation
{
    private readonly AsyncLocal<string?> _current = new();

    /// <summary>Lines such as <c>a begin get</c> and <c>a end l1 get miss</c>.</summary>
    public ConcurrentQueue<string> Log { get; } = log ?? new();

    /// <summary>What is current in the running code.</summary>
    public string? Current
    {
        get => _current.Value;
        set => _current.Value = value;
    }

    public bool Enabled { get; set; } = true;

    /// <summary>Records nothing: every begin of an operation returns none.</summary>
    public bool None { get; set; }

    public bool WantsDuration { get; set; } = true;

    public bool WantsRequestId { get; set; } = true;

    public ConcurrentQueue<CacheOperationEvent> Operations { get; } = new();

    public ConcurrentQueue<CacheTierEvent> Tiers { get; } = new();

    public ConcurrentQueue<CacheTierEvent> Evictions { get; } = new();

    /// <summary>Durations of loads.</summary>
    public ConcurrentQueue<long?> Loads { get; } = new();

    /// <summary>What begins were told of the time since their parent began.</summary>
    public ConcurrentQueue<long?> SinceParent { get; } = new();

    /// <summary>What operations' ends were told of whom they followed.</summary>
    public ConcurrentQueue<object?> Followed { get; } = new();

    /// <summary>What was current before each begin, by what began.</summary>
    public ConcurrentQueue<string> Parents { get; } = new();

    public override bool IsEnabled => Enabled;

    public override CacheScope BeginOperation<TKey>(CacheDescriptor cache, CacheOperation operation, in TKey key)
    {
        Log.Enqueue($"{name} begin {TelemetryNames.Of(operation)}");
        return None ? default : Enter(TelemetryNames.Of(operation));
    }

    public override void EndOperation(
        in CacheScope scope, CacheDescriptor cache, TierDescriptor? servedBy, object? followed, in CacheOperationEvent operationEvent)
    {
        scope.Leave();
        Operations.Enqueue(operationEvent);
        Followed.Enqueue(followed);
        Log.Enqueue($"{name} end {TelemetryNames.Of(operationEvent.Operation)} {TelemetryNames.Of(operationEvent.Outcome)}");
    }

    public override CacheScope BeginTier<TKey>(
        TierDescriptor tier, CacheOperation operation, in TKey key, in CacheScope parent, long? sinceParentNanoseconds)
    {
        SinceParent.Enqueue(sinceParentNanoseconds);
        Log.Enqueue($"{name} begin {tier.Name} {TelemetryNames.Of(operation)}");
        return Enter($"{tier.Name} {TelemetryNames.Of(operation)}");
    }

    public override void EndTier(in CacheScope scope, TierDescriptor tier, in CacheTierEvent tierEvent)
    {
        scope.Leave();
        Tiers.Enqueue(tierEvent);
        Log.Enqueue($"{name} end {tier.Name} {TelemetryNames.Of(tierEvent.Operation)} {TelemetryNames.Of(tierEvent.Outcome)}");
    }

    public override CacheScope BeginLoad<TKey>(CacheDescriptor cache, in TKey key, in CacheScope parent, long? sinceParentNanoseconds)
    {
        SinceParent.Enqueue(sinceParentNanoseconds);
        Log.Enqueue($"{name} begin load");
        return Enter("load");
    }

    public override void EndLoad(in CacheScope scope, CacheDescriptor cache, in CacheLoadEvent loadEvent)
    {
        scope.Leave();
        Loads.Enqueue(loadEvent.DurationNanoseconds);
        Log.Enqueue($"{name} end load {TelemetryNames.Of(loadEvent.Outcome)}");
    }

    public override CacheScope BeginRefresh<TKey>(CacheDescriptor cache, in TKey key, object? trigger)
    {
        Log.Enqueue($"{name} begin refresh after {(trigger is Label label ? $"{label.Owner} {label.What}" : trigger ?? "nothing")}");
        return Enter("refresh");
    }

    public override void EndRefresh(
        in CacheScope scope, CacheDescriptor cache, TierDescriptor? servedBy, in CacheOperationEvent operationEvent)
    {
        scope.Leave();
        Operations.Enqueue(operationEvent);
        Log.Enqueue($"{name} end refresh {TelemetryNames.Of(operationEvent.Outcome)} {servedBy?.Name}");
    }

    public override void OnEviction(TierDescriptor tier, in CacheTierEvent tierEvent) => Evictions.Enqueue(tierEvent);

    private CacheScope Enter(string what)
    {
        string? before = Current;
        Parents.Enqueue($"{what} in {before ?? "nothing"}");
        ExecutionContext? outer = ExecutionContext.Capture();
        Current = what;
        return CacheScope.Entered(new Label(name, what), outer, outer is null ? () => Current = before : null, WantsDuration, WantsRequestId);
    }

    /// <summary>The state of a scope.</summary>
    public sealed record Label(string Owner, string What);
}
