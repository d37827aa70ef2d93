using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Serialization.SystemTextJson;

namespace CachetTests;

/// <summary>FusionCache as a hybrid cache.</summary>
internal static class FusionHybridCache
{
    public static void Register(IServiceCollection services, HybridSetup setup)
    {
        IFusionCacheBuilder builder = services.AddFusionCache()
            .WithMemoryCache(static s => s.GetRequiredService<IMemoryCache>())
            .WithSerializer(new FusionCacheSystemTextJsonSerializer())
            .WithDefaultEntryOptions(options => Apply(setup.Defaults, options))
            .AsHybridCache();
        if (setup.SecondLevel is not null) builder.WithDistributedCache(static s => s.GetRequiredService<IDistributedCache>());
    }

    // Its own options are set where it is registered; those of HybridCache come with calls only.
    private static void Apply(HybridCacheEntryOptions? from, FusionCacheEntryOptions to)
    {
        if (from?.Expiration is { } life) to.Duration = life;
        if (from?.LocalCacheExpiration is { } local) to.MemoryCacheDuration = local;
        HybridCacheEntryFlags flags = from?.Flags ?? HybridCacheEntryFlags.None;
        to.SkipMemoryCacheRead = flags.HasFlag(HybridCacheEntryFlags.DisableLocalCacheRead);
        to.SkipMemoryCacheWrite = flags.HasFlag(HybridCacheEntryFlags.DisableLocalCacheWrite);
        to.SkipDistributedCacheRead = flags.HasFlag(HybridCacheEntryFlags.DisableDistributedCacheRead);
        to.SkipDistributedCacheWrite = flags.HasFlag(HybridCacheEntryFlags.DisableDistributedCacheWrite);
    }
}

[Implementation("FusionCache", typeof(FusionCache))]
[Deviates(nameof(GetOrCreate_FirstCallerLeaves_GoesOnForTheOthers), "The factory is cancelled with its caller, and the next caller runs its own.")]
[Deviates(nameof(GetOrCreate_MutableType_IsEveryCallersOwn), "All share one instance, unless its option `EnableAutoClone` is set.")]
[Deviates(nameof(Flags_OfTheCall_ReplaceTheDefault), "The defaults are options of its own, and the flags of a call are added to them.")]
[Deviates(nameof(GetOrCreate_FactoryThrows_IsTheSameInstance), "Every caller runs its factory, one after the other, and gets what that throws.")]
[Deviates(nameof(GetOrCreate_ConcurrentCallersUncached_ShareOneRun), "Callers run their factories one after the other.")]
[Deviates(nameof(GetOrCreate_NullKey_RunsTheFactory), "`ArgumentNullException`.")]
[Deviates(nameof(Remove_NullOrEmptyKey_DoesNothing), "No key is an `ArgumentNullException`.")]
[Deviates(nameof(RemoveByTag_NullOrEmptyTag_DoesNothing), "No tag is an `ArgumentNullException`.")]
[Deviates(nameof(Set_TagWithAMeaning_Throws), "It takes both.")]
[Deviates(nameof(Remove_WhileTheFactoryRuns_LeavesNothing), "The factory's value is stored after the removal, and stays.")]
[NotRun(nameof(RemoveByTag_StoredInTheSameTick_IsGone), "It counts by a clock of its own, which does not stop.")]
[NotRun(nameof(RemoveByTag_StoredLaterInTheSameTick_Stays), "It counts by a clock of its own, which does not stop.")]
public class FusionHybridCacheTests(Form form) : HybridCacheConformance(form)
{
    private protected override void Register(IServiceCollection services, HybridSetup setup) => FusionHybridCache.Register(services, setup);
}

[Implementation("FusionCache, two levels", typeof(FusionCache))]
[DeclaredAs(typeof(FusionHybridCacheTests))]
[Deviates(
    nameof(GetOrCreate_ForeignPayload_RunsTheFactory),
    "`FusionCacheSerializationException`, unless its option `ReThrowSerializationExceptions` is off.")]
[Deviates(nameof(GetOrCreate_FieldsOnly_ComeBack), "They come back empty: its serializer for System.Text.Json leaves fields out by default.")]
[Deviates(nameof(RemoveByTag_InAnotherProcess_IsNoticed), "Not within minutes, without its backplane.")]
[NotApplicable(nameof(Serializer_Registered_IsUsed), "It has a serializer of its own for all types.")]
[NotApplicable(nameof(Serializer_Throws_ReachesTheCaller), "It has a serializer of its own for all types.")]
[NotApplicable(nameof(MaximumPayloadBytes_Exceeded_IsKeptInTheFirstLevel), "It has no largest size.")]
public class FusionTwoLevelHybridCacheTests(Form form) : TwoLevelHybridCacheConformance(form)
{
    private protected override void Register(IServiceCollection services, HybridSetup setup) => FusionHybridCache.Register(services, setup);
}
