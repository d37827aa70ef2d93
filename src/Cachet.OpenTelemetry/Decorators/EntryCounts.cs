using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Memory;

namespace Cachet;

/// <summary>How many entries memory caches hold.</summary>
internal static class EntryCounts
{
    private const string Assembly = "Microsoft.Extensions.Caching.Memory";
    private const string MemoryCache = $"{Assembly}.MemoryCache";

    /// <summary>Of .NET's own the count; of others what their statistics say, if they keep any.</summary>
    public static long? Of(IMemoryCache cache) => IsMemoryCache(cache.GetType()) ? Count(cache) : cache.GetCurrentStatistics()?.CurrentEntryCount;

    private static bool IsMemoryCache(Type? type)
    {
        while (type is not null && (type.FullName != MemoryCache || type.Assembly.GetName().Name != Assembly)) type = type.BaseType;
        return type is not null;
    }

    // Named as text: it is in a package that applications have if they have a memory cache, and this one has no other use for.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Count")]
    private static extern int Count([UnsafeAccessorType($"{MemoryCache}, {Assembly}")] object cache);
}
