using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;

namespace Cachet;

/// <summary>Gives caches that are not Cachet's its telemetry, where there is no container. In one, <c>services.InstrumentDistributedCache(…)</c> and its
/// like do it.</summary>
public static class InstrumentedCacheExtensions
{
    /// <summary>Decorates a distributed cache: every call makes a span and a measurement, and is otherwise what it was.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="name">What it is called in telemetry, as <c>cache.name</c>.</param>
    /// <param name="tier">The tier's name, as <c>cache.tier.name</c>, where the cache is a level of the cache <paramref name="name"/>: then its calls make
    /// tier spans and tier measurements instead of operations of their own. <see langword="null"/> where it stands alone.</param>
    /// <returns>The decorated cache; <paramref name="cache"/> itself if it is decorated under that name already. It reads and writes the caller's buffers
    /// (<see cref="IBufferDistributedCache"/>) if <paramref name="cache"/> does.</returns>
    /// <remarks>
    /// <para>Results, exceptions, cancellation, and what is synchronous stay as they are. Whoever made <paramref name="cache"/> disposes of it, as before:
    /// the decorated cache is not disposable.</para>
    /// <para>A get is a <c>cache.get</c> and came to a hit or a miss, a set is a <c>cache.insert</c>, a remove a <c>cache.invalidate</c>, and a refresh a
    /// <c>cache.refresh</c>. While nobody listens, nothing is recorded, and a call costs a few field reads more.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">There is no cache.</exception>
    /// <exception cref="ArgumentException">A name is empty, or has a <c>:</c> or a control character.</exception>
    /// <exception cref="InvalidOperationException">The cache is decorated already, under another name.</exception>
    public static IDistributedCache Instrumented(this IDistributedCache cache, string name, string? tier = null)
    {
        ArgumentNullException.ThrowIfNull(cache);
        return InstrumentedDistributedCache.Of(cache, new(name, tier), TimeProvider.System);
    }

    /// <summary>Decorates a HybridCache: every call makes a span and a measurement, and so does every run of a factory; all is otherwise what it was, but
    /// for one thing: a factory always sees its caller's context.</summary>
    /// <param name="cache">The HybridCache.</param>
    /// <param name="name">What it is called in telemetry, as <c>cache.name</c>.</param>
    /// <returns>The decorated cache; <paramref name="cache"/> itself if it is decorated under that name already.</returns>
    /// <remarks>
    /// <para>A <c>GetOrCreateAsync</c> is a <c>cache.get_or_insert</c>. It came to <c>loaded</c> if its own factory ran, with a <c>cache.load</c> below it
    /// that is current meanwhile, and else to <c>hit</c>: a caller who waited for the factory of another looks like one who found the value, since a
    /// HybridCache does not tell. With <see cref="HybridCacheEntryFlags.DisableUnderlyingData"/> no factory runs; then a default value is a <c>miss</c>,
    /// even if it is the default that was stored. The flag is looked for in the options of the call only. A <c>SetAsync</c> is a <c>cache.insert</c>, a
    /// <c>RemoveAsync</c> a <c>cache.invalidate</c>, and a <c>RemoveByTagAsync</c> one whose <c>cache.scope</c> is <c>tag</c>; of several keys or tags it is
    /// one.</para>
    /// <para>.NET's own HybridCache runs the factory of a call that can be cancelled on another thread, without its caller's context. Decorated, the
    /// factory has the caller's culture, activity and other ambient values there too, whether anybody listens or not. Nothing of what it changes gets
    /// out.</para>
    /// <para>Calls on the second level belong to the operation if that is decorated as a tier of the same name, as by
    /// <see cref="Instrumented(IDistributedCache, string, string?)"/>: also where the HybridCache makes them without its caller's context, and also if the
    /// operation has ended by then. The spans of a second level that is not decorated stay where the HybridCache puts them.</para>
    /// <para>While nobody listens, nothing is recorded, and a call costs a few field reads more. It costs no memory either, but for a state that is a
    /// struct, and for calls that can be cancelled, if the factory runs.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">There is no cache.</exception>
    /// <exception cref="ArgumentException">The name is empty, or has a <c>:</c> or a control character.</exception>
    /// <exception cref="InvalidOperationException">The cache is decorated already, under another name.</exception>
    public static HybridCache Instrumented(this HybridCache cache, string name)
    {
        ArgumentNullException.ThrowIfNull(cache);
        return InstrumentedHybridCache.Of(cache, new(name), TimeProvider.System);
    }

    /// <summary>Decorates a memory cache: every call makes a span and a measurement, and is otherwise what it was; evictions and entries are counted.</summary>
    /// <param name="cache">The memory cache.</param>
    /// <param name="name">What it is called in telemetry, as <c>cache.name</c>.</param>
    /// <returns>The decorated cache; <paramref name="cache"/> itself if it is decorated under that name already. Disposing of it disposes of
    /// <paramref name="cache"/>.</returns>
    /// <remarks>
    /// <para>A lookup is a <c>cache.get</c> and came to a hit or a miss. An entry is a <c>cache.insert</c> when it is committed, that is disposed of; a
    /// memory cache does not tell whether it kept it, so one that it refuses for its size counts as inserted and then evicted. A remove is a
    /// <c>cache.invalidate</c>. <c>GetOrCreate</c>, <c>Set</c> and the other extension methods are made of these.</para>
    /// <para>Evictions are counted by reason, of the entries that were committed while somebody collected <c>cache.entry.evictions</c>; what callers
    /// remove or replace is none. <c>cache.entries</c> is the count of a <c>MemoryCache</c>; of another it is what its statistics say. The tier's name of
    /// both is <c>l1</c>.</para>
    /// <para>While nobody listens, nothing is recorded, and a call costs a few field reads more, and no memory.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">There is no cache.</exception>
    /// <exception cref="ArgumentException">The name is empty, or has a <c>:</c> or a control character.</exception>
    /// <exception cref="InvalidOperationException">The cache is decorated already, under another name.</exception>
    public static IMemoryCache Instrumented(this IMemoryCache cache, string name)
    {
        ArgumentNullException.ThrowIfNull(cache);
        return InstrumentedMemoryCache.Of(cache, new(name), TimeProvider.System, owner: null);
    }
}
