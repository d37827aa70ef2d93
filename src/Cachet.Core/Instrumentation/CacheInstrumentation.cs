namespace Cachet;

/// <summary>The seam for instrumentation assemblies: a begin and an end around every operation, tier call, load and refresh.</summary>
/// <remarks>
/// <para>What a begin makes current (a span) stays current while the work runs. Begin and end of an operation may run on different threads; no
/// begin leaves anything current in a caller that has been returned to, because the cache calls <see cref="CacheScope.Leave"/>.</para>
/// <para>An end runs with the instrumentation that began it, even if that was detached meanwhile. Ends must restore what their begin
/// changed. Members must not throw: they run on the callers' path.</para>
/// <para>Keys are handed over by reference, generic, so that nothing is boxed or formatted unless it is recorded.</para>
/// </remarks>
public abstract class CacheInstrumentation
{
    private static readonly Lock _gate = new();
    private static readonly List<(CacheInstrumentation Instance, int References)> _attachments = [];
    private static volatile CacheInstrumentation? _attached;

    /// <summary>Whether anybody listens at all. Asked at every operation: keep it to a few field reads.</summary>
    public abstract bool IsEnabled { get; }

    /// <summary>What is attached to every cache of the process: nothing, one, or a composite of several.</summary>
    internal static CacheInstrumentation? Attached => _attached;

    /// <summary>Attaches an instrumentation to every cache of the process, whether built before or after.</summary>
    /// <param name="instrumentation">The instrumentation. References are counted per instance: attached twice, it still records every operation
    /// once, and stays until both are disposed.</param>
    /// <returns>Dispose it to detach. Operations under way end with the instrumentation that began them.</returns>
    /// <exception cref="ArgumentNullException">There is no instrumentation.</exception>
    public static IDisposable Attach(CacheInstrumentation instrumentation)
    {
        ArgumentNullException.ThrowIfNull(instrumentation);
        Count(instrumentation, +1);
        return new Attachment(instrumentation);
    }

    /// <summary>Every cache that is alive, built before the attachment or after, for what is observed rather than recorded
    /// (<see cref="TierDescriptor.EntryCount"/>).</summary>
    /// <returns>A snapshot; hold it no longer than the observation takes, or the caches cannot be collected.</returns>
    public static IReadOnlyList<CacheDescriptor> LiveCaches() => CacheRegistry.Snapshot();

    /// <summary>An operation begins.</summary>
    /// <typeparam name="TKey">The type of the key.</typeparam>
    /// <param name="cache">The cache.</param>
    /// <param name="operation">What it was asked to do.</param>
    /// <param name="key">The key; the default for a clear.</param>
    /// <returns>The scope; <em>none</em> takes the operation, its tiers and its load off the observed path.</returns>
    public abstract CacheScope BeginOperation<TKey>(CacheDescriptor cache, CacheOperation operation, in TKey key);

    /// <summary>An operation ends.</summary>
    /// <param name="scope">What its begin returned.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="servedBy">The tier that served it, of a hit.</param>
    /// <param name="followed">Of a coalesced operation, the state that the leader's load, or else the leader's operation, began with.</param>
    /// <param name="operationEvent">What handlers are told.</param>
    public abstract void EndOperation(
        in CacheScope scope, CacheDescriptor cache, TierDescriptor? servedBy, object? followed, in CacheOperationEvent operationEvent);

    /// <summary>A call on a tier begins. Not called where the operation began without a state: there is nothing that the call could be a part
    /// of.</summary>
    /// <typeparam name="TKey">The type of the key.</typeparam>
    /// <param name="tier">The tier.</param>
    /// <param name="operation">What it was asked to do.</param>
    /// <param name="key">The key; the default for a clear.</param>
    /// <param name="parent">The scope of the operation, or of the refresh, that it belongs to.</param>
    /// <param name="sinceParentNanoseconds">How long after its parent it begins, by the cache's clock; <see langword="null"/> where nothing is
    /// timed.</param>
    /// <returns>The scope; <em>none</em> if there is nothing to restore at the end.</returns>
    public abstract CacheScope BeginTier<TKey>(
        TierDescriptor tier, CacheOperation operation, in TKey key, in CacheScope parent, long? sinceParentNanoseconds);

    /// <summary>A call on a tier ends. Called for every tier call of an observed operation, whatever its begin returned.</summary>
    /// <param name="scope">What its begin returned.</param>
    /// <param name="tier">The tier.</param>
    /// <param name="tierEvent">What handlers are told.</param>
    public abstract void EndTier(in CacheScope scope, TierDescriptor tier, in CacheTierEvent tierEvent);

    /// <summary>A loader begins.</summary>
    /// <typeparam name="TKey">The type of the key.</typeparam>
    /// <param name="cache">The cache.</param>
    /// <param name="key">The key.</param>
    /// <param name="parent">The scope of the leader's operation, or of the refresh.</param>
    /// <param name="sinceParentNanoseconds">How long after its parent it begins; <see langword="null"/> where nothing is timed.</param>
    /// <returns>The scope; <em>none</em> if there is nothing to restore at the end.</returns>
    public abstract CacheScope BeginLoad<TKey>(CacheDescriptor cache, in TKey key, in CacheScope parent, long? sinceParentNanoseconds);

    /// <summary>A loader ends. Called for every load of an observed operation, whatever its begin returned.</summary>
    /// <param name="scope">What its begin returned.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="loadEvent">What it came to.</param>
    public abstract void EndLoad(in CacheScope scope, CacheDescriptor cache, in CacheLoadEvent loadEvent);

    /// <summary>A background refresh begins, on a thread of its own and without the execution context of the call that triggered it.</summary>
    /// <typeparam name="TKey">The type of the key.</typeparam>
    /// <param name="cache">The cache.</param>
    /// <param name="key">The key.</param>
    /// <param name="trigger">The state that the triggering operation began with, to link to; <see langword="null"/> if it was not recorded.</param>
    /// <returns>The scope.</returns>
    public abstract CacheScope BeginRefresh<TKey>(CacheDescriptor cache, in TKey key, object? trigger);

    /// <summary>A background refresh ends.</summary>
    /// <param name="scope">What its begin returned.</param>
    /// <param name="cache">The cache.</param>
    /// <param name="servedBy">The tier that had something newer, if one had.</param>
    /// <param name="operationEvent">What handlers are told.</param>
    public abstract void EndRefresh(
        in CacheScope scope, CacheDescriptor cache, TierDescriptor? servedBy, in CacheOperationEvent operationEvent);

    /// <summary>Makes current again what a begin made current, where the end comes in a context of somebody else: after an await of a caller that had
    /// suppressed the flow of its context. Called before logs and handlers are told of the end, and only where <see cref="CacheScope.IsFlowSuppressed"/>.
    /// Does nothing unless overridden.</summary>
    /// <param name="scope">What the begin returned.</param>
    /// <returns>Disposed after the end, to give that somebody back what was current; <see langword="null"/> if nothing had to be changed.</returns>
    public virtual IDisposable? Reenter(in CacheScope scope) => null;

    /// <summary>A tier evicted an entry of its own accord, on any thread. Does nothing unless overridden.</summary>
    /// <param name="tier">The tier.</param>
    /// <param name="tierEvent">What handlers are told: the reason, no duration, and the request id of the insert that caused it, or 0.</param>
    public virtual void OnEviction(TierDescriptor tier, in CacheTierEvent tierEvent)
    {
    }

    private static void Count(CacheInstrumentation instance, int change)
    {
        lock (_gate)
        {
            int i = _attachments.FindIndex(a => ReferenceEquals(a.Instance, instance));
            int references = (i < 0 ? 0 : _attachments[i].References) + change;
            if (i < 0) _attachments.Add((instance, references));
            else if (references == 0) _attachments.RemoveAt(i);
            else _attachments[i] = (instance, references);
            _attached = CompositeInstrumentation.Of([.. _attachments.Select(static a => a.Instance)]);
        }
    }

    private sealed class Attachment(CacheInstrumentation instance) : IDisposable
    {
        private CacheInstrumentation? _instance = instance;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _instance, null) is { } attached) Count(attached, -1);
        }
    }
}
