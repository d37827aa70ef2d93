using System.Diagnostics;

namespace Cachet;

/// <summary>What a tracer provider wants of Cachet's spans. Read once, when the provider is built.</summary>
/// <remarks>Spans are shared by all providers of a process. So only <see cref="LocalTierSpans"/> and <see cref="RemoteTierSpans"/> are truly a provider's
/// own: an operation makes spans if the <see cref="Filter"/> of any provider accepts it, every <see cref="Enrich"/> runs, and of the
/// <see cref="KeyRecording"/>s the one counts that tells least. Bound from configuration, the two switches and <see cref="KeyRecording"/> can be set.</remarks>
public sealed class CachetTraceOptions
{
    /// <summary>Whether calls on tiers in the process make spans. Off, a hit in memory is one span instead of two. Default: <see langword="true"/>.</summary>
    public bool LocalTierSpans { get; set; } = true;

    /// <summary>Whether calls on tiers that leave the process make spans. Default: <see langword="true"/>.</summary>
    public bool RemoteTierSpans { get; set; } = true;

    /// <summary>Which operations make spans; <see langword="null"/>, the default, stands for all. An operation that it refuses, or on which it throws,
    /// makes none, nor do its tiers and its load; metrics, logs and events stay whole.</summary>
    /// <remarks>Called on the caller's path before every operation of which spans could be made, and before every background refresh, from many threads at
    /// once: let it be quick. What it throws is reported through the event source <c>OpenTelemetry-Instrumentation-Cachet</c>, once per type.</remarks>
    public Func<CacheDescriptor, CacheOperation, bool>? Filter { get; set; }

    /// <summary>Adds to the spans of operations and refreshes, once what they came to is known and while they are current; <see langword="null"/>, the
    /// default, adds nothing. Only called for spans that are recorded.</summary>
    /// <remarks>What it throws is reported through the event source <c>OpenTelemetry-Instrumentation-Cachet</c>, once per type; the span ends all the
    /// same.</remarks>
    public Action<Activity, CacheOperationEvent>? Enrich { get; set; }

    /// <summary>What the spans of operations and refreshes tell of keys, as <c>cache.key</c>. Default: <see cref="KeyRecording.None"/>.</summary>
    /// <remarks>Where providers differ, the one that tells least counts, for all of them, and the difference is reported through the event source
    /// <c>OpenTelemetry-Instrumentation-Cachet</c>: <see cref="KeyRecording.None"/>, then <see cref="KeyRecording.Hash"/>, then a redactor, then
    /// <see cref="KeyRecording.Full"/>. Of two redactors nobody can say which tells less: then nothing is told.</remarks>
    /// <exception cref="ArgumentNullException">There is none.</exception>
    public KeyRecording KeyRecording
    {
        get;
        set => field = value ?? throw new ArgumentNullException(nameof(value), "The option KeyRecording has to be given: KeyRecording.None records nothing.");
    } = KeyRecording.None;
}
