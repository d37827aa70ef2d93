using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace CachetTests.Decorators;

/// <summary>Every call that a distributed cache can be asked for, with arguments that are the same objects each time.</summary>
internal static class DistributedCalls
{
    public static readonly byte[] Value = [1, 2, 3];
    public static readonly DistributedCacheEntryOptions Options = new();
    public static readonly ArrayBufferWriter<byte> Destination = new();

    private static readonly Dictionary<string, Func<IDistributedCache, CancellationToken, object?>> _calls = new()
    {
        ["Get"] = static (c, _) => c.Get("k"),
        ["GetAsync"] = static (c, t) => c.GetAsync("k", t),
        ["Set"] = static (c, _) => Void(() => c.Set("k", Value, Options)),
        ["SetAsync"] = static (c, t) => c.SetAsync("k", Value, Options, t),
        ["Refresh"] = static (c, _) => Void(() => c.Refresh("k")),
        ["RefreshAsync"] = static (c, t) => c.RefreshAsync("k", t),
        ["Remove"] = static (c, _) => Void(() => c.Remove("k")),
        ["RemoveAsync"] = static (c, t) => c.RemoveAsync("k", t),
        ["TryGet"] = static (c, _) => ((IBufferDistributedCache)c).TryGet("k", Destination),
        ["TryGetAsync"] = static (c, t) => ((IBufferDistributedCache)c).TryGetAsync("k", Destination, t).AsTask(),
        ["SetBuffer"] = static (c, _) => Void(() => ((IBufferDistributedCache)c).Set("k", new ReadOnlySequence<byte>(Value), Options)),
        ["SetBufferAsync"] = static (c, t) => ((IBufferDistributedCache)c).SetAsync("k", new ReadOnlySequence<byte>(Value), Options, t).AsTask(),
    };

    public static IEnumerable<string> Members => _calls.Keys;

    public static bool IsAsync(string member) => member.EndsWith("Async", StringComparison.Ordinal);

    /// <summary>Calls a member; what it returns is a value, a task, or nothing.</summary>
    public static object? Call(this IDistributedCache cache, string member, CancellationToken token = default) => _calls[member](cache, token);

    /// <summary>What the member returns when all is well.</summary>
    public static object? Good(string member) => member switch
    {
        "Get" => Value,
        "GetAsync" => Task.FromResult<byte[]?>(Value),
        "TryGet" => true,
        "TryGetAsync" => Task.FromResult(true),
        _ when IsAsync(member) => Task.CompletedTask,
        _ => null,
    };

    /// <summary>A task of the type that an asynchronous member returns, in the hands of the test.</summary>
    public static (Task Task, Action Succeed, Action<Exception[]> Fail, Action<CancellationToken> Cancel) Pending(string member)
    {
        return member switch
        {
            "GetAsync" => Of<byte[]?>(Value),
            "TryGetAsync" => Of(true),
            _ => Of(0),
        };

        static (Task, Action, Action<Exception[]>, Action<CancellationToken>) Of<T>(T value)
        {
            var source = new TaskCompletionSource<T>();
            return (source.Task, () => source.SetResult(value), source.SetException, source.SetCanceled);
        }
    }

    private static object? Void(Action call)
    {
        call();
        return null;
    }
}
