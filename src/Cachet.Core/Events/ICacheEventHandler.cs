namespace Cachet;

/// <summary>Hears what a cache did: the seam for applications (accounting, access logs, tests).</summary>
/// <remarks>
/// <para>Called synchronously on the thread that did the work, before the operation returns, from many threads at once: keep it quick and
/// do not block. Calls of one operation carry the same request id; its tier calls come before its completion, save those of a flight that
/// outlives the caller that started it.</para>
/// <para>A handler that throws never breaks a cache operation: the fault is reported once per handler type and exception type through the event
/// source <c>Cachet</c>, and in the cache's log where it is enabled, and the next handler runs.</para>
/// </remarks>
public interface ICacheEventHandler
{
    /// <summary>A call on a tier has ended.</summary>
    /// <param name="tierEvent">What it was and came to.</param>
    void OnTierEvent(in CacheTierEvent tierEvent);

    /// <summary>An operation has completed.</summary>
    /// <param name="operationEvent">What it was and came to.</param>
    void OnOperationComplete(in CacheOperationEvent operationEvent);
}
