using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests.Consumers;

/// <summary>Takes down which methods of a store are called, and whether by a thread that is reading a session.</summary>
/// <remarks>A proxy, so that no method of the store is left out.</remarks>
[SuppressMessage("Performance", "CA1852", Justification = "What it makes at run time derives from it.")]
internal class WatchedStore : DispatchProxy
{
    private IBufferDistributedCache _inner = null!;
    private ConcurrentQueue<StoreCall> _calls = null!;

    public static IBufferDistributedCache Around(IBufferDistributedCache inner, ConcurrentQueue<StoreCall> calls)
    {
        IBufferDistributedCache watched = Create<IBufferDistributedCache, WatchedStore>();
        var proxy = (WatchedStore)(object)watched;
        proxy._inner = inner;
        proxy._calls = calls;
        return watched;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _calls.Enqueue(new(targetMethod!.Name, SessionRead.IsOnThisThread));
        try
        {
            return targetMethod.Invoke(_inner, args);
        }
        catch (TargetInvocationException wrapped)
        {
            ExceptionDispatchInfo.Throw(wrapped.InnerException!);
            throw;
        }
    }
}

/// <summary>A call on a store.</summary>
/// <param name="Method">Its method.</param>
/// <param name="InARead">Whether the thread that made it was reading a session.</param>
internal sealed record StoreCall(string Method, bool InARead);
