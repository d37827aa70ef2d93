namespace Cachet.Testing;

/// <summary>Keeps the events of the caches that it is given to as a handler, in order, and can be awaited.</summary>
/// <remarks>Safe for use from several threads. What it gives out are copies: they do not change when more is heard.</remarks>
public sealed class CacheEventRecorder : ICacheEventHandler
{
    private readonly EventLog<CacheTierEvent> _tiers = new();
    private readonly EventLog<CacheOperationEvent> _operations = new();

    /// <summary>The calls on tiers, in the order in which they ended.</summary>
    public IReadOnlyList<CacheTierEvent> TierEvents => _tiers.Snapshot();

    /// <summary>The operations, in the order in which they completed.</summary>
    public IReadOnlyList<CacheOperationEvent> OperationEvents => _operations.Snapshot();

    /// <summary>The calls on tiers as text: <c>l1 get miss</c>, <c>l2 insert inserted</c>, <c>l1 evict evicted capacity</c>.</summary>
    public IReadOnlyList<string> TierLines => [.. TierEvents.Select(static e => Line(e))];

    /// <summary>The operations as text: <c>get miss</c>, <c>get hit l1</c>, <c>get_or_insert loaded coalesced</c>.</summary>
    public IReadOnlyList<string> OperationLines => [.. OperationEvents.Select(static e => Line(e))];

    /// <summary>Forgets what was heard. A wait that is under way does not.</summary>
    public void Clear()
    {
        _tiers.Clear();
        _operations.Clear();
    }

    /// <summary>Waits for an operation to complete, one in the background for example. Operations that were heard already count.</summary>
    /// <param name="predicate">Which operation. What it throws, the wait throws.</param>
    /// <param name="nth">Which of those for which the predicate is true, counted from 1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The operation's event.</returns>
    /// <exception cref="ArgumentNullException">There is no predicate.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="nth"/> is less than 1.</exception>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public Task<CacheOperationEvent> WaitForOperationAsync(
        Func<CacheOperationEvent, bool> predicate, int nth = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        ArgumentOutOfRangeException.ThrowIfLessThan(nth, 1);
        return _operations.WaitAsync(predicate, nth, cancellationToken);
    }

    /// <summary>Waits for a call on a tier to end. Calls that were heard already count.</summary>
    /// <param name="predicate">Which call. What it throws, the wait throws.</param>
    /// <param name="nth">Which of those for which the predicate is true, counted from 1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The call's event.</returns>
    /// <exception cref="ArgumentNullException">There is no predicate.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="nth"/> is less than 1.</exception>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public Task<CacheTierEvent> WaitForTierAsync(
        Func<CacheTierEvent, bool> predicate, int nth = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        ArgumentOutOfRangeException.ThrowIfLessThan(nth, 1);
        return _tiers.WaitAsync(predicate, nth, cancellationToken);
    }

    /// <inheritdoc/>
    public void OnTierEvent(in CacheTierEvent tierEvent) => _tiers.Add(tierEvent);

    /// <inheritdoc/>
    public void OnOperationComplete(in CacheOperationEvent operationEvent) => _operations.Add(operationEvent);

    private static string Line(in CacheTierEvent e) =>
        $"{e.TierName} {TelemetryNames.Of(e.Operation)} {TelemetryNames.Of(e.Outcome)}"
        + (e.EvictionReason is { } reason ? " " + TelemetryNames.Of(reason) : "");

    private static string Line(in CacheOperationEvent e) =>
        $"{TelemetryNames.Of(e.Operation)} {TelemetryNames.Of(e.Outcome)}"
        + (e.TierName is { } tier ? " " + tier : "") + (e.Coalesced ? " coalesced" : "");
}
