using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Distributed;

namespace Cachet;

/// <summary>Puts together the cache behind a distributed cache: memory in front of a store, or memory alone.</summary>
internal static class FaceBuilder
{
    /// <summary>Builds it.</summary>
    /// <param name="name">The cache's name.</param>
    /// <param name="configure">Sets its options.</param>
    /// <param name="registered">The store that was registered before, if there is one and the options name none.</param>
    /// <param name="services">The container, if one builds it.</param>
    /// <exception cref="ArgumentException">An option makes no sense; the message names the option, its value and the fix.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The face disposes of it.")]
    public static DistributedFace Build(
        string name, Action<CachetDistributedCacheOptions>? configure, Func<IDistributedCache>? registered = null, IServiceProvider? services = null)
    {
        var options = new CachetDistributedCacheOptions();
        configure?.Invoke(options);
        options.Validate(name);

        // A store that fails must not pass for one that has nothing: a session would be begun anew, and overwritten.
        CacheBuilder<string, FacePayload> builder = new CacheBuilder<string, FacePayload>(name, services).TierErrors(TierErrorPolicy.Throw);
        if (options.Clock is { } clock) builder.Clock(clock);
        options.AddWatchersTo(builder);
        IDistributedCache? store = options.Store ?? registered?.Invoke();
        if (store is null) builder.Memory(o => o.Capacity = options.LocalCapacity);
        else AddTiers(builder, store, options);
        return new(builder.BuildCache(), builder.Time);
    }

    private static void AddTiers(CacheBuilder<string, FacePayload> builder, IDistributedCache store, CachetDistributedCacheOptions options)
    {
        if (options.LocalTimeToLive != TimeSpan.Zero)
        {
            builder.Memory(o =>
            {
                o.Capacity = options.LocalCapacity;
                o.TimeToLive = options.LocalTimeToLive;
                o.InsertPolicy = InsertPolicy<string, FacePayload>.When(static (_, entry, _) => entry.Value.Sliding is null);
            });
        }

        // An entry has a limit, or none; when it was stored, and by whose clock, says nothing.
        var shared = new DistributedTierOptions<string, FacePayload>
        {
            Name = "l2",
            TimeToLive = Timeout.InfiniteTimeSpan,
            ClockSkew = TimeSpan.MaxValue,
        };
        string prefix = options.KeyPrefix ?? $"{builder.Name}:";
        builder.Add(new(shared, site => Tier(store, prefix, site.Time), TierKind.Distributed));
    }

    private static DistributedTier<string, FacePayload> Tier(IDistributedCache store, string prefix, TimeProvider time) => new(
        PayloadStore.Over(store, ArrayPool<byte>.Shared),
        new(prefix, string.Concat),
        new(FacePayloadSerializer.Instance),
        new FaceStoreLives(time),
        limit: Array.MaxLength);
}
