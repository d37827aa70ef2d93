using System.Collections.Concurrent;
using Cachet;

namespace CachetTests;

/// <summary>Keeps what it hears, in order.</summary>
internal sealed class EventRecorder : ICacheEventHandler
{
    private readonly ConcurrentQueue<CacheTierEvent> _tiers = new();
    private readonly ConcurrentQueue<CacheOperationEvent> _operations = new();

    public IReadOnlyList<CacheTierEvent> Tiers => [.. _tiers];

    public IReadOnlyList<CacheOperationEvent> Operations => [.. _operations];

    /// <summary>Tier events as <c>l1 get miss</c>.</summary>
    public IReadOnlyList<string> TierLines =>
        [.. _tiers.Select(static e => $"{e.TierName} {TelemetryNames.Of(e.Operation)} {TelemetryNames.Of(e.Outcome)}")];

    public void OnTierEvent(in CacheTierEvent tierEvent) => _tiers.Enqueue(tierEvent);

    public void OnOperationComplete(in CacheOperationEvent operationEvent) => _operations.Enqueue(operationEvent);

    public void Forget()
    {
        _tiers.Clear();
        _operations.Clear();
    }
}
