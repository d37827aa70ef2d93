using System.Text;

namespace Cachet.Accumulator;

/// <summary>All that is known of one operation; or, where there is none, of one act of background maintenance.</summary>
/// <param name="CacheName">The cache's name.</param>
/// <param name="Operation">The operation; <see langword="null"/> for maintenance.</param>
/// <param name="TierCalls">Its tier calls, in the order in which they ended.</param>
/// <param name="Incomplete">Whether some of the tier calls were forgotten.</param>
public sealed record OperationSummary(
    string CacheName, CacheOperationEvent? Operation, IReadOnlyList<CacheTierEvent> TierCalls, bool Incomplete)
{
    /// <summary>Whether the result came from work that another operation did.</summary>
    public bool Coalesced => Operation is { Coalesced: true };

    /// <summary>Whether a tier behind the first was asked.</summary>
    public bool Fallback => TierCalls.Any(static c => c is { Fallback: true, Operation: CacheOperation.Get });

    /// <summary>Makes the summary of an event that belongs to no operation.</summary>
    /// <param name="tierEvent">The event.</param>
    /// <returns>The summary.</returns>
    public static OperationSummary OfMaintenance(in CacheTierEvent tierEvent) => new(tierEvent.CacheName, null, [tierEvent], Incomplete: false);

    /// <summary>The summary as one line: <c>products get hit 30.1 µs FALLBACK | l1 get miss 2.10 µs | l2 get hit 20.4 µs | l1 insert inserted 1.50 µs</c>.
    /// Of an exception it has the type alone: the message may quote a key.</summary>
    /// <returns>The line.</returns>
    public override string ToString()
    {
        var line = new StringBuilder(CacheName);
        if (Operation is { } operation) Append(line, operation.Operation, operation.Outcome, operation.Exception, operation.DurationNanoseconds);
        else line.Append(" maintenance");
        if (Coalesced) line.Append(" COALESCED");
        if (Fallback) line.Append(" FALLBACK");
        if (Incomplete) line.Append(" INCOMPLETE");
        foreach (CacheTierEvent call in TierCalls)
        {
            line.Append(" | ").Append(call.TierName);
            Append(line, call.Operation, call.Outcome, call.Exception, call.DurationNanoseconds);
            if (call.EvictionReason is { } reason) line.Append(' ').Append(TelemetryNames.Of(reason));
        }

        return line.ToString();
    }

    private static void Append(StringBuilder line, CacheOperation operation, CacheOutcome outcome, Exception? exception, long? nanoseconds)
    {
        line.Append(' ').Append(TelemetryNames.Of(operation)).Append(' ').Append(TelemetryNames.Of(outcome));
        if (exception is not null && outcome != CacheOutcome.Cancelled) line.Append(" (").Append(exception.GetType().Name).Append(')');
        if (nanoseconds is { } time) line.Append(' ').Append(Durations.Text(time));
    }
}
