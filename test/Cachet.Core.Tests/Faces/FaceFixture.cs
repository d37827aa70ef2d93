using System.Text;
using Cachet;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Time.Testing;

namespace CachetTests.Faces;

/// <summary>What is behind a distributed cache.</summary>
public enum Behind
{
    /// <summary>Memory in front of a store.</summary>
    MemoryAndStore,

    /// <summary>The store alone.</summary>
    Store,

    /// <summary>Memory alone.</summary>
    Memory,
}

/// <summary>Distributed caches over a store under a fake clock; made anew for each test.</summary>
[CancelAfter(30_000)]
public abstract class FaceFixture
{
    private protected static TimeSpan Tick { get; } = new(1);

    /// <summary>Ends waits in vain.</summary>
    private protected static CancellationToken Token => TestContext.CurrentContext.CancellationToken;

    private protected FakeTimeProvider Clock { get; private set; } = null!;

    private protected ClockedStore Store { get; private set; } = null!;

    private protected CacheEventRecorder Events { get; private set; } = null!;

    [SetUp]
    public void SetUp()
    {
        Clock = new(Rig.Start);
        Store = new(Clock);
        Events = new();
    }

    [TearDown]
    public void TearDown() => Store.Dispose();

    /// <summary>One more node, over the store of all of them, if it has one.</summary>
    private protected IBufferDistributedCache Node(
        Behind behind = Behind.MemoryAndStore, IDistributedCache? store = null, Action<CachetDistributedCacheOptions>? configure = null) =>
        Cache.DistributedCache("sessions", o =>
        {
            o.Clock = Clock;
            if (behind != Behind.Memory) o.Store = store ?? Store;
            if (behind == Behind.Store) o.LocalTimeToLive = TimeSpan.Zero;
            o.EventHandler(Events);
            configure?.Invoke(o);
        });

    private protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private protected static string? Text(byte[]? bytes) => bytes is null ? null : Encoding.UTF8.GetString(bytes);

    private protected static DistributedCacheEntryOptions Sliding(double seconds, double? limit = null) => new()
    {
        SlidingExpiration = TimeSpan.FromSeconds(seconds),
        AbsoluteExpirationRelativeToNow = limit is { } most ? TimeSpan.FromSeconds(most) : null,
    };

    private protected static DistributedCacheEntryOptions Absolute(double seconds) => new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(seconds) };
}

/// <summary>Calls by name, so that one test can tell both of the synchronous and of the asynchronous ones.</summary>
internal static class FaceCalls
{
    public static async Task<byte[]?> GetAsync(this IDistributedCache cache, string key, bool synchronously) =>
        synchronously ? cache.Get(key) : await cache.GetAsync(key);

    public static async Task SetAsync(this IDistributedCache cache, string key, byte[] value, DistributedCacheEntryOptions options, bool synchronously)
    {
        if (synchronously) cache.Set(key, value, options);
        else await cache.SetAsync(key, value, options);
    }

    public static async Task RefreshAsync(this IDistributedCache cache, string key, bool synchronously)
    {
        if (synchronously) cache.Refresh(key);
        else await cache.RefreshAsync(key);
    }

    public static async Task RemoveAsync(this IDistributedCache cache, string key, bool synchronously)
    {
        if (synchronously) cache.Remove(key);
        else await cache.RemoveAsync(key);
    }
}
