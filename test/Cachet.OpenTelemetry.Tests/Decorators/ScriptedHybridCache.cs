using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Hybrid;

namespace CachetTests.Decorators;

/// <summary>A HybridCache that answers as a test says, and notes what it was asked with. Unless told otherwise it runs every factory at once.</summary>
internal sealed class ScriptedHybridCache : HybridCache
{
    /// <summary>Gives the task that the named member returns, or throws; <see langword="null"/> to run the factory.</summary>
    public Func<string, Task?> Answer { get; set; } = static _ => null;

    /// <summary>Runs before a factory, on the way to it.</summary>
    public Func<string, Task>? BeforeFactory { get; set; }

    /// <summary>The members that were called, each with its arguments.</summary>
    public ConcurrentQueue<(string Member, object?[] Arguments)> Calls { get; } = new();

    /// <summary>The types of the states that factories came with.</summary>
    public ConcurrentQueue<Type> StateTypes { get; } = new();

    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        StateTypes.Enqueue(typeof(TState));
        if (Asked("GetOrCreate", key, options, tags, cancellationToken) is { } answer) return new((Task<T>)answer);
        return BeforeFactory is null ? factory(state, cancellationToken) : LaterAsync();

        async ValueTask<T> LaterAsync()
        {
            await BeforeFactory(key);
            return await factory(state, cancellationToken);
        }
    }

    public override ValueTask SetAsync<T>(
        string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
        new(Asked("Set", key, value, options, tags, cancellationToken) ?? Task.CompletedTask);

    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) =>
        new(Asked("Remove", key, cancellationToken) ?? Task.CompletedTask);

    public override ValueTask RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default) =>
        new(Asked("RemoveMany", keys, cancellationToken) ?? Task.CompletedTask);

    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) =>
        new(Asked("RemoveByTag", tag, cancellationToken) ?? Task.CompletedTask);

    public override ValueTask RemoveByTagAsync(IEnumerable<string> tags, CancellationToken cancellationToken = default) =>
        new(Asked("RemoveByTags", tags, cancellationToken) ?? Task.CompletedTask);

    private Task? Asked(string member, params object?[] arguments)
    {
        Calls.Enqueue((member, arguments));
        return Answer(member);
    }
}
