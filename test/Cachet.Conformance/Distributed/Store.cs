using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace CachetTests;

/// <summary>A distributed cache under test, and the time that it lives in.</summary>
internal abstract class Store : IAsyncDisposable
{
    public abstract IDistributedCache Cache { get; }

    /// <summary>The same in another process, where there can be one.</summary>
    public virtual IDistributedCache Elsewhere => throw new NotSupportedException("The store is in one process only.");

    public abstract DateTimeOffset Now { get; }

    /// <summary>Lets time pass for all that is stored.</summary>
    public abstract Task PassAsync(TimeSpan time);

    public abstract ValueTask DisposeAsync();
}

/// <summary>.NET's own, in memory, by a clock that is told.</summary>
internal sealed class MemoryStore : Store
{
    private readonly StoppedClock _clock = new();

    public MemoryStore() => Cache = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions { Clock = _clock }));

    public override IDistributedCache Cache { get; }

    public override DateTimeOffset Now => _clock.UtcNow;

    public override Task PassAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync() => default;
}
